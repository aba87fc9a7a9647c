import type { LabContract } from '../../src-shared/lab-contract.ts'
import type { LibraryItem } from '../../src-shared/library.ts'

/** Lengths of tensors by their names. */
export type Shapes = ReadonlyMap<string, readonly number[]>
export const noShapes: Shapes = new Map()

/** Paths of the checkpoints that tell the shapes of all: one of every kind of network. */
export const pathsToRead = (items: readonly LibraryItem[]): string[] => [
  ...new Map(items.map((item) => [item.network || item.path, item.path])).values()
]

/** Shapes of all tensors of some checkpoints; `problem` is one sentence where one could not be looked into. */
export async function readShapes(
  engine: Pick<LabContract, 'inspect'>,
  paths: readonly string[]
): Promise<{ shapes: Shapes; problem: string }> {
  const shapes = new Map<string, readonly number[]>()
  let problem = ''
  for (const path of paths) {
    try {
      for (const { name, shape } of (await engine.inspect({ path })).tensors) shapes.set(name, shape)
    } catch (error) {
      problem = (error as Error).message
    }
  }
  return { shapes, problem }
}
