import { readFile, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../../src-shared/errors.ts'
import { createExclusively, removeStale } from '../../exclusive-file.ts'
import { explainWriteError } from '../../file-errors.ts'
import { isAlive } from '../../process-alive.ts'
import { cookieName } from './access.ts'

/** What a served lab leaves in its home while it runs: how others on this machine find it. */
const labFileSchema = z.object({
  pid: z.number().int().positive(),
  /** With its token. */
  url: z.url({ protocol: /^http$/, hostname: /^127\.0\.0\.1$/ }),
  /** Name of the machine. */
  host: z.string()
})
export type LabFile = z.infer<typeof labFileSchema>

/** A running lab as its file says. */
export type RunningLab = { url: string; pid: number; port: string; cookie: string }

const pathOf = (home: string) => join(home, 'serve.json')

/**
 * The lab that serves `home` now; null where none does, whatever its file says. Throws UserError where another machine
 * serves it: whether it still does can't be told from here.
 */
export async function findRunningLab(home: string): Promise<RunningLab | null> {
  const file = await readLabFile(home)
  if (!file) return null
  if (file.host !== hostname())
    throw new UserError(
      `The lab in ${home} is served on the machine ${file.host}; end it there, or delete ${pathOf(home)} if it has ended.`
    )
  const lab = describe(file)
  return isAlive(file.pid) && (await answers(lab)) ? lab : null
}

/** A lab's file as what its clients need. */
function describe({ url, pid }: LabFile): RunningLab {
  const { port, searchParams } = new URL(url)
  return { url, pid, port: port || '80', cookie: `${cookieName(port || '80')}=${searchParams.get('token') ?? ''}` }
}

async function readLabFile(home: string): Promise<LabFile | null> {
  try {
    return labFileSchema.parse(JSON.parse(await readFile(pathOf(home), 'utf8')))
  } catch {
    return null
  }
}

/**
 * True if what listens there takes the token: the number of a process, and a port, may have been given to others. Waits
 * for a lab that is ending to be gone.
 */
async function answers(lab: RunningLab): Promise<boolean> {
  for (;;) {
    const status = await askLab(lab, 'GET', '/alive').catch(() => 0)
    if (status !== 410) return status === 204 || status === 503
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Asks a running lab; gives the status of its answer. */
export function askLab({ port, cookie }: RunningLab, method: string, path: string, body?: string): Promise<number> {
  const origin = `http://127.0.0.1:${port}`
  return new Promise((resolve, reject) => {
    const asked = request(`${origin}${path}`, { method, headers: { cookie, origin }, timeout: 5000 }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
    })
    asked.on('timeout', () => asked.destroy(new Error('The lab does not answer.')))
    asked.on('error', reject)
    asked.end(body)
  })
}

/** How long starts that meet may take to agree. */
const agreeMs = 15_000

/**
 * Writes the file that says that this process serves `home`, unless a running lab has: then gives that one. A file that
 * nobody stands behind any more is replaced.
 */
export async function claimHome(home: string, url: string, takeOverPatienceMs?: number): Promise<RunningLab | null> {
  const path = pathOf(home)
  const text = JSON.stringify({ pid: process.pid, url, host: hostname() } satisfies LabFile)
  const end = Date.now() + agreeMs
  try {
    while (Date.now() < end) {
      if (await createExclusively(path, text)) return null
      const stale = await readFile(path, 'utf8').catch(() => null)
      const running = await findRunningLab(home)
      if (running) return running
      await removeStale(path, stale, takeOverPatienceMs)
    }
  } catch (error) {
    throw explainWriteError(error, path)
  }
  throw new UserError(`Another lab is just starting in ${home}; try again in a moment.`)
}

/** Takes the file away when the lab ends, if it is still its own. */
export async function releaseHome(home: string, url: string): Promise<void> {
  const file = await readLabFile(home)
  if (file?.url === url && file.pid === process.pid) await rm(pathOf(home), { force: true }).catch(() => undefined)
}
