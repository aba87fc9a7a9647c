import { createServer } from 'node:http'
import { app } from './app.mjs'

const handlers = new Map()
const privileged = new Map()
let origin = ''

export const protocol = {
  registerSchemesAsPrivileged(schemes) {
    if (app.isReady()) throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready')
    for (const { scheme, privileges } of schemes) privileged.set(scheme, privileges)
  },
  handle(scheme, handler) {
    if (handlers.has(scheme)) throw new Error(`The scheme has been registered: ${scheme}`)
    handlers.set(scheme, handler)
  },
  isProtocolHandled: (scheme) => handlers.has(scheme)
}

/** Answers on loopback what the program's own handler answers for `app://lab`. */
export async function startServer() {
  const server = createServer(async (request, response) => {
    try {
      const handler = handlers.get('app')
      if (!handler) throw new Error('Nothing handles app:')
      const answer = await handler(new Request(`app://lab${request.url}`, { method: request.method }))
      response.writeHead(answer.status, Object.fromEntries(answer.headers))
      response.end(Buffer.from(await answer.arrayBuffer()))
    } catch (error) {
      process.stderr.write(`stand-in: ${error.stack}\n`)
      response.writeHead(500).end()
    }
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${server.address().port}`
}

/** The address in Chromium of one in Electron. */
export const toReal = (address) => address.replace(/^app:\/\/lab(?=\/|$)/, origin)
/** The address in Electron of one in Chromium. */
export const toApp = (address) =>
  address === origin || address.startsWith(`${origin}/`) ? `app://lab${address.slice(origin.length)}` : address
