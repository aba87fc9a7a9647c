// Writes the PNGs in resources/icons from icon.svg: `icon.png` for Mac and Windows, whose formats electron-builder makes
// of it, `icon-512.png` for windows of the desktop, and a folder of sizes for Linux. Needs the packages.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Resvg } from '@resvg/resvg-js'

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'resources', 'icons')

/** Sizes that Linux desktops look for, pixels. */
export const linuxSizes = [16, 24, 32, 48, 64, 128, 256, 512]

/** The icon as PNGs: bytes by their path below resources/icons. */
export function renderIcons(svg = readFileSync(join(folder, 'icon.svg'), 'utf8')) {
  const png = (size) => new Resvg(svg, { fitTo: { mode: 'width', value: size } }).render().asPng()
  const files = { 'icon.png': png(1024), 'icon-512.png': png(512) }
  for (const size of linuxSizes) files[`linux/${size}x${size}.png`] = png(size)
  return files
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  mkdirSync(join(folder, 'linux'), { recursive: true })
  for (const [name, bytes] of Object.entries(renderIcons())) writeFileSync(join(folder, name), bytes)
}
