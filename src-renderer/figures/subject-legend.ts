import type { LegendItem } from './legend-layout.ts'
import { subjectLook } from './palette.ts'
import type { Theme } from './theme.ts'

/** Ink of a subject's curve where colour says nothing else; two tones help dash and marker, they mean nothing. */
export const subjectInk = (index: number, theme: Theme): string => (index % 2 === 0 ? theme.ink : theme.muted)

/** Legend of dash and marker, without colour; `tones` where the curves alternate between two tones. */
export function subjectLegend(subjects: readonly { label: string }[], theme: Theme, tones = false): LegendItem[] {
  return subjects.map(({ label }, i) => ({
    label,
    kind: 'line',
    color: tones ? subjectInk(i, theme) : theme.ink,
    ...subjectLook(i)
  }))
}
