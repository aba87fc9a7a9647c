import { findNetwork } from '../../src-shared/networks/find-network.ts'
import type { HeadName, NetworkSpec } from '../../src-shared/networks/network-spec.ts'
import { trainsEveryExit, type NetworkChoice, type RunConfig } from '../../src-shared/run-config.ts'

type Chosen = Pick<RunConfig, 'network' | 'method'>

const specOf = (network: NetworkChoice): NetworkSpec => findNetwork(network).spec

/** Stages that a network is cut into. Throws UsageError where there is no such network. */
export const stageCount = (network: NetworkChoice): number => specOf(network).stages.length

/** The exits that a run trains, by the stage that each hangs on, from shallow to deep. Throws as `stageCount`. */
export function exitsOf({ network, method }: Chosen): number[] {
  const { stages, exits } = specOf(network)
  const last = stages.length
  if (!trainsEveryExit(method)) return [last]
  const shallow = exits ? exits.map(({ stage }) => stage) : stages.map((_, index) => index + 1)
  return [...shallow.filter((stage) => stage < last).sort((a, b) => a - b), last]
}

/** The head of a shallow exit. */
export function headOf({ network }: Pick<Chosen, 'network'>, exit: number): HeadName {
  return network.head ?? specOf(network).exits?.find(({ stage }) => stage === exit)?.head ?? 'bottleneck'
}

/** Whether the stem for images of 224 pixels is another than the one for small images. */
export function hasForms({ name, width, spec }: NetworkChoice): boolean {
  if (spec) return false
  const stemOf = (form: 'cifar' | 'imagenet') => JSON.stringify(specOf({ name, width, form }))
  return stemOf('cifar') !== stemOf('imagenet')
}
