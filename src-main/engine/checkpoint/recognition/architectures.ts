import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import { namedArchitectureSchema, type NamedArchitecture } from '../../../../src-shared/run-config.ts'
import { datasetHome } from '../../data/dataset-home.ts'
import { createListStore, type ListStore } from '../../library/list-store.ts'
import type { Shapes } from './shapes.ts'

const storedSchema = namedArchitectureSchema.extend({
  /** Of the tensors that it is for. */
  fingerprint: z.string().length(64)
})
type Stored = z.infer<typeof storedSchema>

const mostStored = 1000

/** Where the lab keeps what people named, for other files with the same tensors. */
export const architecturesPath = (): string => join(datasetHome(), 'architectures.json')

const store = (): ListStore<Stored> =>
  createListStore({
    path: architecturesPath(),
    item: storedSchema,
    keyOf: ({ fingerprint }) => fingerprint,
    withinBounds: (items) => items.slice(-mostStored),
    warn: (sentence) => process.stderr.write(`${sentence}\n`)
  })

/** SHA-256, hex, of the names and shapes of tensors, in whatever order they come. */
export function fingerprintOf(tensors: Shapes): string {
  const lines = [...tensors].map(([name, { shape }]) => `${JSON.stringify(name)} ${shape.join('x')}\n`)
  return createHash('sha256').update(lines.sort().join('')).digest('hex')
}

/** What a person named for tensors of the same names and shapes; null where nobody did. */
export async function findArchitecture(tensors: Shapes): Promise<NamedArchitecture | null> {
  const stored = await store()
    .read()
    .catch(() => new Map<string, Stored>())
  return stored.size ? (stored.get(fingerprintOf(tensors)) ?? null) : null
}

/** Keeps it for other files with such tensors. Throws UserError where the lab's folder can't be written. */
export async function keepArchitecture(tensors: Shapes, { network, keys }: NamedArchitecture): Promise<void> {
  const fingerprint = fingerprintOf(tensors)
  await store().update((items) => {
    // Last named, last forgotten.
    items.delete(fingerprint)
    items.set(fingerprint, { fingerprint, network, keys })
  })
}
