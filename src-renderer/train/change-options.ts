import { customNetwork, ownWidth } from '../../src-shared/networks/find-network.ts'
import { needsTeacher, trainsEveryExit, type MethodName } from '../../src-shared/run-config.ts'
import { distillationForms } from '../../src-shared/science/distillation-loss.ts'
import type { TrainOptions } from '../../src-shared/train-options.ts'
import { headHasAttention, headHasWidth } from './network-words.ts'

type Key = keyof TrainOptions

/** The method where none is chosen. */
export const usualMethod: MethodName = 'self-distillation'

const heads: readonly Key[] = ['head', 'headWidth', 'attention']
const perExit: readonly Key[] = ['labelWeights', 'distillWeights', 'hintWeights']
/** Options that belong to a method; all others belong to every run. */
const methodKeys: Record<MethodName, readonly Key[]> = {
  baseline: [],
  'deep-supervision': heads,
  'self-distillation': ['preset', 'alpha', 'lambda', 'temperature', 'hintOn', ...perExit, ...heads],
  kd: ['teacher', 'labelWeight', 'methodWeight', 'temperature'],
  fitnets: ['teacher', 'labelWeight', 'methodWeight', 'teacherStage'],
  'attention-transfer': ['teacher', 'labelWeight', 'methodWeight'],
  'mutual-learning': ['methodWeight', 'temperature'],
  'self-distillation-rounds': ['rounds', 'roundLoss']
}
const allMethodKeys = [...new Set(Object.values(methodKeys).flat())]

/** Options without some of them. */
export function without(options: TrainOptions, keys: readonly Key[]): TrainOptions {
  return Object.fromEntries(Object.entries(options).filter(([key]) => !keys.includes(key as Key)))
}

type Loose = { [K in Key]?: TrainOptions[K] | undefined }

/** Options without those that another method than theirs has, and without those that are undefined. */
export function keepOwn(options: Loose): TrainOptions {
  const own = methodKeys[options.method ?? usualMethod]
  const foreign = allMethodKeys.filter((key) => !own.includes(key))
  const unsaid = (Object.keys(options) as Key[]).filter((key) => options[key] === undefined)
  return without(options as TrainOptions, [...foreign, ...unsaid])
}

/**
 * Options after a change: what no longer goes with them is dropped, so that one setting never contradicts another. A
 * teacher stays where the next method has one, heads where it trains every exit; weights begin anew.
 */
export function changeOptions(options: TrainOptions, changed: TrainOptions): TrainOptions {
  const { method = usualMethod } = options
  let before = options
  if (changed.method !== undefined && changed.method !== method) before = forMethod(options, changed.method)
  if (changed.preset !== undefined)
    before = without(before, ['alpha', 'lambda', 'temperature', 'hintOn', ...perExit, ...heads])
  if (changed.alpha !== undefined) before = without(before, ['labelWeights', 'distillWeights'])
  if (changed.lambda !== undefined) before = without(before, ['hintWeights'])
  if (changed.network !== undefined) before = without(before, ['spec', 'form', 'teacherStage', ...perExit])
  if (changed.spec !== undefined)
    before = {
      ...without(before, ['form', 'teacherStage', ...perExit]),
      network: customNetwork,
      width: ownWidth(changed.spec)
    }
  if (changed.head !== undefined)
    before = without(before, [
      ...(headHasWidth(changed.head) ? [] : (['headWidth'] as const)),
      ...(headHasAttention(changed.head) ? [] : (['attention'] as const))
    ])
  if (changed.schedule !== undefined && changed.schedule !== 'step') before = without(before, ['milestones', 'factor'])
  const next = keepOwn({ ...before, ...changed })
  if (next.limit === 0) delete next.limit
  if (next.preset === 'autodidact-default') delete next.preset
  return next
}

function forMethod(options: TrainOptions, method: MethodName): TrainOptions {
  const kept: Key[] = []
  if (needsTeacher(method)) kept.push('teacher')
  if (trainsEveryExit(method)) kept.push(...heads)
  // The heads of the loss stay comparable where they are the ones that its form brings along.
  const own =
    options.preset && !options.spec && trainsEveryExit(method) ? distillationForms[options.preset].heads : undefined
  return {
    ...(own && {
      head: own.heads,
      ...(own.headWidth !== undefined && { headWidth: own.headWidth }),
      ...(headHasAttention(own.heads) && { attention: own.attention })
    }),
    ...without(
      options,
      allMethodKeys.filter((key) => !kept.includes(key))
    )
  }
}
