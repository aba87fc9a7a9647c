import {
  isSamePreprocessing,
  type Preprocessing,
  type SettledPreprocessing
} from '../../../src-shared/preprocessing.ts'
import type { CheckpointFacts } from '../checkpoint/checkpoint.ts'
import type { Dataset } from '../data/dataset-types.ts'
import type { Network } from '../model/layer.ts'
import { inputFor, isForImagenet, ownScaling } from './input-form.ts'
import { imagenetValues, knownValues, plainValues, type KnownValues } from './known-values.ts'

/** What a preprocessing is guessed from: a data set's name, the shape of its images and their statistics. */
export type DataFacts = Pick<Dataset, 'name' | 'shape' | 'mean' | 'deviation'>

type Facts = Pick<CheckpointFacts, 'preprocessing' | 'preprocessingSource'> & { network: Network }

/** What a checkpoint's images are prepared with: as somebody said, as its file says, else guessed from what it is. */
export function settlePreprocessing(facts: Facts, data: DataFacts): SettledPreprocessing {
  const { preprocessing, preprocessingSource, network } = facts
  if (!preprocessing) return guessPreprocessing(network, data)
  const isSaid = preprocessingSource === 'said'
  return {
    preprocessing,
    source: isSaid ? 'said' : 'file',
    label: labelOf(preprocessing, data),
    reason: isSaid ? 'It was chosen by hand.' : 'The file says so.',
    isSure: true
  }
}

/** The most likely preprocessing of a network that nobody says anything of, on a data set. */
export function guessPreprocessing(network: Network, data: DataFacts): SettledPreprocessing {
  const input = inputFor(network, data.shape)
  const settled = ({ label, ...values }: KnownValues, reason: string, isSure: boolean): SettledPreprocessing => ({
    preprocessing: { ...input, ...values },
    source: 'guessed',
    label,
    reason,
    isSure
  })
  const channels = network.inputChannels
  const scaling = network.graph ? ownScaling(network.graph) : 'none'
  if (scaling === 'bytes')
    return settled(plainValues.bytes(channels), 'The file scales its images itself, from 0 to 255.', true)
  if (scaling === 'unknown')
    return settled(plainValues.bytes(channels), 'The file scales its images itself, mostly from 0 to 255.', false)
  if (scaling === 'unit')
    return settled(plainValues.unit(channels), 'The file scales its images itself, from 0 to 1.', true)
  if (channels === 3 && isForImagenet(network))
    return settled(imagenetValues, 'Its first layer is that of networks for ImageNet.', network.classes === 1000)
  // Keras' own examples divide by 255 and do nothing else.
  if (network.graph?.layout === 'NHWC')
    return settled(plainValues.unit(channels), 'Keras networks mostly take pixels from 0 to 1.', false)
  return settled(ownValues(data), `Networks for small images mostly take the means of their data.`, false)
}

/** A data set's own mean and deviation. */
export const ownValues = ({ name, mean, deviation }: DataFacts): KnownValues => ({
  label: `${name} means`,
  mean,
  deviation
})

/** What people call a preprocessing. */
export function labelOf(preprocessing: Preprocessing, data: DataFacts): string {
  const { mean, deviation, channelOrder } = preprocessing
  const valuesOf = (known: Pick<Preprocessing, 'mean' | 'deviation'>): Preprocessing => ({
    size: 1,
    mean: known.mean,
    deviation: known.deviation
  })
  const own = valuesOf({ mean, deviation })
  const found = [ownValues(data), ...knownValues(mean.length)].find((known) =>
    isSamePreprocessing(valuesOf(known), own)
  )
  const label = found?.label ?? 'values of its own'
  return channelOrder === 'bgr' && found?.channelOrder !== 'bgr' ? `${label}, BGR` : label
}
