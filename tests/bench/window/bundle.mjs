import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { row } from './numbers.mjs'

/** The files that the page at `folder` names, directly or through others: older builds may lie beside them. */
function filesOfPage(folder) {
  const assets = readdirSync(join(folder, 'assets'))
  const found = new Set(['index.html'])
  for (const file of found) {
    if (!/\.(html|js|css)$/.test(file)) continue
    const text = readFileSync(join(folder, file), 'utf8')
    for (const name of assets) if (text.includes(name)) found.add(`assets/${name}`)
  }
  return [...found]
}

/** Rows on the compressed size of the page. */
export function measureBundle(folder) {
  const kilobytes = (files) =>
    files.reduce((sum, file) => sum + gzipSync(readFileSync(join(folder, file))).length, 0) / 1000
  const all = filesOfPage(folder)
  return [
    row('scripts and styles, gzipped', 'kB', [kilobytes(all.filter((file) => /\.(js|css)$/.test(file)))], {
      target: 1000
    }),
    row('the whole page with fonts, gzipped', 'kB', [kilobytes(all)], { target: 1000 })
  ]
}
