/** A piece of an XML document: a start tag, an end tag, or text; entities are decoded. */
export type XmlToken =
  | { type: 'open'; name: string; attributes: [string, string][]; empty: boolean }
  | { type: 'close'; name: string }
  | { type: 'text'; text: string }

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' }

function decode(text: string): string {
  return text.replace(/&(#x[0-9a-f]+|#\d+|\w+);/gi, (whole, name: string) => {
    if (name.startsWith('#')) {
      const code = /^#x/i.test(name) ? parseInt(name.slice(2), 16) : Number(name.slice(1))
      return code <= 0x10ffff ? String.fromCodePoint(code) : ''
    }
    return entities[name] ?? whole
  })
}

// What XML 1.0 can't hold, even escaped.
const illegal = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu

/** Text for between tags. */
export const escapeText = (text: string): string =>
  text.replace(illegal, '').replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')

/** Text for an attribute in double quotes. */
export const escapeAttribute = (text: string): string => escapeText(text).replace(/"/g, '&quot;')

const attribute = /([^\s=/>"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'))?/g
const pieces =
  /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[[\s\S]*?\]\]>|<\/([^\s>]+)\s*>|<([^\s/>!?]+)((?:[^"'>]|"[^"]*"|'[^']*')*?)(\/?)>|([^<]+)/g

/** Tokens of markup that a framework or a browser wrote; comments and instructions are left out. */
export function tokenizeXml(markup: string): XmlToken[] {
  const tokens: XmlToken[] = []
  for (const [, closed, opened, attributes = '', slash, text] of markup.matchAll(pieces)) {
    if (closed !== undefined) tokens.push({ type: 'close', name: closed })
    else if (opened !== undefined) {
      const pairs = [...attributes.matchAll(attribute)].map(([, name = '', double, single]): [string, string] => {
        return [name, decode(double ?? single ?? '')]
      })
      tokens.push({ type: 'open', name: opened, attributes: pairs, empty: slash === '/' })
    } else if (text !== undefined) tokens.push({ type: 'text', text: decode(text) })
  }
  return tokens
}
