import { z } from 'zod'

const perChannel = z.array(z.number()).min(1).max(16)

/** How pixels become a network's input. */
export const preprocessingSchema = z.object({
  /** Height and width of the input, pixels. */
  size: z.number().int().min(1).max(2048),
  /** Per channel as the network takes them, of pixels in 0..1. */
  mean: perChannel,
  /** Per channel as the network takes them, of pixels in 0..1; 0 counts as 1. */
  deviation: perChannel,
  /** The order in which colour images give their channels; absent is `rgb`. */
  channelOrder: z.enum(['rgb', 'bgr']).optional(),
  /**
   * How images of another size reach it: `pad` puts smaller ones in the middle of black and refuses larger ones, `resize`
   * scales the shorter side (bilinear) and crops the middle; absent is `pad`.
   */
  fit: z.enum(['pad', 'resize']).optional()
})
export type Preprocessing = z.infer<typeof preprocessingSchema>

/** Names of a checkpoint's classes, in its order. */
export const classNamesSchema = z.array(z.string().max(200)).max(100_000)

/** True where two settings make the same input of every image. */
export function isSamePreprocessing(a: Preprocessing, b: Preprocessing): boolean {
  const isClose = (one: readonly number[], other: readonly number[]) =>
    one.length === other.length && one.every((value, index) => Math.abs(value - other[index]!) < 5e-5)
  return (
    a.size === b.size &&
    (a.fit ?? 'pad') === (b.fit ?? 'pad') &&
    (a.channelOrder ?? 'rgb') === (b.channelOrder ?? 'rgb') &&
    isClose(a.mean, b.mean) &&
    isClose(a.deviation, b.deviation)
  )
}

/** Where a preprocessing comes from: somebody said it, the file says it, or nobody does and it was guessed. */
export const preprocessingSources = ['said', 'file', 'guessed'] as const
export type PreprocessingSource = (typeof preprocessingSources)[number]

/** What a checkpoint's images are prepared with, on a data set. */
export const settledPreprocessingSchema = z.object({
  preprocessing: preprocessingSchema,
  source: z.enum(preprocessingSources),
  /** For instance `ImageNet means`. */
  label: z.string(),
  /** One sentence: why this. */
  reason: z.string(),
  /** False where others are about as likely. */
  isSure: z.boolean()
})
export type SettledPreprocessing = z.infer<typeof settledPreprocessingSchema>

/** What the deepest exit gives of the same images, prepared in the likely ways. */
export const preprocessingCheckSchema = z.object({
  /** What was asked of: where it came from, and why. */
  set: settledPreprocessingSchema,
  /** Best first. */
  alternatives: z
    .array(
      z.object({
        /** For instance `CIFAR-10 means`. */
        label: z.string(),
        preprocessing: preprocessingSchema,
        /** Of the deepest exit, 0..1. */
        accuracy: z.number(),
        /** Mean cross entropy of the deepest exit; null where it is not finite. */
        loss: z.number().nullable(),
        /** True for the one that was set before. */
        isSet: z.boolean()
      })
    )
    .min(1),
  /** For instance `47 % as set, 78 % with CIFAR-10 means.` */
  sentence: z.string(),
  /** True where the best is right more often than what was set, and luck does not explain it. */
  isBetter: z.boolean(),
  /** One sentence where even the best is near chance; otherwise empty. */
  warning: z.string(),
  /** Images that were asked. */
  count: z.number().int(),
  classes: z.number().int()
})
export type PreprocessingCheck = z.infer<typeof preprocessingCheckSchema>
