import type { EngineRequest, EngineResult } from '../../../src-shared/contract.ts'
import { UsageError, UserError } from '../../../src-shared/errors.ts'
import type { Preprocessing } from '../../../src-shared/preprocessing.ts'
import { writeBeside } from '../checkpoint/beside.ts'
import { factsOf, type CheckpointFacts } from '../checkpoint/checkpoint.ts'
import { preprocessingProblem } from '../checkpoint/preprocessing-fit.ts'
import { loadDataset } from '../data/dataset.ts'
import type { Network } from '../model/layer.ts'
import { settlePreprocessing } from './settle.ts'

/** What a checkpoint's images are prepared with on a data set. Throws UserError where it is no known network. */
export async function findPreprocessing({
  path,
  data
}: EngineRequest<'findPreprocessing'>): Promise<EngineResult<'findPreprocessing'>> {
  const facts = await factsOf(path)
  return settlePreprocessing({ ...facts, network: requireNetwork(facts) }, await loadDataset(data))
}

/**
 * Keeps beside a checkpoint's file how its images are prepared and what its classes are called. Throws UsageError where
 * it does not fit the network, or the checkpoint is a run, which knows; UserError where it can't be written.
 */
export async function setPreprocessing({
  path,
  preprocessing,
  classes
}: EngineRequest<'setPreprocessing'>): Promise<EngineResult<'setPreprocessing'>> {
  const facts = await factsOf(path)
  if (facts.format === 'run')
    throw new UsageError(`${path} is a run of the lab: it keeps itself how its images are prepared.`)
  const network = requireNetwork(facts)
  if (preprocessing) requireFitting(path, network, preprocessing)
  if (classes && classes.length !== network.classes)
    throw new UsageError(`${path} has ${network.classes} classes, but ${classes.length} names were given.`)
  return writeBeside(facts.file, {
    ...(preprocessing === undefined ? {} : { preprocessing }),
    ...(classes === undefined ? {} : { classes })
  })
}

function requireNetwork({ path, network, misfit }: CheckpointFacts): Network {
  if (!network) throw new UserError(`${path} ${misfit}`)
  return network
}

function requireFitting(path: string, network: Network, preprocessing: Preprocessing): void {
  const problem = preprocessingProblem({ path, network }, preprocessing)
  if (problem !== null) throw new UsageError(problem)
}
