import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { UserError } from '../../../../../src-shared/errors.ts'
import { packageRoot } from '../../../../package-root.ts'
import type { Hdf5Outline, Hdf5Reply, Hdf5Task } from './hdf5-task.ts'

/** HDF5 as bytes: a file of its own, or a part of one. */
export type Hdf5Source = {
  /** Of the file, for messages. */
  path: string
  size: number
  /** A copy of the bytes, which is given away. */
  bytes(): Promise<Uint8Array<ArrayBuffer>>
}

const program = import.meta.url.endsWith('.ts')
  ? fileURLToPath(new URL('./hdf5-worker.mjs', import.meta.url))
  : join(packageRoot, 'out', 'hdf5-worker.js')

const megabyte = 2 ** 20
const largestFile = 1024 * megabyte
/** How long the library may take to load: nothing of the file is read yet. */
const loadMs = 120_000
/** Attributes of Keras; long ones are cut into several, numbered. */
const attributes = ['model_config', 'keras_version', 'layer_names', 'weight_names']

/** Names, shapes and Keras's texts of an HDF5 file. Throws UserError, one sentence that names the file. */
export async function readOutline(source: Hdf5Source): Promise<Hdf5Outline> {
  return (await runInTurn(source, 'outline')) as Hdf5Outline
}

/** The values of data sets as bytes, little-endian, in the order of `paths`. Throws UserError. */
export const readValues = async (source: Hdf5Source, paths: string[]): Promise<ArrayBuffer[]> =>
  (await runInTurn(source, paths)) as ArrayBuffer[]

let last: Promise<unknown> = Promise.resolve()

/** One thread at a time, so that a folder of files takes the memory of one. */
function runInTurn(source: Hdf5Source, want: Hdf5Task['want']): Promise<Hdf5Outline | ArrayBuffer[]> {
  const turn = last.then(() => run(source, want))
  last = turn.catch(() => undefined)
  return turn
}

async function run(source: Hdf5Source, want: Hdf5Task['want']): Promise<Hdf5Outline | ArrayBuffer[]> {
  const { path, size } = source
  if (size > largestFile) throw new UserError(`${path} holds ${size} bytes of HDF5; at most ${largestFile} are read.`)
  const bytes = await source.bytes()
  const limits = {
    libraryBytes: 192 * megabyte + 2 * size,
    valueBytes: Math.max(64 * megabyte, 4 * size),
    eagerBytes: 32 * megabyte,
    textLength: 16 * megabyte,
    objects: 100_000,
    depth: 32,
    attributes
  }
  // Five seconds, and a second for every 4 MiB: hundreds of times what an honest file takes.
  const readMs = 5000 + size / ((4 * megabyte) / 1000)
  return runThread({ bytes, want, limits }, readMs, path)
}

/** Reads on a thread that is ended after `readMs`. Throws UserError, one sentence that names the file. */
export async function runThread(task: Hdf5Task, readMs: number, path: string): Promise<Hdf5Outline | ArrayBuffer[]> {
  const worker = new Worker(program, {
    name: 'hdf5',
    workerData: task,
    transferList: [task.bytes.buffer],
    execArgv: [],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 32 }
  })
  let patience = patienceOf(loadMs)
  let timer: NodeJS.Timeout | undefined
  try {
    return await new Promise((resolve, reject) => {
      const fail = (sentence: string, detail?: unknown) =>
        reject(new UserError(`${path} ${sentence}.`, detail === undefined ? {} : { cause: detail }))
      let isLoaded = false
      const look = () => {
        if (patience.isOver())
          fail(isLoaded ? 'takes longer to read than any file of its size should: it is damaged' : notStarted)
      }
      timer = setInterval(look, lookMs)
      worker.on('message', (reply: Hdf5Reply) => {
        if (reply.kind === 'ready') {
          isLoaded = true
          patience = patienceOf(readMs)
          look()
        } else if (reply.kind === 'done') resolve(reply.result)
        else fail(reply.sentence ?? 'is a damaged HDF5 file: its parts do not fit together', reply.detail)
      })
      worker.on('error', (error) => fail('is a damaged HDF5 file: reading it fails', error))
      worker.on('exit', () => fail('is a damaged HDF5 file: reading it fails'))
    })
  } finally {
    clearInterval(timer)
    await worker.terminate()
  }
}

const lookMs = 100
const notStarted = "can't be read: the library for HDF5 did not start"

/** Over after so much time in which the machine had time for this process; a busy machine has less of it. */
function patienceOf(ms: number): { isOver(): boolean } {
  const [start, before] = [performance.now(), process.cpuUsage()]
  return {
    isOver() {
      const passed = performance.now() - start
      const { user, system } = process.cpuUsage(before)
      return Math.min(passed, (user + system) / 1000) >= ms || passed >= 20 * ms
    }
  }
}
