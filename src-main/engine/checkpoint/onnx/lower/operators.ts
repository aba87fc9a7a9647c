import { axesOperators } from './axes-operators.ts'
import type { Call } from './call.ts'
import { elementwiseOperators } from './elementwise-operators.ts'
import type { Fact } from './facts.ts'
import { normOperators } from './norm-operators.ts'
import { poolOperators } from './pool-operators.ts'
import { weightOperators } from './weight-operators.ts'

/** Lowers one node to operations; gives what is known of each of its outputs. Throws GraphProblem. */
export type Operator = (call: Call) => Fact[]

/** The operators of ONNX that are known here, by name. */
export const operators: ReadonlyMap<string, Operator> = new Map([
  ...weightOperators,
  ...poolOperators,
  ...elementwiseOperators,
  ...axesOperators,
  ...normOperators
])
