import type { BlockSpec, NetworkSpec } from '../network-spec.ts'

/** What decides a member of a family beside its name. */
export type FamilyOptions = {
  /** Channels of the first stage. */
  width: number
  /** `cifar`: a 3x3 stem of stride 1; `imagenet`: the paper's stem for images of 224 pixels. */
  form: NetworkForm
}

export const networkForms = ['cifar', 'imagenet'] as const
export type NetworkForm = (typeof networkForms)[number]

/** A member of a family: its structure as data, and what it is called. */
export type Member = {
  /** For instance `ResNet`. */
  family: string
  /** 0 where the family has one depth only. */
  depth: number
  /** As people write it, for instance `ResNeXt29-8x64d`. */
  title: string
  spec: NetworkSpec
}

/** A family: the names of its members, their width in the paper, and how one is built. */
export type Family = {
  /** Matches the names of its members. */
  pattern: RegExp
  /** Channels of the first stage in the paper. */
  paperWidth(match: RegExpExecArray): number
  /** Why there is no such member, the end of a sentence; null where there is one. */
  problem?(match: RegExpExecArray): string | null
  build(match: RegExpExecArray, options: FamilyOptions): Member
}

/** Channels scaled with the width, rounded, one at least. */
export const scaled = (channels: number, width: number, paperWidth: number): number =>
  Math.max(1, Math.round((channels * width) / paperWidth))

/** The stem of ResNets: one 3x3 convolution, or ImageNet's 7x7 with stride 2 and pooling. */
export const residualStem = (channels: number, form: NetworkForm): BlockSpec[] =>
  form === 'cifar'
    ? [{ block: 'convolution', name: 'conv1', normName: 'bn1', channels }]
    : [
        { block: 'convolution', name: 'conv1', normName: 'bn1', channels, kernel: 7, stride: 2 },
        { block: 'max-pool', kernel: 3, stride: 2, padding: 1 }
      ]
