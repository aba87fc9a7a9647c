import { describe, expect, test } from 'vitest'
import { exitCosts } from '../../../src-main/engine/model/cost.ts'
import { resnet, type ResnetDepth } from '../../../src-main/engine/model/families/resnet.ts'

const network = (depth: ResnetDepth, exits: 'all' | 'deepest' = 'all') =>
  resnet({ depth, width: 64, classes: 100, inputChannels: 3, exits })

// For 32x32 images and 100 classes; parameters as PyTorch counts those of the public ResNets.
const cases = [
  { depth: 18, multiplyAdds: 555.47e6, parameters: 11_220_132, accelerations: [3.1, 1.87, 1.31], ensemble: 0.93 },
  { depth: 50, multiplyAdds: 1298e6, parameters: 23_705_252, accelerations: [2.03, 1.84, 1.18], ensemble: 0.67 }
] as const

describe.each(cases)('ResNet$depth of width 64', ({ depth, multiplyAdds, parameters, accelerations, ensemble }) => {
  test('costs what the literature counts', () => {
    const { full, exits, ensemble: all } = exitCosts(network(depth))
    expect(full.multiplyAdds / multiplyAdds).toBeCloseTo(1, 3)
    expect(full.parameters).toBe(parameters)
    exits.slice(0, 3).forEach((cost, index) => expect(cost.acceleration).toBeCloseTo(accelerations[index]!, 1.5))
    expect(exits[3]!.acceleration).toBe(1)
    expect(full.multiplyAdds / all.multiplyAdds).toBeCloseTo(ensemble, 1.5)
  })

  test('costs the same with its deepest exit only', () => {
    expect(exitCosts(network(depth, 'deepest')).full).toEqual(exitCosts(network(depth)).full)
  })
})
