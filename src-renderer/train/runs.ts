import { isActive, type Job } from '../../src-shared/jobs.ts'
import { methodWords } from './method-words.ts'

const mostRuns = 40
const order: readonly Job['state'][] = ['running', 'waiting', 'paused']

/** The newest job of every run that was trained here: those that may still go on first, then newest first. */
export function runsOf(jobs: readonly Job[]): Job[] {
  const newest = new Map<string, Job>()
  for (const job of jobs) if (job.run !== null && !newest.has(job.run)) newest.set(job.run, job)
  const runs = [...newest.values()]
  const active = order.flatMap((state) => runs.filter((job) => job.state === state))
  return [...active, ...runs.filter((job) => !isActive(job))].slice(0, mostRuns)
}

/** A run's name: that of its folder. */
export const nameOfRun = (run: string): string => run.split(/[\\/]/).filter(Boolean).at(-1) ?? run

/** What a training's state is called. */
export const stateWords: Record<Job['state'], string> = {
  waiting: 'waiting for its turn',
  running: 'training',
  paused: 'paused',
  done: 'done',
  failed: 'failed',
  cancelled: 'stopped'
}

/** How a run is trained, for instance `self-distillation, 4,000 images of fashion-mnist, 40 % label noise, seed 0`. */
export function describeSpec({ spec }: Job): string {
  if (spec.kind !== 'train') return ''
  const { method, data, seed, precision = 'float32' } = spec.config
  const images = data.limit === null ? data.name : `${data.limit.toLocaleString('en')} images of ${data.name}`
  const noise = data.labelNoise > 0 ? `${Math.round(100 * data.labelNoise)} % label noise` : ''
  return [inSentence(methodWords[method].text), images, noise, precision === 'float32' ? '' : precision, `seed ${seed}`]
    .filter(Boolean)
    .join(', ')
}

/** `Deep supervision` -> `deep supervision`; a name with capitals of its own stays. */
const inSentence = (text: string): string =>
  /^.[^A-Z]*$/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text
