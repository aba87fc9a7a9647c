import type { LabContract } from '../../src-shared/lab-contract.ts'
import type { LibraryItem } from '../../src-shared/library.ts'
import { noShapes, pathsToRead, readShapes, type Shapes } from './read-shapes.ts'

/** Shapes of the tensors of the checkpoints on screen; the diagram does without those that could not be read. */
export class NetworkShapes {
  shapes = $state.raw<Shapes>(noShapes)
  /** One sentence where a checkpoint could not be looked into. */
  problem = $state('')
  private key = ''

  constructor(
    private readonly engine: Pick<LabContract, 'inspect'>,
    want: () => readonly LibraryItem[]
  ) {
    // Asks the engine for what the checkpoints hold.
    $effect(() => {
      void this.load(pathsToRead(want()))
    })
  }

  private async load(paths: string[]): Promise<void> {
    const key = paths.join('\n')
    if (key === this.key) return
    this.key = key
    const { shapes, problem } = await readShapes(this.engine, paths)
    if (key !== this.key) return
    this.shapes = shapes
    this.problem = problem
  }
}
