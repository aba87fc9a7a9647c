import { tokenizeXml } from '../../src-main/export/xml.ts'
import { textWidth } from '../../src-renderer/figures/text-width.ts'

/** A text of a picture with the rectangle it covers, rotation by a quarter turn included. */
export type TextBox = { text: string; left: number; right: number; top: number; bottom: number; size: number }

/** Attributes of every element of the picture. */
export function readElements(svg: string): { name: string; attributes: Map<string, string> }[] {
  return tokenizeXml(svg).flatMap((token) =>
    token.type === 'open' ? [{ name: token.name, attributes: new Map(token.attributes) }] : []
  )
}

/** Throws where an element is closed that is not open, or one stays open. */
export function checkWellFormed(svg: string): void {
  const open: string[] = []
  for (const token of tokenizeXml(svg)) {
    if (token.type === 'open' && !token.empty) open.push(token.name)
    if (token.type === 'close') {
      const last = open.pop()
      if (last !== token.name) throw new Error(`</${token.name}> closes <${last}>.`)
    }
  }
  if (open.length > 0) throw new Error(`<${open.join('> <')}> stays open.`)
}

/** Every text of the picture and where it stands. */
export function measureTexts(svg: string): TextBox[] {
  const boxes: TextBox[] = []
  let current: Map<string, string> | null = null
  let base = 11
  for (const token of tokenizeXml(svg)) {
    if (token.type === 'open' && token.name === 'svg') base = Number(new Map(token.attributes).get('font-size'))
    if (token.type === 'open') current = token.name === 'text' ? new Map(token.attributes) : null
    if (token.type === 'close') current = null
    if (token.type !== 'text' || current === null) continue
    const number = (name: string, fallback: number): number => Number(current?.get(name) ?? fallback)
    const size = number('font-size', base)
    const weight = current.get('font-weight') === '600' ? 'semiBold' : 'regular'
    const length = textWidth(token.text, size, weight)
    const anchor = current.get('text-anchor') ?? 'start'
    const before = anchor === 'middle' ? length / 2 : anchor === 'end' ? length : 0
    const [x, y] = [number('x', 0), number('y', 0)]
    const [ascent, descent] = [0.72 * size, 0.2 * size]
    const upright = current.get('transform')?.startsWith('rotate(-90 ')
    boxes.push(
      upright
        ? { text: token.text, size, left: x - ascent, right: x + descent, top: y - length + before, bottom: y + before }
        : { text: token.text, size, left: x - before, right: x - before + length, top: y - ascent, bottom: y + descent }
    )
  }
  return boxes
}

/** Texts that stick out of the picture. */
export function findClipped(svg: string): string[] {
  const [, , width = 0, height = 0] = (readElements(svg)[0]?.attributes.get('viewBox') ?? '').split(' ').map(Number)
  return measureTexts(svg)
    .filter(({ left, right, top, bottom }) => left < 0 || top < 0 || right > width || bottom > height)
    .map(({ text }) => text)
}

/** Pairs of texts that cover each other by more than half a pixel. */
export function findOverlaps(svg: string): string[] {
  const boxes = measureTexts(svg)
  return boxes.flatMap((a, i) =>
    boxes
      .slice(i + 1)
      .filter(
        (b) =>
          Math.min(a.right, b.right) - Math.max(a.left, b.left) > 0.5 &&
          Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 0.5
      )
      .map((b) => `${a.text} | ${b.text}`)
  )
}
