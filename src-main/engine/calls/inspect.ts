import type { EngineRequest, EngineResult } from '../../../src-shared/contract.ts'
import { factsOf, type CheckpointFacts } from '../checkpoint/checkpoint.ts'
import { originKey } from '../checkpoint/origin.ts'
import { exitCosts, type Cost } from '../model/cost.ts'
import type { Place } from '../model/follow.ts'
import type { Network } from '../model/layer.ts'
import { inputFor } from '../preprocessing/input-form.ts'
import { placesOf } from './tensor-places.ts'

/** What images are taken to be where nobody says, pixels. */
const usualSize = 32
const mostNotes = 200
const mostNoteLength = 4000

/**
 * What a checkpoint is, from its header alone: no weights are read. Tensors of a network unknown here are listed; its other
 * figures are 0.
 */
export async function inspect({ path }: EngineRequest<'inspect'>): Promise<EngineResult<'inspect'>> {
  return describe(await factsOf(path))
}

function describe(facts: CheckpointFacts): EngineResult<'inspect'> {
  const { format, network, misfit, remarks, preprocessing, classes: classNames, outputs } = facts
  const places = placesOf(network)
  const usual = network ? inputFor(network, [usualSize, usualSize, network.inputChannels]).size : usualSize
  const inputSize = preprocessing?.size ?? usual
  const said = {
    misfit,
    remarks,
    notes: notesOf(facts.notes),
    preprocessing,
    classNames,
    inputSize,
    outputs
  }
  const tensors = facts.tensors.map((tensor) => ({ ...tensor, ...places.get(tensor.name) }))
  if (!network) {
    const unknown = { depth: 0, width: 0, classes: 0, inputChannels: 0, parameters: 0, multiplyAdds: 0 }
    return {
      format,
      family: 'unknown',
      heads: 'unknown',
      ...unknown,
      exits: [],
      stem: null,
      stages: [],
      tensors,
      ...said
    }
  }
  const { family, title, depth, width, heads, classes, inputChannels } = network
  const { exits, ...drawn } = costsOf(network, inputSize)
  return { format, family, title, depth, width, heads, classes, inputChannels, ...drawn, exits, tensors, ...said }
}

function costsOf(network: Network, size: number) {
  const { full, exits, stem, stages } = exitCosts(network, size)
  // A graph is cut at its exits only.
  if (network.graph) return { ...full, exits, stem: null, stages: [] }
  return { ...full, exits, stem: describePart(stem), stages: stages.map(describePart) }
}

const describePart = ({
  channels,
  size,
  multiplyAdds,
  parameters,
  convolutions
}: Cost & Place & { convolutions: number }) => ({
  ...{ channels, size, multiplyAdds, parameters, convolutions }
})

/** What a file says beside its tensors; our own note is told as preprocessing and class names. */
const notesOf = (notes: CheckpointFacts['notes']) =>
  [...notes]
    .filter(([name]) => name !== originKey)
    .slice(0, mostNotes)
    .map(([name, text]) => ({ name, text: text.length > mostNoteLength ? `${text.slice(0, mostNoteLength)}…` : text }))
