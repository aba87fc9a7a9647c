import { describe, expect, test } from 'vitest'
import { exitCosts } from '../../../src-main/engine/model/cost.ts'
import { resnet } from '../../helpers/networks.ts'

// For 32x32 images and 100 classes; parameters as PyTorch counts those of the public ResNets. Accelerations of heads as
// wide as a quarter of the deepest features (public `luanyunteng` code), and of SCAN's 128 channels without its masks.
const cases = [
  {
    depth: 18,
    multiplyAdds: 555.47e6,
    parameters: 11_220_132,
    quarter: [3.1, 1.87, 1.31, 0.93],
    scala: [3.1, 1.87, 1.31, 0.93]
  },
  {
    depth: 50,
    multiplyAdds: 1298e6,
    parameters: 23_705_252,
    quarter: [2.03, 1.84, 1.18, 0.67],
    scala: [4.73, 2.23, 1.24, 0.93]
  },
  {
    depth: 101,
    multiplyAdds: 2510e6,
    parameters: 42.697e6,
    quarter: [3.93, 3.55, 1.09, 0.8],
    scala: [9.14, 4.32, 1.11, 0.96]
  },
  {
    depth: 152,
    multiplyAdds: 3722e6,
    parameters: 58.341e6,
    quarter: [5.82, 3.75, 1.06, 0.85],
    scala: [13.56, 4.3, 1.07, 0.98]
  }
] as const

describe.each(cases)('ResNet$depth of width 64', ({ depth, multiplyAdds, parameters, quarter, scala }) => {
  const options = { depth, width: 64, classes: 100, inputChannels: 3 }

  test('costs what the literature counts', () => {
    const { full } = exitCosts(resnet({ ...options, exits: 'all' }))
    expect(full.multiplyAdds / multiplyAdds).toBeCloseTo(1, 3)
    expect(full.parameters / parameters).toBeCloseTo(1, 4)
  })

  test.each([
    ['a quarter wide', { head: 'bottleneck' }, quarter],
    ['128 wide', { head: 'scan', attention: false }, scala]
  ] as const)('accelerates with heads %s', (_, heads, expected) => {
    const { full, exits, ensemble } = exitCosts(resnet({ ...options, exits: 'all', ...heads }))
    exits
      .slice(0, 3)
      .forEach(({ acceleration }, index) => expect(Math.abs(acceleration - expected[index]!)).toBeLessThan(0.006))
    expect(exits[3]!.acceleration).toBe(1)
    expect(Math.abs(full.multiplyAdds / ensemble.multiplyAdds - expected[3])).toBeLessThan(0.006)
  })

  test('costs the same with its deepest exit only', () => {
    const costs = (exits: 'all' | 'deepest') => exitCosts(resnet({ ...options, exits }))
    expect(costs('deepest').full).toEqual(costs('all').full)
  })
})
