import { z } from 'zod'
import { preprocessingSchema } from '../../../src-shared/preprocessing.ts'
import { distillationSchema, methodNames, networkChoiceSchema } from '../../../src-shared/run-config.ts'
import { networkOf, type Manifest } from '../runs/manifest.ts'
import type { Network } from '../model/layer.ts'

/** What a checkpoint's file tells beside its weights; ours carry it, foreign ones don't. */
export const originSchema = z.object({
  method: z.enum(methodNames),
  distillation: distillationSchema,
  /** Absent in older files, and where this version knows no such network: then the tensors' names say it. */
  network: networkChoiceSchema.optional().catch(undefined),
  seed: z.number().int(),
  dataset: z.string(),
  classes: z.array(z.string()),
  /** Absent where it is none that images can be prepared with. */
  preprocessing: preprocessingSchema
    .refine(({ mean, deviation }) => mean.length === deviation.length)
    .optional()
    .catch(undefined)
})
export type Origin = z.infer<typeof originSchema>

/** Key of the metadata under which our safetensors files keep their origin. */
export const originKey = 'autodidact.origin'

/** What a run says of its checkpoints. */
export const originOf = ({ config, data }: Pick<Manifest, 'config' | 'data'>): Origin => ({
  method: config.method,
  distillation: config.distillation,
  network: config.network,
  seed: config.seed,
  dataset: data.name,
  classes: data.classes,
  preprocessing: { size: data.size, mean: data.mean, deviation: data.deviation }
})

/** The network that an origin names; null where it does not say all of it, or it can't be built. */
export function networkOfOrigin(origin: Origin | null): Network | null {
  const { method, network, classes, preprocessing } = origin ?? {}
  if (!method || !network || !classes || !preprocessing) return null
  try {
    return networkOf({
      config: { method, network },
      data: { classes, channels: preprocessing.mean.length, size: preprocessing.size }
    })
  } catch {
    return null
  }
}

/** A foreign or damaged note is no reason to refuse the weights. */
export function parseOrigin(text: string | undefined): Origin | null {
  try {
    return originSchema.parse(JSON.parse(text ?? 'null'))
  } catch {
    return null
  }
}
