import { readdir } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { withOpenFile } from '../checkpoint/open-file.ts'
import type { LoggedCurve } from '../../../src-shared/reports.ts'
import { thinCurve } from './curve.ts'
import { readCsv } from './read-csv.ts'
import { readEvents, type ReadLog } from './read-events.ts'

/** Training curves beside a checkpoint. */
export type FoundCurves = {
  curves: LoggedCurve[]
  /** What is worth knowing of how they were read, a sentence each; where there are none, where they were looked for. */
  remarks: string[]
}

const logFolders = ['logs', 'runs', 'lightning_logs']
const mostFiles = 20
const mostEntries = 5000
const mostFolders = 100
const mostCurves = 200
const mostEventBytes = 2 ** 28

type Log = { path: string; read: (path: string) => Promise<ReadLog> }

/**
 * The curves of TensorBoard's event files and CSV logs beside the checkpoint in `file`: in its folder, in the folders
 * `logs`, `runs` and `lightning_logs` in it, and one level below these. Links are not followed. Never throws for what a log
 * holds.
 */
export async function findCurves(file: string): Promise<FoundCurves> {
  const folder = dirname(file)
  const remarks: string[] = []
  const logs = (await listLogs(folder)).filter(({ path }) => path !== file)
  if (logs.length > mostFiles) remarks.push(`${folder} holds ${logs.length} logs; the first ${mostFiles} are read.`)
  const curves: LoggedCurve[] = []
  for (const { path, read } of logs.slice(0, mostFiles)) {
    const name = relative(folder, path)
    try {
      const found = await read(path)
      remarks.push(...found.remarks.map((remark) => `${path} ${remark}.`))
      curves.push(...found.curves.map((curve) => ({ ...thinCurve(curve), file: name })))
    } catch (error) {
      remarks.push(error instanceof Error ? error.message : String(error))
    }
  }
  if (curves.length > mostCurves) remarks.push(`There are ${curves.length} curves; the first ${mostCurves} are kept.`)
  if (curves.length === 0)
    remarks.push(
      `No training curves lie beside ${basename(file)}: neither TensorBoard events nor a CSV log with steps or epochs was found in ${folder}, nor in its folders ${logFolders.slice(0, -1).join(', ')} and ${logFolders.at(-1)}.`
    )
  return { curves: curves.slice(0, mostCurves), remarks }
}

async function listLogs(folder: string): Promise<Log[]> {
  const logs: Log[] = []
  const look = async (at: string) => {
    const { files, folders } = await list(at)
    logs.push(...files.flatMap((name) => logAt(join(at, name))))
    return folders
  }
  const below = await look(folder)
  for (const name of logFolders.filter((known) => below.includes(known))) {
    const folders = await look(join(folder, name))
    for (const inner of folders.slice(0, mostFolders)) await look(join(folder, name, inner))
  }
  return logs
}

/** Regular files and folders by name, sorted; nothing where it can't be read. */
async function list(folder: string): Promise<{ files: string[]; folders: string[] }> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const some = entries.sort((a, b) => (a.name < b.name ? -1 : 1)).slice(0, mostEntries)
  const namesOf = (isKind: (entry: (typeof some)[number]) => boolean) => some.filter(isKind).map(({ name }) => name)
  return { files: namesOf((entry) => entry.isFile()), folders: namesOf((entry) => entry.isDirectory()) }
}

function logAt(path: string): Log[] {
  const name = basename(path)
  if (name.includes('events.out.tfevents.'))
    return [
      {
        path,
        read: (path) =>
          withOpenFile(path, async (file) =>
            file.size > mostEventBytes
              ? { curves: [], remarks: ['is larger than 256 MiB, and is not read'] }
              : readEvents(file)
          )
      }
    ]
  return /\.csv$/i.test(name) ? [{ path, read: (path) => withOpenFile(path, readCsv) }] : []
}
