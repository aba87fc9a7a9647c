import { flushSync, mount, unmount, type Component } from 'svelte'
import type { FigureFormat } from '../../src-shared/shell-contract.ts'
import type { App } from '../app.ts'
import type { FigureStyle, ThemeName } from '../figures/index.ts'

/** What a figure of this view takes, besides its data. */
export type DrawnFigure = {
  width: number
  height: number
  theme: ThemeName
  figureStyle: FigureStyle
  title?: string | undefined
  /** Start of every id in the picture. */
  id: string
}

/** A figure that no probe has made: its component with its data, its name, and its numbers. */
export type Drawing = {
  component: Component<DrawnFigure & Record<string, unknown>>
  props: Record<string, unknown>
  /** Of its file, without ending. */
  name: string
  title: string
  /** Comma-separated text. */
  csv: () => string
}

/** Of a figure's file, pixels. */
const fileSize = { width: 720, height: 320 }

/** The bytes of a figure's file: light, as other figures are written. Throws UserError. */
export async function renderDrawing(
  { shell }: Pick<App, 'shell'>,
  { component, props, title, csv }: Drawing,
  format: FigureFormat
): Promise<Uint8Array<ArrayBuffer>> {
  if (format === 'csv') return new TextEncoder().encode(csv())
  const target = document.createElement('div')
  const own = { ...fileSize, theme: 'light' as const, figureStyle: 'screen' as const, title, id: 'inspect' }
  const mounted = mount(component, { target, props: { ...props, ...own } })
  flushSync()
  const source = target.innerHTML
  void unmount(mounted)
  const request = { format, source, title: title.slice(0, 300), description: title, density: 2 }
  const { bytes } = await shell.renderFile({ ...request, createdAt: new Date().toISOString() })
  return bytes as Uint8Array<ArrayBuffer>
}

/** Saves a figure's file; gives where it went, null where no place was chosen. Throws UserError. */
export async function saveDrawing(
  app: Pick<App, 'shell'>,
  drawing: Drawing,
  format: FigureFormat
): Promise<string | null> {
  return app.shell.save(`${drawing.name}.${format}`, await renderDrawing(app, drawing, format))
}

/** A name that every disk takes, of what a tensor or a checkpoint is called. */
export const fileNameOf = (text: string): string => text.replace(/[^\w.-]+/g, '-').slice(0, 100) || 'figure'
