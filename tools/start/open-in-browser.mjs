import { spawn } from 'node:child_process'
import { isProgram, placesOnPath } from '../setup/find-program.mjs'
import { hasDisplay } from '../setup/display.mjs'

/** The command that shows an address in the user's browser; undefined where there is none, or no display. */
export function browserCommand(context, url) {
  const { env, platform } = context
  if (!hasDisplay(context)) return undefined
  if (platform === 'darwin') return ['open', url]
  // `start` is a part of the shell, which would read the address's signs.
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', url]
  const opener = placesOnPath(['xdg-open'], env).find(isProgram)
  return opener && [opener, url]
}

/** Opens an address in the user's browser where there is one; that it can't be opened is no failure. */
export function openInBrowser(context, url) {
  const [program, ...args] = browserCommand(context, url) ?? []
  if (!program) return
  const child = spawn(program, args, { stdio: 'ignore', detached: true, env: context.env })
  child.on('error', () => {})
  child.unref()
}
