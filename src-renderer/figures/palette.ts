import { scaleLinear } from 'd3'
import { shapes, type Shape } from './markers.ts'
import type { ThemeName } from './types.ts'

/**
 * Class hues: M. A. Petroff, 'Accessible color sequences for data visualization' (arXiv:2107.02270), ten colours; the dark
 * theme lightens those that would sink into its background.
 */
const classHues = {
  light: ['#3f90da', '#ffa90e', '#bd1f01', '#94a4a2', '#832db6', '#a96b59', '#e76300', '#b9ac70', '#5d6169', '#56b8bd'],
  dark: ['#4f9fe8', '#ffb327', '#f0553a', '#a9b8b6', '#b57be0', '#c98b78', '#ff8a3c', '#cfc48a', '#8b909a', '#92dadd']
} as const

/** Ordinal ramp over exits: the deeper the exit, the further from the background; the hue is the same in both themes. */
const exitStops = {
  light: ['#4fb79a', '#2b8fb0', '#3a5fa8', '#2b2367'],
  dark: ['#2f9a7d', '#46acd2', '#93b8ff', '#e2dbff']
} as const

const exitRamps = {
  light: scaleLinear<string>()
    .domain([0, 1 / 3, 2 / 3, 1])
    .range(exitStops.light),
  dark: scaleLinear<string>()
    .domain([0, 1 / 3, 2 / 3, 1])
    .range(exitStops.dark)
}

/** Colour of an exit (1-based) of a network with `exits` exits. */
export function exitColor(exit: number, exits: number, theme: ThemeName): string {
  return exitRamps[theme](exits <= 1 ? 1 : Math.min(1, Math.max(0, (exit - 1) / (exits - 1))))
}

const dashes = ['', '7 3', '2 2.5', '9 3 2 3', '14 4', '5 2 1.5 2 1.5 2', '1 4', '9 2 4 2', '3 6'] as const

/** How a compared checkpoint, or a group of seeds, is told from the others: dash and marker, never colour. */
export type SubjectLook = { dash: string; shape: Shape; hollow: boolean }

/** Look of the subject at a place in the report's order; nine differ. */
export function subjectLook(index: number): SubjectLook {
  return {
    dash: dashes[index % dashes.length] ?? '',
    shape: shapes[index % dashes.length] ?? 'circle',
    hollow: index % 2 === 1
  }
}

/** Colour and marker of a class. */
export type ClassLook = { color: string; shape: Shape; highlighted: boolean }

/** Most classes that get a hue each; above, up to 8 are highlighted among grey. */
export const mostHues = classHues.light.length
export const mostHighlighted = 8

/** Looks of `classes` classes; `highlight` (class numbers) is used where there are too many for a hue each. */
export function classLooks(
  classes: number,
  highlight: readonly number[],
  theme: ThemeName,
  faint: string
): ClassLook[] {
  const hues = classHues[theme]
  const look = (at: number): ClassLook => ({
    color: hues[at % hues.length] ?? faint,
    shape: shapes[at % shapes.length] ?? 'circle',
    highlighted: true
  })
  if (classes <= mostHues) return Array.from({ length: classes }, (_, i) => look(i))
  const chosen = [...new Set(highlight)].slice(0, mostHighlighted)
  return Array.from({ length: classes }, (_, i) =>
    chosen.includes(i) ? look(chosen.indexOf(i)) : { color: faint, shape: 'circle' as const, highlighted: false }
  )
}

/** Classes highlighted unless the caller chooses: eight, evenly over the class numbers. */
export function defaultHighlight(classes: number): number[] {
  if (classes <= mostHues) return []
  return Array.from({ length: mostHighlighted }, (_, i) => Math.floor((i * classes) / mostHighlighted))
}
