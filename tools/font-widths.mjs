// Writes src-renderer/figures/glyph-widths.ts from the fonts: the advance of every glyph that a figure is likely to draw.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = new URL('../', import.meta.url)
/** Basic Latin, Latin-1, Latin Extended-A, Greek, Cyrillic, punctuation, currency, arrows, operators. */
const ranges = [
  [0x20, 0x7e],
  [0xa0, 0x17f],
  [0x370, 0x3ff],
  [0x400, 0x45f],
  [0x2010, 0x2044],
  [0x2070, 0x208e],
  [0x20ac, 0x20ac],
  [0x2122, 0x2122],
  [0x2190, 0x2193],
  [0x2200, 0x2265]
]

/** Offset of each table of a TrueType file, by its tag. */
function readTables(view) {
  const tables = {}
  for (let i = 0; i < view.getUint16(4); i++) {
    const record = 12 + 16 * i
    const tag = String.fromCharCode(...[0, 1, 2, 3].map((k) => view.getUint8(record + k)))
    tables[tag] = view.getUint32(record + 8)
  }
  return tables
}

/** Glyph of a code point by a format 4 subtable of `cmap`; 0 where the font has none. */
function findGlyph(view, cmap, code) {
  const segments = view.getUint16(cmap + 6) / 2
  const [ends, starts] = [cmap + 14, cmap + 16 + 2 * segments]
  const [deltas, offsets] = [starts + 2 * segments, starts + 4 * segments]
  for (let i = 0; i < segments; i++) {
    if (view.getUint16(ends + 2 * i) < code) continue
    const start = view.getUint16(starts + 2 * i)
    if (start > code) return 0
    const offset = view.getUint16(offsets + 2 * i)
    const delta = view.getUint16(deltas + 2 * i)
    if (offset === 0) return (code + delta) & 0xffff
    const glyph = view.getUint16(offsets + 2 * i + offset + 2 * (code - start))
    return glyph === 0 ? 0 : (glyph + delta) & 0xffff
  }
  return 0
}

/** Advances in thousandths of the font size, by code point. */
function readWidths(file) {
  const bytes = readFileSync(fileURLToPath(new URL(`resources/fonts/${file}`, root)))
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const tables = readTables(view)
  const unitsPerEm = view.getUint16(tables.head + 18)
  const metrics = view.getUint16(tables.hhea + 34)
  const subtables = Array.from({ length: view.getUint16(tables.cmap + 2) }, (_, i) => {
    return tables.cmap + view.getUint32(tables.cmap + 4 + 8 * i + 4)
  })
  const cmap = subtables.find((at) => view.getUint16(at) === 4)
  if (cmap === undefined) throw new Error(`${file} has no character map of format 4.`)
  const widths = {}
  for (const [first, last] of ranges) {
    for (let code = first; code <= last; code++) {
      const glyph = findGlyph(view, cmap, code)
      if (glyph === 0) continue
      const advance = view.getUint16(tables.hmtx + 4 * Math.min(glyph, metrics - 1))
      widths[code] = Math.round((1000 * advance) / unitsPerEm)
    }
  }
  return widths
}

const format = (widths) => {
  const cells = Object.entries(widths).map(([code, width]) => `${code}: ${width}`)
  const lines = []
  for (let i = 0; i < cells.length; i += 12) lines.push(`  ${cells.slice(i, i + 12).join(', ')}`)
  return `{\n${lines.join(',\n')}\n}`
}

writeFileSync(
  fileURLToPath(new URL('src-renderer/figures/glyph-widths.ts', root)),
  `// Written by tools/font-widths.mjs; do not edit.

/** Advance widths of IBM Plex Sans Regular by code point, in thousandths of the font size. */
// prettier-ignore
export const regularWidths: Readonly<Record<number, number>> = ${format(readWidths('IBMPlexSans-Regular.ttf'))}

/** Advance widths of IBM Plex Sans SemiBold by code point, in thousandths of the font size. */
// prettier-ignore
export const semiBoldWidths: Readonly<Record<number, number>> = ${format(readWidths('IBMPlexSans-SemiBold.ttf'))}
`
)
