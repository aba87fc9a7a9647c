import type { LabResult } from '../../src-shared/lab-contract.ts'
import type { Frame } from '../../src-shared/library.ts'
import { headNames } from '../../src-shared/networks/network-spec.ts'
import { headWords } from '../train/network-words.ts'
import { formatShort } from '../train/quantities.ts'

export type Inspection = LabResult<'inspect'>
export type DatasetFacts = LabResult<'listDatasets'>[number]

const formats: Record<string, string> = {
  safetensors: 'safetensors',
  'pytorch-zip': 'PyTorch',
  'pytorch-legacy': 'PyTorch, older form',
  tfjs: 'TensorFlow.js',
  'keras-h5': 'Keras, HDF5',
  keras: 'Keras',
  onnx: 'ONNX',
  npz: 'NumPy',
  run: 'run of the lab'
}

/** A file's format in words. */
export const formatWords = (format: string): string => formats[format] ?? format

const countWords = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`

/** For instance `3 checkpoints, epoch 10 to epoch 30`; empty where there are not two. */
export const framesWords = (frames: readonly Frame[] = []): string =>
  frames.length > 1 ? `${frames.length} checkpoints, ${frames[0]!.label} to ${frames.at(-1)!.label}` : ''

/** A file that describes its network by itself: a graph, whose layers have no names of a family. */
const isGraph = ({ family }: Pick<Inspection, 'family'>): boolean => family === 'graph'

function headsOf({ heads }: Pick<Inspection, 'heads'>): string {
  if (heads === 'mixed') return 'several kinds of heads'
  const known = headNames.find((name) => name === heads)
  if (known === 'bottleneck-steps') return 'bottleneck heads in steps'
  return `${known ? headWords[known].short : heads} heads`
}

const mostRemark = 140

/** A remark at a length to be read in passing: cut after a comma or a word. */
export function shortRemark(remark: string): string {
  if (remark.length <= mostRemark) return remark
  const cut = remark.slice(0, mostRemark)
  const end = Math.max(cut.lastIndexOf(', '), cut.length - 20)
  return `${cut.slice(0, end)} …`
}

/**
 * For instance `ResNet50, 100 classes, 4 exits, bottleneck heads`, or what it holds in place of a network. A graph goes by
 * the file's name.
 */
export function headlineOf(inspection: Inspection, name: string): string {
  const { title, family, classes, exits, outputs, tensors, misfit } = inspection
  if (outputs) {
    const { exits: given, count, classes: known } = outputs
    return `What a network gave: ${countWords(given.length, 'exit')}, ${countWords(count, 'image')}, ${countWords(known, 'class', 'classes')}`
  }
  if (misfit !== null) return countWords(tensors.length, 'tensor')
  return [
    isGraph(inspection) ? name : (title ?? family),
    ...[countWords(classes, 'class', 'classes'), countWords(exits.length, 'exit')],
    ...(exits.length > 1 && !isGraph(inspection) ? [headsOf(inspection)] : [])
  ].join(', ')
}

/** The second line: format, parameters, cost. */
export function factsOf(inspection: Inspection): string {
  const { format, depth, parameters, multiplyAdds, inputChannels, inputSize, misfit, outputs } = inspection
  if (misfit !== null || outputs) return formatWords(format)
  return [
    formatWords(format),
    ...(isGraph(inspection) && depth ? [`${countWords(depth, 'layer')} with weights`] : []),
    `${formatShort(parameters)} parameters`,
    `${formatShort(multiplyAdds)} multiply-adds on ${inputSize} × ${inputSize} pixels`,
    inputChannels === 1 ? 'grey images' : inputChannels === 3 ? 'colour images' : `${inputChannels} channels`
  ].join(' · ')
}

/** Why a network can't be asked for the images of a data set; empty where it can. */
export function reasonAgainst(
  { classes, inputChannels }: Pick<Inspection, 'classes' | 'inputChannels'>,
  dataset: DatasetFacts
): string {
  const channels = dataset.shape[2]
  const words = (count: number) => (count === 1 ? 'grey images' : count === 3 ? 'colour images' : `${count} channels`)
  if (channels !== inputChannels) return `It has ${words(channels)}; the network takes ${words(inputChannels)}.`
  if (dataset.classes.length !== classes)
    return `It has ${dataset.classes.length} classes; the network knows ${classes}.`
  return ''
}

/** Data sets as a choice: those that fit first, the others with the reason. */
export function datasetChoices(inspection: Inspection, datasets: readonly DatasetFacts[]) {
  const all = datasets.map((dataset) => {
    const reason = reasonAgainst(inspection, dataset)
    const { name, testCount, shape } = dataset
    const hint = reason || `${testCount.toLocaleString('en')} test images of ${shape[0]} × ${shape[1]} pixels`
    return { value: name, text: name, hint, disabled: reason !== '' }
  })
  return [...all.filter(({ disabled }) => !disabled), ...all.filter(({ disabled }) => disabled)]
}

/** The data set to begin with: the window's where it fits, else the first that does; null for none. */
export function preferredDataset(
  inspection: Inspection,
  datasets: readonly DatasetFacts[],
  wanted: readonly string[]
): string | null {
  const fitting = datasets.filter((dataset) => reasonAgainst(inspection, dataset) === '')
  const found = wanted.find((name) => fitting.some((dataset) => dataset.name === name))
  return found ?? fitting[0]?.name ?? null
}
