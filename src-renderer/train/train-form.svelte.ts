import { z } from 'zod'
import type { RunConfig } from '../../src-shared/run-config.ts'
import { buildRunConfig, type TrainOptions } from '../../src-shared/train-options.ts'
import { trainPresets, type TrainPreset } from './presets.ts'

/** What the Train view is filled with: a preset, and what was changed since. */
export class TrainForm {
  preset = $state.raw<TrainPreset>(trainPresets[0]!)
  options = $state.raw<TrainOptions>({ ...trainPresets[0]!.options, method: 'self-distillation' })
  /** Empty for a name made of network, method and seed. */
  ownName = $state('')

  /** The run's configuration, or one sentence on why there is none. */
  checked = $derived.by((): { config: RunConfig; problem: '' } | { config: null; problem: string } => {
    try {
      return { config: buildRunConfig(this.options), problem: '' }
    } catch (error) {
      return { config: null, problem: describeProblem(error) }
    }
  })
  name = $derived(this.ownName.trim() || suggestName(this.options))

  choose(preset: TrainPreset): void {
    const { method, seed, data } = this.options
    this.preset = preset
    this.options = {
      ...preset.options,
      ...(method && { method }),
      ...(seed !== undefined && { seed }),
      ...(data && { data })
    }
  }

  set(changed: TrainOptions): void {
    const next: TrainOptions = { ...this.options, ...changed }
    // Milestones and their factor go with the step schedule only; no limit is written as 0.
    if (changed.schedule && changed.schedule !== 'step') {
      delete next.milestones
      delete next.factor
    }
    if (next.limit === 0) delete next.limit
    this.options = next
  }
}

function suggestName({
  network = 'resnet18',
  method = 'self-distillation',
  width = 16,
  seed = 0,
  labelNoise
}: TrainOptions): string {
  return `${network}-w${width}-${method}${labelNoise ? '-noisy' : ''}-${seed}`
}

function describeProblem(error: unknown): string {
  if (error instanceof z.ZodError) {
    const [issue] = error.issues
    return `${issue?.path.join(' ') || 'The configuration'}: ${issue?.message ?? 'not valid'}.`
  }
  return error instanceof Error ? error.message : String(error)
}
