import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { z } from 'zod'
import { exitCost } from '../../../src-shared/contract.ts'
import { stampOfBeside } from '../checkpoint/beside.ts'
import {
  describeCheckpoint,
  findWeights,
  openCheckpoint,
  saidOf,
  type CheckpointFacts
} from '../checkpoint/checkpoint.ts'
import { stampOfParts } from '../checkpoint/whole-hash.ts'
import { describeHolding } from '../evaluation/describe-holding.ts'
import { summarize } from '../evaluation/evaluate.ts'
import { exitCosts } from '../model/cost.ts'
import { resultKey } from '../results/result-key.ts'
import { writeAtomically } from '../runs/atomic-write.ts'
import { describeImages } from './evaluations.ts'

const description = z.object({
  name: z.string(),
  hash: z.string(),
  /** What its results are found by, as `resultKey` gives it. */
  key: z.string(),
  /** For instance `ResNet18, width 8, 10 classes, 4 exits`; empty where it is none known here, then `misfit` says why. */
  network: z.string(),
  misfit: z.string().nullable(),
  exits: z.array(exitCost),
  /** `unknown` where the file does not say. */
  role: z.string(),
  seed: z.number().int(),
  dataset: z.string(),
  classes: z.array(z.string()),
  /** Of a file of outputs: what its own logits give, by exit; null of networks. */
  given: z.object({ accuracies: z.array(z.number()), ensemble: z.number(), evaluatedOn: z.string() }).nullable(),
  /** Of its training, as the file says; null where it doesn't. */
  epoch: z.number().nullable(),
  /** Equal for checkpoints of one run: the same tensors of the same shapes, and where the files say it the same training. */
  signature: z.string()
})
/** What a checkpoint is, small enough to be remembered. */
export type Description = z.infer<typeof description>
/** `changedAt` is the weights file's, ISO 8601; `parts` are the further files in which its weights lie. */
export type Described = Description & { changedAt: string; parts: string[] }

/** `parts` are further files that the description depends on. */
const remembered = z.object({ stamp: z.string(), parts: z.array(z.string()), description })
type Remembered = z.infer<typeof remembered>

/** Raised when the same file would be described differently. */
const cacheVersion = 2
const cacheSchema = z.object({ version: z.literal(cacheVersion), files: z.array(z.tuple([z.string(), remembered])) })
const mostRemembered = 5000

/** Descriptions of checkpoints: a file is read once as long as its time and size stay what they are. */
export type Descriptions = {
  /** Throws UserError where the checkpoint cannot be read. */
  of(path: string): Promise<Described>
  /** The last one known of a path, whatever lies there now. */
  last(path: string): Promise<Description | null>
  /** Keeps in the cache file what is new in memory. A failure costs time at the next start, and nothing else. */
  save(): Promise<void>
}

/** What is known of checkpoints is kept in the file `cachePath`; null keeps it in memory only. */
export function createDescriptions(cachePath: string | null): Descriptions {
  const underway = new Map<string, Promise<Remembered>>()
  let isChanged = false
  let cache: Promise<Map<string, Remembered>> | null = null
  const load = () => (cache ??= readCache(cachePath))

  async function of(path: string, isRetry = false): Promise<Described> {
    try {
      const { file } = await findWeights(path)
      const { size, mtimeMs, ctimeMs, mtime } = await stat(file)
      const own = [file, size, mtimeMs, ctimeMs, await stampOfBeside(file)].join(' ')
      const found = (await load()).get(path)
      // Where a part is gone, reading the checkpoint says so.
      const stamp = found && (await withParts(own, found.parts).catch(() => null))
      const { description, parts } = found && found.stamp === stamp ? found : await describe(path, own)
      return { ...description, parts, changedAt: mtime.toISOString() }
    } catch (error) {
      // A run in training may have replaced its checkpoint meanwhile.
      if (isRetry) throw error
      return of(path, true)
    }
  }

  function describe(path: string, own: string): Promise<Remembered> {
    const key = `${own} ${path}`
    const started = underway.get(key)
    if (started) return started
    const work = describeCheckpoint(path)
      .then(async (facts) => {
        const description = toDescription(facts, facts.outputs ? await measureGiven(path) : null)
        const known = await load()
        // Last in the map is what was seen last: the first ones go where there are too many.
        known.delete(path)
        const { parts } = facts
        const remembered: Remembered = { stamp: await withParts(own, parts), parts, description }
        known.set(path, remembered)
        isChanged = true
        return remembered
      })
      .finally(() => underway.delete(key))
    underway.set(key, work)
    return work
  }

  return {
    of: (path) => of(path),
    last: async (path) => (await load()).get(path)?.description ?? null,
    async save() {
      if (!isChanged || cachePath === null) return
      isChanged = false
      const files = [...(await load())].slice(-mostRemembered)
      await writeAtomically(cachePath, JSON.stringify({ version: cacheVersion, files })).catch(() => undefined)
    }
  }
}

/** The stamp of a checkpoint's own file with those of the files in which its weights lie. */
const withParts = async (own: string, parts: string[]): Promise<string> =>
  parts.length ? `${own} ${await stampOfParts(parts)}` : own

async function readCache(path: string | null): Promise<Map<string, Remembered>> {
  if (path === null) return new Map()
  try {
    return new Map(cacheSchema.parse(JSON.parse(await readFile(path, 'utf8'))).files)
  } catch {
    return new Map()
  }
}

function toDescription(facts: CheckpointFacts & { hash: string }, given: Description['given']): Description {
  const { name, hash, network, misfit, origin, notes, classes, outputs } = facts
  const classCount = network?.classes ?? outputs?.classes
  const isLabelled = classes.length === classCount
  return {
    name,
    hash,
    key: resultKey(hash, { preprocessing: saidOf(facts), architecture: facts.named ?? undefined }),
    network: describeHolding(facts),
    misfit: outputs ? null : misfit,
    exits: network ? exitCosts(network).exits : (outputs?.exits ?? []).map(withoutCost),
    given,
    role: origin?.method ?? 'unknown',
    seed: origin?.seed ?? 0,
    dataset: origin?.dataset.slice(0, 200) ?? '',
    classes: isLabelled ? classes.map((name) => name.slice(0, 100)) : [],
    epoch: epochIn(notes.get('epoch')),
    signature: signatureOf(facts)
  }
}

/** What outputs cost is known to who computed them. */
const withoutCost = (exit: number) => ({ exit, parameters: 0, multiplyAdds: 0, acceleration: 1, compression: 1 })

async function measureGiven(path: string): Promise<Description['given']> {
  const { outputs } = await openCheckpoint(path)
  if (!outputs) return null
  const { exits, ensemble } = summarize(outputs.exits, outputs.labels)
  return {
    accuracies: exits.map(({ accuracy }) => accuracy),
    ensemble: ensemble.accuracy,
    evaluatedOn: describeImages(basename(path), outputs.count)
  }
}

const epochIn = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,9}(\.\d{1,9})?$/.test(text) ? Number(text) : null

function signatureOf({ tensors, origin }: CheckpointFacts): string {
  const hash = createHash('sha256')
  for (const { name, shape } of tensors.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
    hash.update(`${JSON.stringify([name, shape])}\n`)
  hash.update(JSON.stringify(origin && [origin.method, origin.seed, origin.dataset]))
  return hash.digest('hex').slice(0, 16)
}
