import { readFile, stat } from 'node:fs/promises'
import { z } from 'zod'
import { exitCost } from '../../../src-shared/contract.ts'
import { describeCheckpoint, findWeights, type CheckpointFacts } from '../checkpoint/checkpoint.ts'
import { exitCosts } from '../model/cost.ts'
import { describeNetwork } from '../model/layer.ts'
import { writeAtomically } from '../runs/atomic-write.ts'

const description = z.object({
  name: z.string(),
  hash: z.string(),
  /** For instance `ResNet18, width 8, 10 classes, 4 exits`; empty where it is none known here, then `misfit` says why. */
  network: z.string(),
  misfit: z.string().nullable(),
  exits: z.array(exitCost),
  /** `unknown` where the file does not say. */
  role: z.string(),
  seed: z.number().int(),
  dataset: z.string(),
  classes: z.array(z.string())
})
/** What a checkpoint is, small enough to be remembered. */
export type Description = z.infer<typeof description>
/** `changedAt` is the weights file's, ISO 8601. */
export type Described = Description & { changedAt: string }

const remembered = z.object({ stamp: z.string(), description })
type Remembered = z.infer<typeof remembered>

/** Raised when the same file would be described differently. */
const cacheVersion = 1
const cacheSchema = z.object({ version: z.literal(cacheVersion), files: z.array(z.tuple([z.string(), remembered])) })
const mostRemembered = 2000

/** Descriptions of checkpoints: a file is read once as long as its time and size stay what they are. */
export type Descriptions = {
  /** Throws UserError where the checkpoint cannot be read. */
  of(path: string): Promise<Described>
  /** The last one known of a path, whatever lies there now. */
  last(path: string): Promise<Description | null>
  /** Keeps in the cache file what is new in memory. A failure costs time at the next start, and nothing else. */
  save(): Promise<void>
}

export function createDescriptions(cachePath: string): Descriptions {
  const underway = new Map<string, Promise<Description>>()
  let isChanged = false
  let cache: Promise<Map<string, Remembered>> | null = null
  const load = () => (cache ??= readCache(cachePath))

  async function of(path: string, isRetry = false): Promise<Described> {
    try {
      const { file } = await findWeights(path)
      const { size, mtimeMs, ctimeMs, mtime } = await stat(file)
      const stamp = [file, size, mtimeMs, ctimeMs].join(' ')
      const found = (await load()).get(path)
      const description = found?.stamp === stamp ? found.description : await describe(path, stamp)
      return { ...description, changedAt: mtime.toISOString() }
    } catch (error) {
      // A run in training may have replaced its checkpoint meanwhile.
      if (isRetry) throw error
      return of(path, true)
    }
  }

  function describe(path: string, stamp: string): Promise<Description> {
    const key = `${stamp} ${path}`
    const started = underway.get(key)
    if (started) return started
    const work = describeCheckpoint(path)
      .then(async (facts) => {
        const description = toDescription(facts)
        const known = await load()
        // Last in the map is what was seen last: the first ones go where there are too many.
        known.delete(path)
        known.set(path, { stamp, description })
        isChanged = true
        return description
      })
      .finally(() => underway.delete(key))
    underway.set(key, work)
    return work
  }

  return {
    of: (path) => of(path),
    last: async (path) => (await load()).get(path)?.description ?? null,
    async save() {
      if (!isChanged) return
      isChanged = false
      const files = [...(await load())].slice(-mostRemembered)
      await writeAtomically(cachePath, JSON.stringify({ version: cacheVersion, files })).catch(() => undefined)
    }
  }
}

async function readCache(path: string): Promise<Map<string, Remembered>> {
  try {
    return new Map(cacheSchema.parse(JSON.parse(await readFile(path, 'utf8'))).files)
  } catch {
    return new Map()
  }
}

function toDescription({ name, hash, network, misfit, origin }: CheckpointFacts & { hash: string }): Description {
  const isLabelled = network && origin?.classes.length === network.classes
  return {
    name,
    hash,
    network: network ? describeNetwork(network) : '',
    misfit,
    exits: network ? exitCosts(network).exits : [],
    role: origin?.method ?? 'unknown',
    seed: origin?.seed ?? 0,
    dataset: origin?.dataset.slice(0, 200) ?? '',
    classes: isLabelled ? origin.classes.map((name) => name.slice(0, 100)) : []
  }
}
