import type { FigureStyle, ThemeName } from './types.ts'

/** Colours and strokes of a figure, all as presentation attributes. */
export type Theme = {
  name: ThemeName
  background: string
  /** Tint behind a panel. */
  panel: string
  /** Texts that carry the message. */
  ink: string
  /** Axis texts and notes. */
  muted: string
  axis: string
  grid: string
  /** Points that are not highlighted. */
  faint: string
  lineWidth: number
  axisWidth: number
  bandOpacity: number
}

const colours = {
  light: {
    background: '#ffffff',
    panel: '#f7f8fa',
    ink: '#1b2027',
    muted: '#596273',
    axis: '#8a93a2',
    grid: '#e4e7ec',
    faint: '#bcc2cb',
    bandOpacity: 0.16
  },
  dark: {
    background: '#14171c',
    panel: '#1a1e25',
    ink: '#eceff4',
    muted: '#a3acba',
    axis: '#6d7684',
    grid: '#2a303a',
    faint: '#566070',
    bandOpacity: 0.24
  }
} as const

export const fontFamily = "'IBM Plex Sans', sans-serif"
/** Font sizes in pixels; nothing in a figure is smaller than `small`. */
export const fontSize = { title: 16, row: 13, label: 12, small: 11 } as const

/** Tokens of a theme in a style. */
export function themeOf(name: ThemeName, style: FigureStyle): Theme {
  const paper = style === 'paper'
  const tokens = colours[name]
  return {
    ...tokens,
    name,
    panel: paper ? tokens.background : tokens.panel,
    axis: paper ? tokens.muted : tokens.axis,
    lineWidth: paper ? 2 : 1.6,
    axisWidth: paper ? 1.2 : 1
  }
}
