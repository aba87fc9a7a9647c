import { describe, expect, it } from 'vitest'
import { buildRunConfig } from '../../src-shared/train-options.ts'
import { run } from '../cli/run.ts'

const defaults = {
  network: { name: 'resnet18', width: 16 },
  method: 'self-distillation',
  distillation: { alpha: 0.3, lambda: (0.03 * 64) / 128, temperature: 3 },
  data: { name: 'fashion-mnist', limit: null, labelNoise: 0, validation: 0 },
  epochs: 12,
  batchSize: 64,
  learningRate: 0.05,
  momentum: 0.9,
  nesterov: false,
  weightDecay: 5e-4,
  schedule: { kind: 'cosine' },
  augmentation: { cropPadding: 1, flip: true },
  seed: 0
}

describe('buildRunConfig', () => {
  it('has documented defaults', () => expect(buildRunConfig({})).toEqual(defaults))

  it('scales lambda by the feature dimension', () => {
    expect(buildRunConfig({ network: 'resnet18', width: 8 }).distillation.lambda).toBeCloseTo(0.03, 12)
    expect(buildRunConfig({ network: 'resnet50', width: 4 }).distillation.lambda).toBeCloseTo(0.015, 12)
  })

  it('knows the recipe of the paper', () => {
    expect(buildRunConfig({ recipe: 'byot' })).toMatchObject({
      ...{ epochs: 200, batchSize: 128, learningRate: 0.1, momentum: 0.9, weightDecay: 5e-4 },
      schedule: { kind: 'step', milestones: [75, 130, 180], factor: 0.1 }
    })
    expect(buildRunConfig({ recipe: 'byot', epochs: 20, lr: 0.2 })).toMatchObject({
      ...{ epochs: 20, learningRate: 0.2, schedule: { kind: 'step', milestones: [7.5, 13, 18] } }
    })
  })
})

describe('train', () => {
  it('builds its configuration from the options', async () => {
    const argv =
      'train --network resnet50 --width 8 --method baseline --data d --limit 100 --epochs 3 --out runs/x --batch-size 32 ' +
      '--lr 0.1 --schedule step --milestones 1,2 --factor 0.5 --momentum 0 --nesterov --weight-decay 0 --alpha 0.5 ' +
      '--lambda 1e-3 --temperature 2 --label-noise 0.4 --validation .1 --crop-padding 2 --no-flip --seed 9'
    const { engine, stdout } = await run(argv.split(' '))
    expect(engine.calls).toEqual([
      {
        name: 'train',
        request: {
          out: 'runs/x',
          config: {
            network: { name: 'resnet50', width: 8 },
            method: 'baseline',
            distillation: { alpha: 0.5, lambda: 0.001, temperature: 2 },
            data: { name: 'd', limit: 100, labelNoise: 0.4, validation: 0.1 },
            epochs: 3,
            batchSize: 32,
            learningRate: 0.1,
            momentum: 0,
            nesterov: true,
            weightDecay: 0,
            schedule: { kind: 'step', milestones: [1, 2], factor: 0.5 },
            augmentation: { cropPadding: 2, flip: false },
            seed: 9
          }
        }
      }
    ])
    expect(stdout).toContain('runs/x, 4 epochs, on the test split:\n')
  })

  it('names the folder by network, method and time', async () => {
    const { engine } = await run(['train', '--no-augment'])
    expect(engine.calls[0]?.request).toEqual({
      out: expect.stringMatching(/^runs\/resnet18-self-distillation-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d$/),
      config: { ...defaults, augmentation: { cropPadding: 0, flip: false } }
    })
  })

  it.each([['--resume runs/x'], ['--resume --out runs/x'], ['--resume runs/x --out runs/x --quiet --backend cpu']])(
    '%s goes on',
    async (options) => {
      const { engine } = await run(['train', ...options.split(' ')])
      expect(engine.calls[0]?.request).toEqual({ out: 'runs/x', config: null })
    }
  )
})
