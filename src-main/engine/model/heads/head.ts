import type { HeadName } from '../../../../src-shared/networks/network-spec.ts'
import type { Layer } from '../layer.ts'
import { bottleneckLayers, bottleneckSteps } from './bottleneck.ts'
import { scanMask, sepconvLayers, sepconvMask } from './sepconv.ts'

/** What an exit's head brings to what. */
export type HeadOptions = {
  /** Channels of its stage. */
  from: number
  /** Channels of the deepest stage. */
  to: number
  /** How many times the side of the deepest features its stage's has. */
  ratio: number
  /** Channels of each later stage, and how many times smaller its features are than the stage's before. */
  way: { channels: number; ratio: number }[]
}

/** Which head, and its settings. */
export type HeadChoice = { head: HeadName; width: number | undefined; attention: boolean }

/** Channels inside SCAN's heads. */
const scanWidth = 128

/** The layers of the head on a stage, and the name of its fully connected layer: those of the public implementations. */
export function buildHead(
  { head, width, attention }: HeadChoice,
  stage: number,
  options: HeadOptions
): { layers: Layer[]; classifier: string } {
  const quarter = Math.max(1, Math.floor(options.to / 4))
  switch (head) {
    case 'bottleneck': {
      const layers = bottleneckLayers(`bottleneck${stage}_1`, options, width ?? quarter)
      return { layers, classifier: `middle_fc${stage}` }
    }
    case 'bottleneck-steps': {
      const layers = bottleneckSteps(`bottleneck${stage}_1`, options, width ?? quarter)
      return { layers, classifier: `middle_fc${stage}` }
    }
    case 'sepconv': {
      const mask = attention ? [sepconvMask(`attention${stage}`, options.from)] : []
      return { layers: [...mask, ...sepconvLayers(`scala${stage}`, options)], classifier: `fc${stage}` }
    }
    case 'scan': {
      const mask = attention ? [scanMask(`attention${stage}`, options.from)] : []
      const layers = bottleneckLayers(`scala${stage}`, options, width ?? scanWidth)
      return { layers: [...mask, ...layers], classifier: `fc${stage}` }
    }
    case 'linear':
      return { layers: [], classifier: `middle_fc${stage}` }
  }
}

/** The name of the deepest exit's fully connected layer, beside heads of a kind. */
export const deepestClassifier = (head: HeadName | 'none', stage: number): string =>
  head === 'sepconv' || head === 'scan' ? `fc${stage}` : 'fc'
