import { describe, expect, it } from 'vitest'
import { trainPresets } from '../../../src-renderer/train/presets.ts'
import { TrainForm } from '../../../src-renderer/train/train-form.svelte.ts'

const preset = (id: string) => trainPresets.find((one) => one.id === id)!

describe('the form of the Train view', () => {
  it('begins with the first preset', () => {
    const { checked, name } = new TrainForm()
    expect(checked.config).toMatchObject({ epochs: 3, network: { width: 8 }, data: { limit: 6000 } })
    expect(name).toBe('resnet18-w8-self-distillation-0')
  })

  it('keeps method, seed and data set when another preset is chosen, and nothing else', () => {
    const form = new TrainForm()
    form.set({ method: 'baseline', seed: 4, data: 'mine', width: 32, alpha: 0.9 })
    form.choose(preset('noisy'))
    expect(form.checked.config).toMatchObject({
      method: 'baseline',
      seed: 4,
      network: { width: 8 },
      distillation: { alpha: 0.3 },
      data: { name: 'mine', limit: 4000, labelNoise: 0.4 },
      augmentation: { cropPadding: 0, flip: false }
    })
    expect(form.name).toBe('resnet18-w8-baseline-noisy-4')
  })

  it('takes all images for a limit of 0', () => {
    const form = new TrainForm()
    form.set({ limit: 0 })
    expect(form.checked.config?.data.limit).toBeNull()
  })

  it('forgets milestones and factor with the step schedule', () => {
    const form = new TrainForm()
    form.set({ schedule: 'step', milestones: [1, 2], factor: 0.5 })
    expect(form.checked.config?.schedule).toEqual({ kind: 'step', milestones: [1, 2], factor: 0.5 })
    form.set({ schedule: 'constant' })
    form.set({ schedule: 'step' })
    expect(form.checked.config?.schedule).toMatchObject({ kind: 'step', factor: 0.1 })
  })

  it('has no configuration while a field holds what cannot be used', () => {
    const form = new TrainForm()
    form.report('Epochs', 'Give a number.')
    form.report('Width', 'At least 1.')
    expect(form.checked).toEqual({ config: null, problem: 'Epochs: Give a number.' })
    form.report('Epochs', '')
    expect(form.checked.problem).toBe('Width: At least 1.')
    form.report('Width', '')
    expect(form.checked.problem).toBe('')
  })

  it('has no configuration where the values do not fit, and says why', () => {
    const form = new TrainForm()
    form.set({ lr: 0 })
    expect(form.checked).toEqual({ config: null, problem: 'The learning rate must be more than 0.' })
  })

  it('has nothing wrong after a preset was chosen', () => {
    const form = new TrainForm()
    form.report('Epochs', 'Give a number.')
    form.choose(preset('standard'))
    expect(form.checked.problem).toBe('')
  })

  it('takes a name that was typed', () => {
    const form = new TrainForm()
    form.ownName = ' mine '
    expect(form.name).toBe('mine')
  })
})
