/** What an array of a file is by its name; `exit` is its number as written, null for all exits in one array. */
export type OutputName =
  { role: 'labels' | 'images' | 'classes' } | { role: 'logits' | 'features'; exit: number | null }

const whole = new Map<string, 'labels' | 'images' | 'classes'>([
  ['labels', 'labels'],
  ['label', 'labels'],
  ['targets', 'labels'],
  ['images', 'images'],
  ['classes', 'classes'],
  ['class_names', 'classes']
])
// `logits2`, `logits_2`, `logits/2`, `logits_exit2`; `exit2/logits`, `exit_2.logits`, `exits.2.logits`.
const behind = /^(logits|features)(?:[_./-]?(?:exit)?[_./-]?(\d{1,4}))?$/
const before = /^exits?[_./-]?(\d{1,4})[_./-](logits|features)$/

/** What a name says, in capitals or small letters; null where it is not one of an output. */
export function readOutputName(name: string): OutputName | null {
  const small = name.toLowerCase()
  const role = whole.get(small)
  if (role) return { role }
  const [, first, number] = behind.exec(small) ?? []
  if (first) return { role: first as 'logits' | 'features', exit: number === undefined ? null : Number(number) }
  const [, written, second] = before.exec(small) ?? []
  return second ? { role: second as 'logits' | 'features', exit: Number(written) } : null
}
