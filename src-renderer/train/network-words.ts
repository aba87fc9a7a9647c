import { findNetwork, nameProblem, networkNames, paperWidth } from '../../src-shared/networks/find-network.ts'
import type { HeadName } from '../../src-shared/networks/network-spec.ts'

type Words = { group: string; hint: string }

const words: Record<(typeof networkNames)[number], Words> = {
  resnet18: { group: 'Residual', hint: 'Two basic blocks a stage (He et al. 2016).' },
  resnet34: { group: 'Residual', hint: 'Three to six basic blocks a stage.' },
  resnet50: { group: 'Residual', hint: 'Three to six bottleneck blocks a stage; four times as wide behind each.' },
  resnet101: { group: 'Residual', hint: 'As ResNet50, with 23 blocks in stage 3.' },
  resnet152: { group: 'Residual', hint: 'As ResNet50, with 8 and 36 blocks in stages 2 and 3.' },
  'resnext29-8x64d': {
    group: 'Grouped, wide, pyramidal',
    hint: 'Bottlenecks in 8 groups, three stages (Xie et al. 2017).'
  },
  'resnext50-32x4d': { group: 'Grouped, wide, pyramidal', hint: 'Bottlenecks in 32 groups, four stages.' },
  'wrn20-8': {
    group: 'Grouped, wide, pyramidal',
    hint: 'Few, wide blocks in three stages (Zagoruyko and Komodakis 2016).'
  },
  'wrn44-8': { group: 'Grouped, wide, pyramidal', hint: 'Seven wide blocks a stage.' },
  'wrn28-12': { group: 'Grouped, wide, pyramidal', hint: 'Four blocks a stage, half as wide again as WRN20-8.' },
  'pyramidnet101-240': {
    group: 'Grouped, wide, pyramidal',
    hint: 'Channels grow with every block (Han et al. 2017).'
  },
  vgg16: { group: 'Plain', hint: '13 convolutions one after another (Simonyan and Zisserman 2015).' },
  vgg19: { group: 'Plain', hint: '16 convolutions one after another.' },
  cnn: { group: 'Plain', hint: 'Three stages of two 3 × 3 convolutions: for teaching.' },
  mobilenet: { group: 'Small', hint: 'Each channel on its own, then 1 × 1: few multiply-adds (Howard et al. 2017).' },
  squeezenet: {
    group: 'Small',
    hint: 'Few parameters (Iandola et al. 2016); without BatchNorm it wants a low learning rate.'
  },
  'squeezenet-bn': { group: 'Small', hint: 'The same with BatchNorm, which learns faster.' }
}

/** As people write a network's name, for instance `ResNet18`; the name itself where there is no such network. */
export const titleOf = (name: string): string =>
  nameProblem(name) === null && name in words ? findNetwork({ name, width: paperWidth(name) }).title : name

/** The menu of networks, those of a group together. */
export const networkOptions = Object.entries(words).map(([value, own]) => ({ value, text: titleOf(value), ...own }))

/** Why a typed name is no network's, one sentence; empty where it is one. */
export function networkNameProblem(name: string): string {
  const problem = name.trim() === '' ? 'Give a name.' : (nameProblem(name) ?? '')
  return problem.includes('known are')
    ? `There is no network named ${JSON.stringify(name)}; write it like wrn16-4, resnext29-4x32d or pyramidnet110-84.`
    : problem
}

/** Exit heads: what is before an exit's fully connected layer. */
export const headWords: Record<HeadName, { text: string; short: string; hint: string }> = {
  bottleneck: {
    text: 'Bottleneck',
    short: 'bottleneck',
    hint: '1 × 1, k × k, 1 × 1 convolutions, as in public code for the paper.'
  },
  'bottleneck-steps': {
    text: 'Bottleneck in steps',
    short: 'steps',
    hint: 'The same with a 3 × 3 convolution for each halving.'
  },
  sepconv: { text: 'Separable', short: 'separable', hint: 'Separable convolutions, as in the journal version’s code.' },
  scan: { text: 'SCAN', short: 'SCAN', hint: 'As Bottleneck, 128 channels inside, as in the code of SCAN.' },
  linear: { text: 'None', short: 'linear', hint: 'Pooling and the fully connected layer alone.' }
}

/** Heads that have a width of their own, and those that may have a mask before them. */
export const headHasWidth = (head: HeadName): boolean => head !== 'sepconv' && head !== 'linear'
export const headHasAttention = (head: HeadName): boolean => head === 'sepconv' || head === 'scan'
