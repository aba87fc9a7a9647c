import type { RunConfig } from '../../src-shared/run-config.ts'
import { buildRunConfig, type TrainOptions } from '../../src-shared/train-options.ts'
import { trainPresets, type TrainPreset } from './presets.ts'
import { describeRefusal } from './problems.ts'

type Checked = { config: RunConfig; problem: '' } | { config: null; problem: string }

/** What the form of the Train view is filled with: a preset, and what was changed since. */
export class TrainForm {
  preset = $state.raw<TrainPreset>(trainPresets[0])
  options = $state.raw<TrainOptions>({ ...trainPresets[0].options })
  /** Empty for a name made of network, method and seed. */
  ownName = $state('')
  /** Counts the presets chosen: fields begin anew with each. */
  generation = $state(0)
  /** What is wrong in a field, by its label: what stands there cannot even be read. */
  private problems = $state.raw<Record<string, string>>({})

  /** The run's configuration, or one sentence on why there is none. */
  checked = $derived.by((): Checked => {
    const [first] = Object.entries(this.problems)
    if (first) return { config: null, problem: `${first[0]}: ${first[1]}` }
    try {
      return { config: buildRunConfig(this.options), problem: '' }
    } catch (error) {
      return { config: null, problem: describeRefusal(error) }
    }
  })
  name = $derived(this.ownName.trim() || suggestName(this.options))

  /** Takes a preset's settings; method, seed and data set stay. */
  choose(preset: TrainPreset): void {
    const { method, seed, data } = this.options
    const kept = { ...(method && { method }), ...(seed !== undefined && { seed }), ...(data && { data }) }
    this.preset = preset
    this.options = { ...preset.options, ...kept }
    this.problems = {}
    this.generation++
  }

  set(changed: TrainOptions): void {
    const next: TrainOptions = { ...this.options, ...changed }
    if (changed.schedule && changed.schedule !== 'step') {
      // They go with the step schedule only.
      delete next.milestones
      delete next.factor
      this.report('Falls after epochs', '')
      this.report('Factor', '')
    }
    if (next.limit === 0) delete next.limit
    this.options = next
  }

  /** Notes what is wrong in a field; empty once nothing is. */
  report(label: string, problem: string): void {
    if ((this.problems[label] ?? '') === problem) return
    const { [label]: _, ...rest } = this.problems
    this.problems = problem === '' ? rest : { ...rest, [label]: problem }
  }
}

/** Kept while other views are shown. */
export const trainForm = new TrainForm()

/** A name for a run with these options, for instance `resnet18-w8-self-distillation-0`. */
export function suggestName({
  network = 'resnet18',
  method = 'self-distillation',
  width = 16,
  seed = 0,
  labelNoise
}: TrainOptions): string {
  return `${network}-w${width}-${method}${labelNoise ? '-noisy' : ''}-${seed}`
}
