import { needsTeacher, type MethodName, type RunConfig } from '../../src-shared/run-config.ts'
import { buildRunConfig, type TrainOptions } from '../../src-shared/train-options.ts'
import { changeOptions, keepOwn, usualMethod, without } from './change-options.ts'
import { networkNameProblem } from './network-words.ts'
import { trainStarts, type TrainStart } from './presets.ts'
import { describeRefusal } from './problems.ts'

type Checked = { config: RunConfig; problem: '' } | { config: null; problem: string }

/** What the form of the Train view is filled with: a start, and what was changed since. */
export class TrainForm {
  start = $state.raw<TrainStart>(trainStarts[0])
  options = $state.raw<TrainOptions>({ ...trainStarts[0].options })
  /** Empty for a name made of network, method and seed. */
  ownName = $state('')
  /** Name of the file that a network of one's own was read from. */
  fileName = $state('')
  /** Counts the starts chosen: fields begin anew with each. */
  generation = $state(0)
  /** What is wrong in a field, by its label: what stands there cannot even be read. */
  private problems = $state.raw<Record<string, string>>({})
  /** The last configuration that could be made. */
  private last = buildRunConfig(trainStarts[0].options)

  method = $derived<MethodName>(this.options.method ?? usualMethod)
  /** The run's configuration, or one sentence on why there is none. */
  checked = $derived.by((): Checked => {
    const [first] = Object.entries(this.problems)
    if (first) return { config: null, problem: `${first[0]}: ${first[1]}` }
    const name = this.options.spec ? '' : networkNameProblem(this.options.network ?? 'resnet18')
    if (name) return { config: null, problem: name }
    if (needsTeacher(this.method) && !this.options.teacher)
      return { config: null, problem: 'Choose a teacher: this method learns from a network that was trained before.' }
    try {
      return { config: buildRunConfig(this.options), problem: '' }
    } catch (error) {
      return { config: null, problem: describeRefusal(error) }
    }
  })
  /** What is drawn: the configuration, without its teacher while that is to be chosen; null while it can't be read. */
  sketch = $derived.by((): RunConfig | null => {
    if (this.checked.config || Object.keys(this.problems).length > 0) return this.checked.config
    if (!needsTeacher(this.method) || this.options.teacher) return null
    try {
      return buildRunConfig(changeOptions(this.options, { method: 'baseline' }))
    } catch {
      return null
    }
  })
  /** What fields show where nothing was typed: the last configuration that could be made while something is wrong. */
  shown = $derived.by((): RunConfig => (this.last = this.sketch ?? this.last))
  name = $derived(this.ownName.trim() || suggestName(this.options))

  /** Takes a start's settings; seed, data set, and a method that it does not name stay. */
  choose(start: TrainStart): void {
    const { method, seed, data, teacher } = this.options
    this.start = start
    this.options = keepOwn({ method, seed, data, teacher, ...start.options })
    this.problems = {}
    this.generation++
  }

  /** Changes some options; what no longer goes with them is dropped. */
  set(changed: TrainOptions): void {
    this.options = changeOptions(this.options, changed)
  }

  /** Takes an option back, so that recipe, preset and method decide it. */
  unset(...keys: (keyof TrainOptions)[]): void {
    this.options = without(this.options, keys)
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
  method = usualMethod,
  width = 16,
  seed = 0,
  labelNoise,
  spec
}: TrainOptions): string {
  const name = spec ? spec.name.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^-+|-+$/g, '') || 'network' : network
  return `${name}-w${width}-${method}${labelNoise ? '-noisy' : ''}-${seed}`
}
