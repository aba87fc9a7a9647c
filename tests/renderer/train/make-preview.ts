import { exitsOf, stageCount } from '../../../src-renderer/train/network-facts.ts'
import type { NetworkPreview } from '../../../src-renderer/train/preview.svelte.ts'
import type { RunConfig } from '../../../src-shared/run-config.ts'

/** What the engine might say of a configuration: every stage has 100 parameters, every head 7. */
export function makePreview(config: RunConfig): NetworkPreview {
  const count = stageCount(config.network)
  const part = (index: number) => ({
    ...{ channels: 8 * 2 ** index, size: Math.max(1, 32 / 2 ** index), multiplyAdds: 1000, parameters: 100 },
    convolutions: 1
  })
  return {
    network: 'ResNet18, width 8, 10 classes, 4 exits',
    parameters: 100 * (count + 1) + 7,
    multiplyAdds: 1000 * count,
    exits: exitsOf(config).map((exit) => ({
      ...{ exit, parameters: 100 * (exit + 1) + 7, multiplyAdds: 1000 * exit },
      ...{ acceleration: count / exit, compression: count / exit }
    })),
    stem: part(0),
    stages: Array.from({ length: count }, (_, index) => part(index)),
    tensors: [],
    steps: 94,
    size: 32,
    epochMultiplyAdds: 6e9,
    memoryBytes: 5e8,
    warnings: []
  }
}
