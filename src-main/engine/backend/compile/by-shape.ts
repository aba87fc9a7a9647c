import { compile, type Compiled, type CompilingBackend } from './compile.ts'
import { flatten, type TensorTree } from './tensor-tree.ts'

/**
 * `fn` compiled anew for each set of shapes that it is called with, at the first such call. `dispose` frees them all.
 * See `compile` for what `fn` may do.
 */
export function compileByShape<A extends TensorTree[], R extends TensorTree>(
  backend: CompilingBackend,
  fn: (...args: A) => R
): Compiled<A, R> {
  const made = new Map<string, Compiled<A, R>>()
  return {
    call(...args) {
      const shapes = args
        .flatMap(flatten)
        .map(({ dtype, shape }) => `${dtype} ${shape.join(' ')}`)
        .join()
      const known = made.get(shapes) ?? compile(backend, fn, args)
      made.set(shapes, known)
      return known.call(...args)
    },
    dispose() {
      for (const compiled of made.values()) compiled.dispose()
      made.clear()
    }
  }
}
