import type { Preprocessing } from '../../../src-shared/preprocessing.ts'

/** Mean, deviation and order of colours, as people normalise images with. */
export type KnownValues = { label: string } & Pick<Preprocessing, 'mean' | 'deviation' | 'channelOrder'>

/** Of torchvision's models (pytorch.org/vision/stable/models.html), pixels in 0..1. */
export const imagenetValues: KnownValues = {
  label: 'ImageNet means',
  mean: [0.485, 0.456, 0.406],
  deviation: [0.229, 0.224, 0.225]
}

/** For colour images. */
const ofColour: readonly KnownValues[] = [
  // As in kuangliu/pytorch-cifar, which most training code for CIFAR-10 was copied from.
  { label: 'CIFAR-10 means', mean: [0.4914, 0.4822, 0.4465], deviation: [0.2023, 0.1994, 0.201] },
  // As in weiaicunzai/pytorch-cifar100.
  { label: 'CIFAR-100 means', mean: [0.5071, 0.4865, 0.4409], deviation: [0.2673, 0.2564, 0.2762] },
  imagenetValues,
  // Caffe's models and what Keras took over from them: bytes without ImageNet's mean.
  {
    label: 'Caffe means, BGR',
    mean: [103.939 / 255, 116.779 / 255, 123.68 / 255],
    deviation: [1 / 255, 1 / 255, 1 / 255],
    channelOrder: 'bgr'
  }
]

/** For grey images. */
const ofGrey: readonly KnownValues[] = [
  { label: 'MNIST means', mean: [0.1307], deviation: [0.3081] },
  { label: 'Fashion-MNIST means', mean: [0.286], deviation: [0.353] }
]

const same = (value: number, channels: number): number[] => Array.from({ length: channels }, () => value)

/** The values that do not look at any images. */
export const plainValues = {
  half: (channels: number): KnownValues => ({
    label: '0.5 and 0.5',
    mean: same(0.5, channels),
    deviation: same(0.5, channels)
  }),
  unit: (channels: number): KnownValues => ({
    label: 'plain 0 to 1',
    mean: same(0, channels),
    deviation: same(1, channels)
  }),
  bytes: (channels: number): KnownValues => ({
    label: 'plain 0 to 255',
    mean: same(0, channels),
    deviation: same(1 / 255, channels)
  })
}

/** All that people are known to use for images of so many channels. */
export const knownValues = (channels: number): KnownValues[] => [
  ...(channels === 3 ? ofColour : channels === 1 ? ofGrey : []),
  ...[plainValues.half(channels), plainValues.unit(channels), plainValues.bytes(channels)]
]
