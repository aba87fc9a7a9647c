import type { App } from '../app.ts'
import { defaultChoice, renderExport } from './export-figure.ts'
import type { ShownFigure } from './shown-figure.ts'

export { describeCommand } from './command-text.ts'
export { describeMethods } from './methods-text.ts'

/** Puts a figure on the clipboard as it is on screen, as a PNG of twice its size. Throws UserError. */
export async function copyPicture(app: Pick<App, 'shell'>, figure: ShownFigure): Promise<void> {
  const choice = defaultChoice(figure)
  const png = await renderExport(app, figure, { ...choice, ...figure.size, format: 'png', theme: figure.theme })
  await app.shell.copyImage(png)
}
