import { cleanText } from './text-width.ts'

/** The fields of a report's entry that say what it is an instance of. */
export type SubjectEntry = { name: string; group: string; role: string; seed: number }
/** What a figure compares: one checkpoint, or several that differ in their seed only. */
export type SubjectGroup<E> = { label: string; members: E[] }

/** Entries by group, in the report's order; labels are unique. */
export function groupSubjects<E extends SubjectEntry>(entries: readonly E[]): SubjectGroup<E>[] {
  const byGroup = new Map<string, E[]>()
  entries.forEach((entry, i) => {
    const key = entry.group === '' ? `\u0000${i}` : entry.group
    byGroup.set(key, [...(byGroup.get(key) ?? []), entry])
  })
  const used = new Map<string, number>()
  return [...byGroup.values()].map((members) => {
    const first = members[0]
    const base = cleanText((members.length > 1 ? first?.group : first?.name) ?? '') || 'unnamed'
    const label = members.length > 1 ? `${base} (${members.length} seeds)` : base
    const times = (used.get(label) ?? 0) + 1
    used.set(label, times)
    return { label: times > 1 ? `${label} (${times})` : label, members }
  })
}

/** The exits that any entry has, ascending, 1-based. */
export function exitsOf(entries: readonly { exits: readonly { exit: number }[] }[]): number[] {
  return [...new Set(entries.flatMap((entry) => entry.exits.map(({ exit }) => exit)))].sort((a, b) => a - b)
}
