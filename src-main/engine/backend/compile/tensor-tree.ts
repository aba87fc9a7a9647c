import type { Tensor } from '@tensorflow/tfjs'

/** Tensors in arrays, records and maps, nested as one likes. */
export type TensorTree =
  Tensor | readonly TensorTree[] | ReadonlyMap<string, TensorTree> | { readonly [name: string]: TensorTree }

const isTensor = (tree: TensorTree): tree is Tensor => 'dataId' in tree && 'dtype' in tree

/** The tensors of a tree in a fixed order. */
export function flatten(tree: TensorTree): Tensor[] {
  if (isTensor(tree)) return [tree]
  const branches = tree instanceof Map || Array.isArray(tree) ? [...tree.values()] : Object.values(tree)
  return (branches as TensorTree[]).flatMap(flatten)
}

/** A tree of the form of `like` with other tensors, taken from the front of `tensors`. */
export function unflatten<T extends TensorTree>(like: T, tensors: Tensor[]): T {
  const build = (tree: TensorTree): TensorTree => {
    if (isTensor(tree)) return tensors.shift()!
    if (tree instanceof Map)
      return new Map([...(tree as Map<string, TensorTree>)].map(([name, of]) => [name, build(of)]))
    if (Array.isArray(tree)) return tree.map(build)
    return Object.fromEntries(Object.entries(tree).map(([name, of]) => [name, build(of)]))
  }
  return build(like) as T
}
