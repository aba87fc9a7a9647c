import { z } from 'zod'

const perChannel = z.array(z.number()).min(1).max(16)

/** How pixels become a network's input. */
export const preprocessingSchema = z.object({
  /** Height and width of the input; smaller images are padded with black around their centre, pixels. */
  size: z.number().int().min(1).max(2048),
  /** Per channel as the network takes them, of pixels in 0..1. */
  mean: perChannel,
  /** Per channel as the network takes them, of pixels in 0..1; 0 counts as 1. */
  deviation: perChannel,
  /** The order in which colour images give their channels; absent is `rgb`. */
  channelOrder: z.enum(['rgb', 'bgr']).optional()
})
export type Preprocessing = z.infer<typeof preprocessingSchema>
