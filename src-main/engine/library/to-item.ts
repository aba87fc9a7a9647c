import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../../../src-shared/errors.ts'
import type { LibraryItem } from '../../../src-shared/library.ts'
import { totalEpochs } from '../../../src-shared/run-config.ts'
import { explainFileError } from '../../file-errors.ts'
import { groupOf } from '../evaluation/subject.ts'
import { exitCosts } from '../model/cost.ts'
import { describeNetwork } from '../model/layer.ts'
import type { Roots } from '../roots.ts'
import { networkOf } from '../runs/manifest.ts'
import { isRun } from '../runs/run-folder.ts'
import { isTimelineFolder, readTimeline } from '../timeline/timeline.ts'
import type { Described, Description, Descriptions } from './descriptions.ts'
import type { StoredEvaluation } from './evaluations.ts'
import { measuredAsGiven, measuredByEvaluation, measuredOfSample, type CountOf, type Measured } from './measured.ts'
import type { Place } from './places.ts'
import type { LibraryRecord } from './records.ts'
import { readRunFacts, type RunFacts } from './run-facts.ts'

/** What an item is made of, beside its place. */
export type ItemSources = {
  roots: Roots
  descriptions: Descriptions
  countOf: CountOf
  /** By what results are found by. */
  evaluations: ReadonlyMap<string, StoredEvaluation>
}

/** What is found at a place: everything but what the user said of it. */
type Found = Omit<LibraryItem, 'id' | 'path' | 'name' | 'source' | 'group' | 'openedAt' | 'tags' | 'note'>

const nothingFound: Found = {
  state: 'ready',
  problem: '',
  network: '',
  role: 'unknown',
  seed: 0,
  hash: '',
  dataset: '',
  classes: [],
  exits: [],
  ensembleAccuracy: null,
  evaluatedOn: '',
  epochsDone: 0,
  epochs: 0,
  changedAt: ''
}

/** The item at a place, with what the user said of it. Never throws: what cannot be used is an item that says why. */
export async function toItem(
  place: Place,
  record: LibraryRecord | undefined,
  sources: ItemSources
): Promise<LibraryItem> {
  const found = await findAt(place, sources).catch((error: unknown) => explain(place.path, error, sources))
  return {
    ...found,
    id: place.id,
    path: place.path,
    source: place.source,
    name: record?.name ?? place.name,
    // Of the place's own name: to rename one seed does not take it out of its group.
    group: record?.group ?? groupOf(place.name, found.seed),
    openedAt: record?.openedAt ?? '',
    tags: record?.tags ?? [],
    note: record?.note ?? ''
  }
}

async function findAt(place: Place, sources: ItemSources): Promise<Found> {
  const path = place.source === 'file' ? await sources.roots.check(place.path) : place.path
  if (await isTimelineFolder(path)) return findTimeline(path, sources)
  if (await isRun(path)) return findRun(path, sources)
  const description = await sources.descriptions.of(path)
  if (description.misfit !== null) return tensorsOnly(path, description)
  // What its record says was measured as the file says.
  const isAsShipped = place.source === 'sample' && description.key === description.hash
  const ofSample = isAsShipped ? await measuredOfSample(path, sources.countOf) : null
  const measured = ofSample ?? measuredByEvaluation(sources.evaluations.get(description.key))
  return { ...fromDescription(description, measured), changedAt: description.changedAt }
}

async function findTimeline(folder: string, { roots, descriptions, evaluations }: ItemSources): Promise<Found> {
  const { frames, last, remark } = await readTimeline(folder, { check: roots.check, describe: descriptions.of })
  const { misfit, changedAt } = last.description
  if (misfit !== null) return { ...tensorsOnly(last.path, last.description), remark }
  const measuredAt = ({ key }: Description) => measuredByEvaluation(evaluations.get(key))
  return {
    ...fromDescription(last.description, measuredAt(last.description)),
    changedAt,
    frames: frames.map(({ path, label, epoch, description }) => {
      const measured = measuredAt(description)
      return {
        ...{ path, label, epoch, hash: description.hash, changedAt: description.changedAt },
        accuracies: description.exits.map(({ exit }) => measured?.accuracies.get(exit) ?? null),
        ensembleAccuracy: measured?.ensemble ?? null,
        evaluatedOn: measured?.evaluatedOn ?? ''
      }
    }),
    remark
  }
}

async function findRun(folder: string, sources: ItemSources): Promise<Found> {
  const facts = await readRunFacts(folder, sources.countOf)
  const { state, epochsDone, manifest } = facts
  const ofRun = { state, epochsDone, epochs: totalEpochs(manifest.config) }
  if (!facts.hasCheckpoint) return { ...fromManifest(facts), ...ofRun, changedAt: await changedAt(folder) }
  const description = await describe(folder, sources)
  const byEvaluation = measuredByEvaluation(sources.evaluations.get(description.key))
  const measured = facts.isExact ? (facts.measured ?? byEvaluation) : (byEvaluation ?? facts.measured)
  return { ...fromDescription(description, measured), ...ofRun, changedAt: description.changedAt }
}

/** A file whose tensors are no network known here. */
function tensorsOnly(path: string, description: Described): Found {
  const problem = `${path} ${description.misfit}`.slice(0, 1000)
  return { ...fromDescription(description, null), state: 'tensors', problem, changedAt: description.changedAt }
}

async function describe(path: string, { descriptions }: ItemSources): Promise<Described> {
  const description = await descriptions.of(path)
  if (description.misfit !== null) throw new UserError(`${path} ${description.misfit}`)
  return description
}

function fromDescription(description: Description, byOthers: Measured | null): Found {
  const { network, role, seed, hash, dataset, classes, exits, given } = description
  const measured = given ? measuredAsGiven(exits, given) : byOthers
  return {
    ...nothingFound,
    ...{ network, role, seed, hash, dataset, classes },
    ...(given ? { isOutputs: true } : {}),
    exits: exits.map((cost) => ({ ...cost, accuracy: measured?.accuracies.get(cost.exit) ?? null })),
    ensembleAccuracy: measured?.ensemble ?? null,
    evaluatedOn: measured?.evaluatedOn ?? ''
  }
}

/** A run that has no weights yet. */
function fromManifest({ manifest }: RunFacts): Found {
  const network = networkOf(manifest)
  return {
    ...nothingFound,
    network: describeNetwork(network),
    role: manifest.config.method,
    seed: manifest.config.seed,
    dataset: manifest.data.name,
    classes: manifest.data.classes,
    exits: exitCosts(network).exits.map((cost) => ({ ...cost, accuracy: null }))
  }
}

async function explain(path: string, error: unknown, { descriptions }: ItemSources): Promise<Found> {
  const problem = explainFileError(error, path).message.slice(0, 1000)
  const isThere = await stat(path).then(
    () => true,
    (reason: NodeJS.ErrnoException) => reason.code !== 'ENOENT'
  )
  if (isThere) return { ...nothingFound, state: 'unreadable', problem }
  const last = await descriptions.last(path)
  const remembered = last ? fromDescription(last, null) : nothingFound
  return { ...remembered, hash: '', state: 'missing', problem }
}

const changedAt = async (folder: string): Promise<string> =>
  (await stat(join(folder, 'manifest.json'))).mtime.toISOString()
