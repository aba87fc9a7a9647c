import { untrack } from 'svelte'
import { isActive, type Job, type ProbeSpec } from '../src-shared/jobs.ts'
import type { LabContract, Settings } from '../src-shared/lab-contract.ts'
import type { AnyReport, ProbeKind, ProbeReport, Subject } from '../src-shared/reports.ts'
import { settingsKey } from '../src-shared/settings-key.ts'
import { engineConnection, keepAsking } from './engine.ts'
import type { Lab } from './lab.svelte.ts'

type Found<K extends ProbeKind> = {
  report: ProbeReport<K> | null
  missing: string[]
  isStale: boolean
  estimatedSeconds: number
}

/**
 * `loading` what is stored is being looked up; `none` nothing is; `done` all is; `some` some checkpoints are missing;
 * `stale` what is stored was measured with other settings; `running` a job is at it, with a coarser report from its
 * first seconds on; `failed` the job failed, or the look-up did.
 */
export type ResultStatus = 'loading' | 'none' | 'some' | 'done' | 'stale' | 'running' | 'failed'

/** Reports are large: so many that were looked up are kept. */
const mostKnown = 24

/** Stored results that have been looked up, so that going back to a view shows it at once. */
export class Results {
  private readonly known = new Map<string, Found<ProbeKind>>()
  /** Counts how often all became void: then views look again. */
  private age = $state(0)

  constructor(
    readonly engine: LabContract,
    readonly lab: Lab
  ) {}

  keyOf(kind: ProbeKind, checkpoints: readonly Subject[], settings: Settings): string {
    return JSON.stringify([kind, checkpoints, settings, this.age])
  }

  peek<K extends ProbeKind>(key: string): Found<K> | undefined {
    return this.known.get(key) as Found<K> | undefined
  }

  async find<K extends ProbeKind>(kind: K, checkpoints: Subject[], settings: Settings): Promise<Found<K>> {
    const key = this.keyOf(kind, checkpoints, settings)
    const found = (await this.engine.findResult({ kind, checkpoints, settings })) as Found<K>
    this.known.set(key, found as Found<ProbeKind>)
    for (const key of [...this.known.keys()].slice(0, -mostKnown)) this.known.delete(key)
    return found
  }

  /** Forgets all, and lets views look again: checkpoints are measured in another way from now on. */
  renew(): void {
    this.forget()
    this.age += 1
  }

  /** Forgets what was looked up, of one kind or all: something new has been measured. */
  forget(kind?: ProbeKind): void {
    for (const key of this.known.keys()) if (!kind || key.startsWith(`["${kind}"`)) this.known.delete(key)
  }
}

/** One probe's result for the checkpoints and settings that a view wants, and the job that makes it. */
export class ProbeResult<K extends ProbeKind> {
  report = $state.raw<ProbeReport<K> | null>(null)
  status = $state<ResultStatus>('loading')
  missing = $state.raw<string[]>([])
  estimatedSeconds = $state(NaN)
  job = $state.raw<Job | null>(null)
  /** One sentence where it failed. */
  error = $state('')
  /** True while `report` is a job's coarser one. */
  isPartial = $state(false)
  /** True where there is nothing to measure. */
  isEmpty = $state(false)
  private key = ''
  /** True where it is the look-up that failed, not a job. */
  private hasNotLooked = false
  private following: AbortController | null = null
  private wanted: { checkpoints: Subject[]; settings: Settings } = { checkpoints: [], settings: {} }

  /** `want` gives what the view shows; read in an effect, so that a change looks the result up again. */
  constructor(
    private readonly results: Results,
    readonly kind: K,
    want: () => { checkpoints: Subject[]; settings: Settings }
  ) {
    // Drives the look-up of what the engine has stored.
    $effect(() => {
      const { checkpoints, settings } = want()
      const key = this.results.keyOf(this.kind, checkpoints, settings)
      untrack(() => void this.load(key, checkpoints, settings))
    })
    $effect(() => () => this.following?.abort())
    // Looks again when the engine is back.
    $effect(() =>
      engineConnection.subscribe(({ state }) => {
        if (state === 'connected' && this.hasNotLooked) untrack(() => void this.retry())
      })
    )
  }

  /** Measures what is missing; all of it where `isWhole`, or where settings have changed. */
  async run(isWhole = false): Promise<void> {
    const { key } = this
    const { checkpoints, settings } = this.wanted
    if (checkpoints.length === 0) return
    // Compared checkpoints are differentiated with one loss, which depends on all of them.
    const isAll = isWhole || this.status === 'stale' || this.kind === 'gradients' || this.missing.length === 0
    const due = isAll ? checkpoints : checkpoints.filter(({ path }) => this.missing.includes(path))
    this.error = ''
    try {
      const request = { ...settings, checkpoints: due }
      const spec = { kind: 'probe', probe: this.kind, request } as unknown as ProbeSpec
      const job = await this.results.engine.startJob({ spec: spec as never })
      // Meanwhile the view may want something else.
      if (key === this.key) this.follow(job)
    } catch (error) {
      if (key === this.key) this.fail(error)
    }
  }

  /** After a failure: looks again where that failed, else measures again. */
  async retry(): Promise<void> {
    if (!this.hasNotLooked) return this.run()
    this.status = 'loading'
    await this.look(this.key)
  }

  async cancel(): Promise<void> {
    if (this.job) await this.results.engine.cancelJob({ id: this.job.id }).catch((error: unknown) => this.fail(error))
  }

  private async load(key: string, checkpoints: Subject[], settings: Settings): Promise<void> {
    if (key === this.key && this.status !== 'failed') return
    this.key = key
    this.wanted = { checkpoints, settings }
    this.following?.abort()
    this.job = null
    this.error = ''
    this.isEmpty = checkpoints.length === 0
    if (this.isEmpty) {
      this.report = null
      this.status = 'none'
      return
    }
    const known = this.results.peek<K>(key)
    // What is missing of the settings before says nothing about these.
    this.missing = []
    this.status = 'loading'
    if (known) this.take(known)
    else await this.look(key)
    const running = this.results.lab.jobs.find((job) => isActive(job) && this.isOurs(job))
    if (running && key === this.key) this.follow(running)
  }

  private async look(key: string): Promise<void> {
    const { checkpoints, settings } = this.wanted
    try {
      const found = await this.results.find(this.kind, checkpoints, settings)
      if (key === this.key) this.take(found)
    } catch (error) {
      if (key !== this.key) return
      this.fail(error)
      this.hasNotLooked = true
    }
  }

  private take({ report, missing, isStale, estimatedSeconds }: Found<K>): void {
    this.hasNotLooked = false
    this.report = report
    this.isPartial = false
    this.missing = missing
    this.estimatedSeconds = estimatedSeconds
    this.status = !report ? 'none' : isStale ? 'stale' : missing.length > 0 ? 'some' : 'done'
  }

  private follow(job: Job): void {
    this.following?.abort()
    const controller = (this.following = new AbortController())
    this.job = job
    this.status = 'running'
    const isFresh = this.report === null
    const onEvent = (event: { job: Job; report?: AnyReport | undefined }) => {
      this.job = event.job
      // A first, coarser look; what is stored already is better than that.
      if (event.report && isFresh && isActive(event.job)) {
        this.report = event.report as ProbeReport<K>
        this.isPartial = true
      }
      if (!isActive(event.job)) void this.finish(event.job)
    }
    keepAsking(this.results.engine.followJob, { id: job.id }, onEvent, controller.signal)
      .then((last) => this.finish(last))
      .catch((error: unknown) => {
        if (!controller.signal.aborted) this.fail(error)
      })
  }

  private async finish(job: Job): Promise<void> {
    if (this.job?.id !== job.id) return
    this.job = null
    this.following?.abort()
    if (this.isPartial) this.report = null
    this.results.forget(this.kind)
    const { key } = this
    await this.look(key)
    if (job.state === 'failed' && key === this.key) {
      this.status = 'failed'
      this.error = job.error ?? 'The job failed.'
    }
  }

  private isOurs({ spec }: Job): boolean {
    if (spec.kind !== 'probe' || spec.probe !== this.kind) return false
    const paths = new Set(spec.request.checkpoints.map(({ path }) => path))
    const wants = this.missing.length > 0 ? this.missing : this.wanted.checkpoints.map(({ path }) => path)
    return wants.every((path) => paths.has(path)) && settingsKey(spec.request) === settingsKey(this.wanted.settings)
  }

  private fail(error: unknown): void {
    this.error = error instanceof Error ? error.message : String(error)
    this.status = 'failed'
  }
}
