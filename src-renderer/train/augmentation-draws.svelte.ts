import { untrack } from 'svelte'
import type { LabContract, LabResult } from '../../src-shared/lab-contract.ts'
import type { RunConfig } from '../../src-shared/run-config.ts'
import type { Picture } from '../knows/image-store.svelte.ts'
import { inFormWords } from './problems.ts'

/** Images that are shown, and draws of each. */
export const shownImages = 6
export const shownDraws = 4
const waitMs = 200

/** An image beside what augmentation made of it. */
export type AugmentedImage = { original: Picture; draws: Picture[]; className: string }

type Asked = Pick<RunConfig, 'augmentation' | 'seed'> & { dataset: string; trainCount: number }

/** Positions in the train split, evenly over it: where it is sorted by class, of several classes. */
export const chooseImages = (trainCount: number): number[] => [
  ...new Set(Array.from({ length: shownImages }, (_, index) => Math.floor(((index + 0.5) * trainCount) / shownImages)))
]

/** The answer of the engine as pictures. */
export function readDraws(
  { shape, originals, augmented, labels, classes }: LabResult<'previewAugmentation'>,
  indices: readonly number[]
): AugmentedImage[] {
  const [height, width, channels] = shape
  const length = height * width * channels
  const pictureOf = (bytes: Uint8Array, place: number, position: number): Picture => ({
    ...{ index: indices[position] ?? 0, label: labels[position] ?? 0, height, width, channels },
    pixels: bytes.subarray(place * length, (place + 1) * length)
  })
  return indices.map((_, position) => ({
    original: pictureOf(originals, position, position),
    draws: Array.from({ length: shownDraws }, (_, draw) =>
      pictureOf(augmented, position * shownDraws + draw, position)
    ),
    className: classes[labels[position] ?? -1] ?? ''
  }))
}

/** What augmentation makes of a few images, asked of the engine each time that its settings change. */
export class AugmentationDraws {
  images = $state.raw<AugmentedImage[]>([])
  /** One sentence where it can't be shown; otherwise empty. */
  problem = $state('')
  isAsking = $state(false)

  constructor(engine: Pick<LabContract, 'previewAugmentation'>, want: () => Asked | null) {
    const key = $derived(JSON.stringify(want()))
    // Asks the engine once nothing has been typed for a moment.
    $effect(() => {
      const asked = JSON.parse(key) as Asked | null
      if (!asked) return
      const controller = new AbortController()
      const wait = untrack(() => this.images.length) > 0 ? waitMs : 0
      const timer = setTimeout(() => void this.ask(engine, asked, controller.signal), wait)
      this.isAsking = true
      return () => {
        clearTimeout(timer)
        controller.abort()
      }
    })
  }

  private async ask(
    engine: Pick<LabContract, 'previewAugmentation'>,
    { trainCount, ...asked }: Asked,
    signal: AbortSignal
  ): Promise<void> {
    const indices = chooseImages(trainCount)
    try {
      const answer = await engine.previewAugmentation({ ...asked, indices, draws: shownDraws }, { signal })
      if (signal.aborted) return
      this.images = readDraws(answer, indices)
      this.problem = ''
    } catch (error) {
      if (signal.aborted) return
      this.problem = inFormWords(error instanceof Error ? error.message : String(error))
    }
    this.isAsking = false
  }
}
