/** A file's own text as one line of a terminal: nothing in it may move the cursor; cut where it is longer than `most`. */
export function printable(text: string, most = Infinity): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim()
  return line.length > most ? `${line.slice(0, most - 1)}…` : line
}
