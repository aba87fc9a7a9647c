import type { LabContract } from '../../src-shared/lab-contract.ts'

/** Pixels of one image: height x width x channels bytes. */
export type Picture = {
  index: number
  label: number
  height: number
  width: number
  channels: number
  pixels: Uint8Array
}

const mostKept = 5000

/** Images of one split, or of a file of outputs (`given`), read when they are asked for. */
export class ImageStore {
  private pictures = $state.raw<ReadonlyMap<number, Picture>>(new Map())
  private readonly asked = new Set<number>()
  /** Why a file of outputs shows none, a sentence; empty where it does. */
  problem = $state('')

  constructor(
    private readonly engine: LabContract,
    readonly dataset: string,
    readonly split: 'train' | 'test' | 'given'
  ) {}

  /** The image if it is here; otherwise it is read, and whoever asked is told by the change. */
  get(index: number): Picture | undefined {
    const picture = this.pictures.get(index)
    if (!picture) this.want([index])
    return picture
  }

  /** Reads images that are not here yet. */
  want(indices: readonly number[]): void {
    const due = indices.filter((index) => !this.asked.has(index)).slice(0, 1000)
    if (due.length === 0) return
    for (const index of due) this.asked.add(index)
    void this.read(due)
  }

  private async read(indices: number[]): Promise<void> {
    try {
      const { dataset, split } = this
      const { shape, pixels, labels } = await this.engine.readImages({ dataset, split, indices })
      const [height, width, channels] = shape
      const length = height * width * channels
      const kept = [...this.pictures].slice(-mostKept)
      for (const [index] of [...this.pictures].slice(0, -mostKept)) this.asked.delete(index)
      const read = indices.map((index, position): [number, Picture] => [
        index,
        {
          index,
          label: labels[position] ?? 0,
          height,
          width,
          channels,
          pixels: pixels.subarray(position * length, (position + 1) * length)
        }
      ])
      this.pictures = new Map([...kept, ...read])
    } catch (error) {
      // A file that holds none will hold none the next time.
      if (this.split === 'given') {
        this.problem = error instanceof Error ? error.message : String(error)
        return
      }
      // A map without pictures is still a map; asked again when it is pointed at again.
      for (const index of indices) this.asked.delete(index)
    }
  }
}
