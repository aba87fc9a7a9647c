import { escapeAttribute, escapeText, tokenizeXml, type XmlToken } from './xml.ts'

export type CleanSvgOptions = {
  /** For people who can't see the picture, and for the file's reader. */
  title?: string
  description?: string
}

type Open = Extract<XmlToken, { type: 'open' }>
const holdsText = new Set(['text', 'tspan', 'title', 'desc'])
const namespace = 'http://www.w3.org/2000/svg'

function openTag({ name, attributes }: Open, isRoot: boolean): string {
  const own = attributes.filter(([key]) => key !== 'xmlns')
  const all = isRoot ? [...own, ['xmlns', namespace] as [string, string]] : own
  // The order differs between rendering on the server side and in a browser.
  const sorted = [...all].sort(([a], [b]) => (a < b ? -1 : 1))
  return `<${name}${sorted.map(([key, value]) => ` ${key}="${escapeAttribute(value)}"`).join('')}`
}

/**
 * A figure's markup as the text of an SVG file: one canonical form, whether the markup comes from rendering on the server
 * side or from a browser. Comments and elements with `data-screen-only` are left out, attributes are sorted.
 */
export function cleanSvg(markup: string, options: CleanSvgOptions = {}): string {
  const lines: string[] = []
  const open: string[] = []
  let hidden = 0
  let pending: string | null = null
  let text = ''
  const flushOpen = (end: string): void => {
    if (pending !== null) text += pending + end
    pending = null
  }
  const endLine = (): void => {
    if (text !== '') lines.push(text)
    text = ''
  }
  for (const token of tokenizeXml(markup)) {
    if (hidden > 0) {
      if (token.type === 'open' && !token.empty) hidden++
      if (token.type === 'close') hidden--
      continue
    }
    const inText = open.some((name) => holdsText.has(name))
    if (token.type === 'open') {
      if (open.length === 0 && token.name !== 'svg') continue
      if (token.attributes.some(([key]) => key === 'data-screen-only')) {
        hidden = token.empty ? 0 : 1
        continue
      }
      flushOpen('>')
      if (!inText) endLine()
      const isRoot = open.length === 0
      pending = openTag(token, isRoot)
      if (isRoot) {
        flushOpen('>')
        endLine()
        if (options.title) lines.push(`<title>${escapeText(options.title)}</title>`)
        if (options.description) lines.push(`<desc>${escapeText(options.description)}</desc>`)
      }
      if (token.empty) flushOpen('/>')
      else open.push(token.name)
    } else if (token.type === 'close') {
      if (open.length === 0) continue
      const name = open.pop() ?? token.name
      if (pending !== null) flushOpen('/>')
      else {
        if (!inText) endLine()
        text += `</${name}>`
      }
      if (open.length === 0) break
    } else if (inText) {
      flushOpen('>')
      text += escapeText(token.text)
    }
  }
  endLine()
  return `<?xml version="1.0" encoding="UTF-8"?>\n${lines.join('\n')}\n`
}
