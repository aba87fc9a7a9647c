import { regularWidths, semiBoldWidths } from './glyph-widths.ts'

export type FontWeight = 'regular' | 'semiBold'

/** Width in pixels of a text in IBM Plex Sans, without kerning; a character that the font lacks counts as one em. */
export function textWidth(text: string, size: number, weight: FontWeight = 'regular'): number {
  const widths = weight === 'semiBold' ? semiBoldWidths : regularWidths
  let sum = 0
  for (const character of text) sum += widths[character.codePointAt(0) ?? 0] ?? 1000
  return (sum * size) / 1000
}

// What XML 1.0 can't hold, and what would draw over its neighbours (direction marks, combining accents without a base).
const unprintable =
  /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]/gu

/** A name as one printable line. */
export function cleanText(text: string): string {
  return text.replace(unprintable, ' ').replace(/\s+/g, ' ').trim()
}

/** The text, or its start and an ellipsis so that it fits `width` pixels; empty where not even that fits. */
export function ellipsize(text: string, width: number, size: number, weight: FontWeight = 'regular'): string {
  const clean = cleanText(text)
  if (textWidth(clean, size, weight) <= width) return clean
  const room = width - textWidth('…', size, weight)
  if (room < 0) return ''
  let sum = 0
  let kept = ''
  for (const character of clean) {
    sum += textWidth(character, size, weight)
    if (sum > room) break
    kept += character
  }
  return `${kept.trimEnd()}…`
}

/** Lines of a text broken at spaces to fit `width` pixels; a word that is too long is cut with an ellipsis. */
export function wrapText(text: string, width: number, size: number, weight: FontWeight = 'regular'): string[] {
  const lines: string[] = []
  for (const word of cleanText(text).split(' ')) {
    const last = lines.at(-1)
    const longer = last === undefined ? word : `${last} ${word}`
    if (last !== undefined && textWidth(longer, size, weight) <= width) lines[lines.length - 1] = longer
    else lines.push(ellipsize(word, width, size, weight))
  }
  return lines.filter((line) => line !== '')
}
