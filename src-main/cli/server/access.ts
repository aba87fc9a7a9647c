import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** A new secret: 32 random bytes as base64url. */
export const makeToken = (): string => randomBytes(32).toString('base64url')

/** True if both are the same, in a time that does not tell how much of them is. */
export function isSameToken(given: string, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(token))
}

/** Names of this machine that no other machine's page can be reached by: a foreign one was rebound by its DNS. */
const loopbackHost = /^(127\.0\.0\.1|localhost|\[::1\])(?::(\d{1,5}))?$/i

/** The Host that a request names where it is ours, whatever the port: a tunnel may have another; null for a foreign one. */
export function readHost({ headers }: IncomingMessage): { host: string; port: string } | null {
  const match = loopbackHost.exec(headers.host ?? '')
  return match ? { host: match[0], port: match[2] ?? '80' } : null
}

/** True if the request comes from a page of ours; browsers name the origin with every POST and every WebSocket. */
export const hasOwnOrigin = ({ headers }: IncomingMessage): boolean =>
  headers.origin?.toLowerCase() === `http://${headers.host}`.toLowerCase()

/** Cookies are the same for all ports of a host: the name tells labs apart, by the port as the browser sees it. */
export const cookieName = (port: string): string => `autodidact-${port}`

/** The Set-Cookie header that lets a browser in. */
export const cookieFor = (port: string, token: string): string =>
  `${cookieName(port)}=${token}; HttpOnly; SameSite=Strict; Path=/`

/** True if the request carries the cookie. */
export function hasCookie({ headers }: IncomingMessage, port: string, token: string): boolean {
  const start = `${cookieName(port)}=`
  const values = (headers.cookie ?? '').split(';').map((pair) => pair.trim())
  return values.some((pair) => pair.startsWith(start) && isSameToken(pair.slice(start.length), token))
}
