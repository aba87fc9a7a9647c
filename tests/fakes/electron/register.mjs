// node --import THIS out/main.js: `electron` is the stand-in.
import { register } from 'node:module'

const standIn = JSON.stringify(new URL('./electron.mjs', import.meta.url).href)
const hook = `export async function resolve(specifier, context, next) {
  if (specifier === 'electron') return { url: ${standIn}, shortCircuit: true }
  return next(specifier, context)
}`
register(`data:text/javascript,${encodeURIComponent(hook)}`)
