import { describe, expect, it } from 'vitest'
import { trainStarts } from '../../../src-renderer/train/presets.ts'
import { TrainForm } from '../../../src-renderer/train/train-form.svelte.ts'
import { methodNames, needsTeacher } from '../../../src-shared/run-config.ts'

const start = (id: string) => trainStarts.find((one) => one.id === id)!

describe('the form of the Train view', () => {
  it('begins with the first start', () => {
    const { checked, name } = new TrainForm()
    expect(checked.config).toMatchObject({ epochs: 3, network: { width: 8 }, data: { limit: 6000 } })
    expect(name).toBe('resnet18-w8-self-distillation-0')
  })

  it('keeps method, seed and data set when another start is chosen, and nothing else', () => {
    const form = new TrainForm()
    form.set({ method: 'baseline', seed: 4, data: 'mine', width: 32, alpha: 0.9 })
    form.choose(start('noisy'))
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

  it('has nothing wrong after a start was chosen', () => {
    const form = new TrainForm()
    form.report('Epochs', 'Give a number.')
    form.choose(start('standard'))
    expect(form.checked.problem).toBe('')
  })

  it('takes the method that a start names', () => {
    const form = new TrainForm()
    form.set({ method: 'kd', teacher: '/runs/a' })
    form.choose(start('byot-journal'))
    expect(form.checked.config).toMatchObject({
      method: 'self-distillation',
      epochs: 250,
      distillation: { form: 'byot-journal' },
      network: { head: 'sepconv', attention: true },
      augmentation: { cutout: 16, autoAugment: true }
    })
  })

  it('keeps method and teacher with a start that names none', () => {
    const form = new TrainForm()
    form.set({ method: 'kd', teacher: '/runs/a' })
    form.choose(start('cnn'))
    expect(form.checked.config).toMatchObject({ method: 'kd', teacher: { path: '/runs/a' }, network: { name: 'cnn' } })
  })

  it('asks for a teacher in plain words, and draws the network meanwhile', () => {
    const form = new TrainForm()
    form.set({ method: 'fitnets', width: 24 })
    expect(form.checked).toEqual({
      config: null,
      problem: 'Choose a teacher: this method learns from a network that was trained before.'
    })
    expect(form.sketch).toMatchObject({ network: { width: 24 } })
    expect(form.shown.network.width).toBe(24)
  })

  it('draws nothing new while a field cannot be read', () => {
    const form = new TrainForm()
    form.set({ width: 24 })
    expect(form.shown.network.width).toBe(24)
    form.report('Epochs', 'Give a number.')
    expect(form.sketch).toBeNull()
    expect(form.shown.network.width).toBe(24)
  })

  it('says what a network’s name is like', () => {
    const form = new TrainForm()
    form.set({ network: 'wrn16-4' })
    expect(form.checked.problem).toBe('')
    form.set({ network: 'wrn15-4' })
    expect(form.checked.problem).toMatch(/^wrn15-4 needs a depth of 6n/)
    form.set({ network: 'mynet' })
    expect(form.checked.problem).toBe(
      'There is no network named "mynet"; write it like wrn16-4, resnext29-4x32d or pyramidnet110-84.'
    )
  })

  it.each(methodNames)('has a configuration for %s with nothing but a teacher', (method) => {
    const form = new TrainForm()
    form.set({ method })
    if (needsTeacher(method)) form.set({ teacher: '/runs/a' })
    expect(form.checked.problem).toBe('')
    expect(form.checked.config).toMatchObject({ method })
    expect(form.name).toBe(`resnet18-w8-${method}-0`)
  })

  it('names a run after a network from a file', () => {
    const form = new TrainForm()
    form.set({ spec: { name: 'My net!', stages: [[{ block: 'basic', channels: 12 }]] } })
    expect(form.checked.config?.network).toMatchObject({ name: 'custom', width: 12 })
    expect(form.name).toBe('My-net-w12-self-distillation-0')
  })

  it('takes options back', () => {
    const form = new TrainForm()
    form.set({ alpha: 0.9 })
    form.unset('alpha')
    expect(form.checked.config?.distillation.alpha).toBe(0.3)
  })

  it('takes a name that was typed', () => {
    const form = new TrainForm()
    form.ownName = ' mine '
    expect(form.name).toBe('mine')
  })
})
