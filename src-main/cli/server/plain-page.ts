import type { ServerResponse } from 'node:http'
import { policyOfStyle } from './security-headers.ts'

const style = `
:root { color-scheme: light dark; --paper: #fbfaf8; --ink: #1d1c1a; --quiet: #66625c; --line: #d9d5ce; }
@media (prefers-color-scheme: dark) { :root { --paper: #171614; --ink: #eceae6; --quiet: #a19c94; --line: #35322e; } }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 34rem; margin: 32px; padding-top: 16px; border-top: 2px solid var(--ink); }
p { margin: 0 0 16px; }
h1 { margin: 0 0 24px; font-size: 16px; font-weight: 600; }
small { display: block; padding-top: 16px; border-top: 1px solid var(--line); color: var(--quiet); font-size: 13px; }
`

const escape = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')

/** Answers with a page of one sentence, and a hint below it; `reloads` lets the browser ask again at once. */
export function answerPage(
  response: ServerResponse,
  status: number,
  { sentence, hint = '', reloads = false }: { sentence: string; hint?: string; reloads?: boolean }
): void {
  const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">${reloads ? '\n<meta http-equiv="refresh" content="0">' : ''}
<title>Autodidact</title>
<style>${style}</style>
</head>
<body><main><h1>Autodidact</h1><p>${escape(sentence)}</p>${hint ? `<small>${escape(hint)}</small>` : ''}</main></body>
</html>
`
  response.writeHead(status, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': Buffer.byteLength(page),
    'Content-Security-Policy': policyOfStyle(style)
  })
  response.end(page)
}

/** Answers with JSON. */
export function answerJson(response: ServerResponse, status: number, value: unknown): void {
  const text = JSON.stringify(value)
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text)
  })
  response.end(text)
}
