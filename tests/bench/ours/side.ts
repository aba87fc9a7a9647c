import { readFileSync } from 'node:fs'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openNative } from '../../../src-main/engine/backend/native.ts'
import { resnet } from '../../helpers/networks.ts'
import type { Network } from '../../../src-main/engine/model/layer.ts'
import { softwareVersions } from '../../../src-main/engine/software.ts'
import type { Objective } from '../../../src-main/engine/training/losses.ts'
import { classes } from './made-up.ts'

/** What the harness asks of a side; each reads what concerns it. */
export type Settings = {
  width: number
  batch: number
  /** Steps or runs before those that count. */
  warmup: number
  repetitions: number
  images: number
  sigmas: number[]
  draws: number
  /** Another executor than the backend's usual one. */
  executor?: Backend['executor']
  /** The safetensors file that every side starts from. */
  weights: string
  /** A folder for files of this run. */
  folder: string
  /** Data set with `images` in each split. */
  dataset: string
}

export const settings = JSON.parse(process.argv[2] ?? '{}') as Settings

/** The loss and optimiser of every side. */
export const objective: Objective = {
  method: 'self-distillation',
  distillation: { alpha: 0.3, lambda: 0.03, temperature: 3 }
}
export const sgd = { momentum: 0.9, nesterov: false, weightDecay: 5e-4 }
export const learningRate = 0.01

export const networkOf = (width: number): Network =>
  resnet({ depth: 18, width, classes, inputChannels: 3, exits: 'all' })

/** The native backend or none: nothing falls back in a benchmark. */
export async function open(): Promise<Backend> {
  const backend = await openNative()
  return { ...backend, executor: settings.executor ?? backend.executor }
}

/** Milliseconds that `work` takes, and what it gives. */
export async function timed<R>(work: () => Promise<R>): Promise<{ ms: number; value: R }> {
  const started = performance.now()
  const value = await work()
  return { ms: performance.now() - started, value }
}

/** Processor seconds that all programs have used, with those stolen by other machines; null where nobody tells. */
function busySeconds(): number | null {
  if (process.platform !== 'linux') return null
  const ticks = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]!.trim().split(/\s+/).slice(1, 9).map(Number)
  // Without idle and waiting; a tick is 10 ms on every Linux.
  return (sum(ticks) - ticks[3]! - ticks[4]!) / 100
}

/** Processor seconds of this process. */
export function ownSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

let watched = { at: 0, busy: null as number | null, own: 0 }

/** Called before what counts: from here on the work of other programs is measured, too. */
export function watch(): void {
  watched = { at: performance.now(), busy: busySeconds(), own: ownSeconds() }
}

/** Cores that other programs kept busy since `watch`; null where that can't be known. */
export function othersCores(): number | null {
  const busy = busySeconds()
  if (busy === null || watched.busy === null) return null
  const others = busy - watched.busy - (ownSeconds() - watched.own)
  return Math.max(0, (others * 1000) / (performance.now() - watched.at))
}

/**
 * Prints the round as the harness reads it: milliseconds of each repetition, and numbers that the other sides must
 * have, too.
 */
export function report(backend: Backend, ms: number[], check: number[], more: { firstMs?: number } = {}): void {
  const { device, threads, executor } = backend
  const software = { ...softwareVersions(backend), device, threads, executor }
  const peakBytes = process.resourceUsage().maxRSS * 1024
  console.log(JSON.stringify({ ms, check, peakBytes, othersCores: othersCores(), software, ...more }))
}

export const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0)
export const meanAbs = (values: Float32Array | Float64Array): number =>
  Array.from(values).reduce((total, value) => total + Math.abs(value), 0) / values.length
