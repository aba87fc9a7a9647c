import { readFile } from 'node:fs/promises'
import { protocol } from 'electron'
import { contentSecurityPolicy } from '../content-security-policy.ts'
import { appScheme } from './app-address.ts'
import { findAppFile } from './app-files.ts'

/** Makes `app:` a scheme with an origin of its own. Must be called before the app is ready. */
export function registerAppScheme(): void {
  const privileges = { standard: true, secure: true, supportFetchAPI: true, codeCache: true }
  protocol.registerSchemesAsPrivileged([{ scheme: appScheme, privileges }])
}

/** Answers `app://lab/` with the built page in `folder`. */
export function serveApp(folder: string): void {
  protocol.handle(appScheme, (request) => answerRequest(folder, request))
}

/** The headers of every answer. */
export const appHeaders = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-cache'
}

/** The answer to one request for a file of the page in `folder`. */
export async function answerRequest(
  folder: string,
  { method, url }: Pick<Request, 'method' | 'url'>
): Promise<Response> {
  if (method !== 'GET' && method !== 'HEAD') return refuse(405)
  const file = await findAppFile(folder, url)
  const bytes = file && (await readFile(file.path).catch(() => null))
  if (!file || !bytes) return refuse(404)
  return new Response(method === 'HEAD' ? null : new Uint8Array(bytes), {
    headers: { ...appHeaders, 'content-type': file.type }
  })
}

const refuse = (status: number) => new Response(null, { status, headers: appHeaders })
