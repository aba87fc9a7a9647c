import { mean } from '../../../src-shared/science/statistics.ts'
import type { ReportHead } from './report-head.ts'
import { settingsIn } from './settings.ts'

const mostHeads = 5

/**
 * Seconds that a checkpoint will take with the settings `key`, from the newest earlier reports of the kind: those with
 * these settings, else others, by the number of images and of draws. NaN where there are none.
 */
export function secondsPerCheckpoint(heads: readonly ReportHead[], key: string | null): number {
  const timed = heads
    .filter(({ seconds }) => Number.isFinite(seconds))
    .toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1))
  const same = timed.filter((head) => head.key === key)
  const chosen = (same.length ? same : timed).slice(0, mostHeads)
  return mean(chosen.map((head) => (head.seconds / head.entries.length) * ratio(key ?? head.key, head.key)))
}

/** How much more work settings are than others. */
function ratio(key: string, other: string): number {
  const [now, before] = [workIn(key), workIn(other)]
  const images = now.images !== null && before.images !== null ? now.images / before.images : 1
  return (images * now.draws) / before.draws
}

function workIn(key: string): { images: number | null; draws: number } {
  const { data, draws } = settingsIn(key) as { data?: { limit?: unknown; shape?: unknown[] }; draws?: unknown }
  const images = data?.limit ?? data?.shape?.[0]
  const count = (value: unknown) => (typeof value === 'number' && value > 0 ? value : null)
  return { images: count(images), draws: count(draws) ?? 1 }
}
