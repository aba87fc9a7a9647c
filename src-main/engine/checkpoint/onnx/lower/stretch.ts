import { GraphProblem } from '../../../model/graph/problem.ts'
import { countOf } from './facts.ts'

/** Numbers repeated along the axes where there is one only. Throws GraphProblem where that does not do. */
export function stretch(
  { shape, data }: { shape: readonly number[]; data: readonly number[] },
  to: readonly number[]
): number[] {
  const lead = to.length - shape.length
  const steps = to.map((length, axis) => {
    const own = axis < lead ? 1 : shape[axis - lead]!
    if (own !== 1 && own !== length) throw new GraphProblem(`joins [${shape.join(', ')}] and [${to.join(', ')}]`)
    return own === 1 ? 0 : countOf(shape.slice(axis - lead + 1))
  })
  const strides = to.map((_, axis) => countOf(to.slice(axis + 1)))
  return Array.from({ length: countOf(to) }, (_, at) => {
    const from = steps.reduce((sum, step, axis) => sum + step * (Math.floor(at / strides[axis]!) % to[axis]!), 0)
    return data[from]!
  })
}
