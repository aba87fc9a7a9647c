import { activationLayers } from './layers/activations.ts'
import { weightedLayers } from './layers/convolutions.ts'
import type { Lowering } from './layers/layer-call.ts'
import { mergingLayers } from './layers/merging.ts'
import { normalizationLayers } from './layers/normalization.ts'
import { poolingLayers } from './layers/pooling.ts'
import { shapeLayers } from './layers/shapes.ts'

/** Every class of layers that is read, by Keras's name, but models within models. */
export const knownLayers: ReadonlyMap<string, Lowering> = new Map([
  ...weightedLayers,
  ...normalizationLayers,
  ...activationLayers,
  ...poolingLayers,
  ...shapeLayers,
  ...mergingLayers
])
