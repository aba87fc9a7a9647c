import { UsageError } from '../../../src-shared/errors.ts'
import type { JobProgress, ProbeSpec } from '../../../src-shared/jobs.ts'
import type { AnyReport, Progress } from '../../../src-shared/reports.ts'
import type { Backend } from '../backend/backend.ts'
import { evaluate } from '../calls/predict.ts'
import { requireFit } from '../evaluation/subject.ts'
import { checkPreprocessing } from '../preprocessing/check.ts'
import { completeReport, refine } from '../probes/refine.ts'
import { runProbe, takesOutputs } from '../probes/run-probe.ts'
import type { Outcome, Task } from './job-calls.ts'
import { Pace } from './pace.ts'
import type { Tell } from './train-task.ts'

/** How often a measurement tells how far it is, at most. */
const newsMs = 200
/** Share of a probe's work that its first, coarse look is taken for. */
const coarseShare = 0.15

/** Measures what a task asks for. Throws CancelledError when the signal is aborted. */
export async function measureTask(backend: Backend, { spec }: Task, tell: Tell, signal: AbortSignal): Promise<Outcome> {
  let latest: JobProgress | null = null
  const pace = new Pace(newsMs, () => {
    if (latest) tell({ progress: latest })
    latest = null
  })
  const onProgress = ({ fraction, secondsLeft, message = '' }: Progress) => {
    latest = { fraction, secondsLeft, message }
    pace.ask()
  }
  try {
    if (spec.kind === 'probe') {
      const report = await measureFinely(backend, spec, onProgress, (report) => tell({ report }), signal)
      return { kind: 'measured', report }
    }
    if (spec.kind === 'preprocessing')
      return { kind: 'checked', check: await checkPreprocessing(backend, spec, { onProgress, signal }) }
    if (spec.kind !== 'evaluate') throw new UsageError('There is no folder to train in.')
    return { kind: 'evaluated', result: await evaluate(backend, spec, { onProgress, signal }) }
  } finally {
    pace.end()
  }
}

/** Runs a probe coarsely, then as asked; `onReport` gets what is finished on the way. */
async function measureFinely(
  backend: Backend,
  { probe, request: asked }: ProbeSpec,
  onWhole: (progress: Progress) => void,
  onReport: (report: AnyReport) => void,
  signal: AbortSignal
): Promise<AnyReport> {
  // One that does not fit would otherwise be found after all before it have been measured.
  if ('data' in asked) await requireFit(asked.checkpoints, asked.data, { takesOutputs: takesOutputs[probe] })
  const requests = refine(probe, asked)
  const measure = (position: number, coarse: AnyReport | null): Promise<AnyReport> => {
    const isLast = position === requests.length - 1
    const from = position === 0 ? 0 : coarseShare
    const to = isLast ? 1 : coarseShare
    const onProgress = ({ fraction, secondsLeft, message = '', partial }: Progress) => {
      const whole = from + (to - from) * fraction
      onWhole({ fraction: whole, secondsLeft: isLast ? secondsLeft : NaN, message })
      if (partial) onReport(completeReport(partial as AnyReport, coarse))
    }
    return runProbe(backend, probe, requests[position]!, { onProgress, signal })
  }
  if (requests.length === 1) return measure(0, null)
  // A first look that can't be had is none; what is wrong with the request itself is said by the whole.
  const coarse = await measure(0, null).catch((error: unknown) => {
    if (signal.aborted) throw error
    return null
  })
  if (coarse) onReport(coarse)
  return measure(1, coarse)
}
