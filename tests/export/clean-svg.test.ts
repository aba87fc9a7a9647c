import { expect, test } from 'vitest'
import { cleanSvg } from '../../src-main/export/clean-svg.ts'

const head = '<?xml version="1.0" encoding="UTF-8"?>\n'

test('markup of the server side and of a browser become the same file', () => {
  const server =
    '<!--[--><svg width="10" height="5"><!--[0--><rect fill="red" x="1"></rect> <text x="2">a &lt; b</text><!--]--></svg><!--]-->'
  const browser =
    '<svg height="5" width="10" xmlns="http://www.w3.org/2000/svg"><rect x="1" fill="red"/><text x="2">a &lt; b</text></svg>'
  expect(cleanSvg(server)).toBe(cleanSvg(browser))
  expect(cleanSvg(server)).toBe(
    `${head}<svg height="5" width="10" xmlns="http://www.w3.org/2000/svg">\n<rect fill="red" x="1"/>\n<text x="2">a &lt; b</text>\n</svg>\n`
  )
})

test('what is for the screen only is left out with all it holds', () => {
  const svg = cleanSvg(
    '<svg><g data-screen-only=""><g><path d="M0,0"/></g><text>x</text></g><g data-screen-only/><path d="M1,1"/></svg>'
  )
  expect(svg).toBe(`${head}<svg xmlns="http://www.w3.org/2000/svg">\n<path d="M1,1"/>\n</svg>\n`)
})

test('title and description are escaped and come first', () => {
  const svg = cleanSvg('<svg><g></g></svg>', { title: 'a < b & "c"', description: 'd\u0000e' })
  expect(svg).toContain('<title>a &lt; b &amp; "c"</title>\n<desc>de</desc>\n<g/>')
})

test('cleaning twice changes nothing', () => {
  const once = cleanSvg(
    '<svg viewBox="0 0 1 1"><text>x &amp; <tspan dy="1">y</tspan></text><g a="&quot;&gt;"></g></svg>'
  )
  expect(cleanSvg(once)).toBe(once)
})
