import type { Settings } from './lab-contract.ts'

/** A request's settings as one text: equal for equal measurements, in whatever order and words they were asked for. */
export function settingsKey(request: object): string {
  const { checkpoints: _, ...settings } = request as Settings & { checkpoints?: unknown }
  return JSON.stringify(canonical(settings))
}

function canonical(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(canonical)
  const entries = Object.entries(value)
    // `orFewer` tells whose wish a limit was, not which images it draws.
    .filter(([name, one]) => one !== undefined && name !== 'orFewer')
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return Object.fromEntries(entries.map(([name, one]) => [name, canonical(one)]))
}
