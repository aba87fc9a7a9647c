import { z } from 'zod'
import { settingsSchema } from '../src-shared/lab-contract.ts'

const key = 'autodidact.session.1'

const storedSchema = z.object({
  theme: z.enum(['system', 'light', 'dark']),
  hasMotion: z.boolean(),
  groups: z.array(z.object({ name: z.string(), ids: z.array(z.string()) })),
  focus: z.number().int().min(0),
  dataset: z.string(),
  split: z.enum(['train', 'test']),
  settings: z.object({
    embedding: settingsSchema,
    discriminativeness: settingsSchema,
    flatness: settingsSchema,
    gradients: settingsSchema,
    history: settingsSchema
  }),
  frames: z.record(z.string(), z.number().int().min(0)).default({}),
  recentSince: z.string().default('')
})
/** What a window remembers until it is opened again. */
export type StoredSession = z.infer<typeof storedSchema>

/** What was remembered; null where there is nothing, or nothing that can be read. */
export function readStored(): StoredSession | null {
  try {
    return storedSchema.parse(JSON.parse(localStorage.getItem(key) ?? 'null'))
  } catch {
    return null
  }
}

/** Remembers; a window without storage just forgets. */
export function writeStored(session: StoredSession): void {
  try {
    localStorage.setItem(key, JSON.stringify(session))
  } catch {
    // Private windows may have none.
  }
}
