import { resolve } from 'node:path'
import { z } from 'zod'

/**
 * The files named on the command line, absolute. `argv` is Electron's: the program, then (unless packaged) the app, among
 * switches of Chromium and Node; what follows `--` is a file whatever it looks like.
 */
export function readStartPaths(argv: readonly string[], { isPackaged, cwd }: { isPackaged: boolean; cwd: string }) {
  const rest = argv.slice(1)
  const end = rest.indexOf('--')
  const before = (end < 0 ? rest : rest.slice(0, end)).filter((word) => !word.startsWith('-'))
  const words = [...before.slice(isPackaged ? 0 : 1), ...(end < 0 ? [] : rest.slice(end + 1))]
  return words.filter((word) => word !== '').map((word) => resolve(cwd, word))
}

const handedOver = z.object({ paths: z.array(z.string().min(1)).max(1000) })

/** What a second start hands over to the first: the files that it was to open. */
export const toHandOver = (paths: string[]): z.infer<typeof handedOver> => ({ paths })

/** The files that a second start hands over; none where it is not one of ours. */
export function readHandedOver(data: unknown): string[] {
  const found = handedOver.safeParse(data)
  return found.success ? found.data.paths : []
}
