/** Names of files in a timeline's folder that are no part of it. */
export type LeftOut = {
  /** What is no checkpoint. */
  strangers: string[]
  /** Checkpoints of other networks. */
  others: string[]
  /** Links to where nothing may be opened. */
  refused: string[]
}

/** For instance `Left out: notes.txt and train.log are no checkpoints.`; empty where nothing was. */
export function describeLeftOut({ strangers, others, refused }: LeftOut): string {
  const parts = [
    say(strangers, 'is no checkpoint', 'are no checkpoints'),
    say(others, 'is of another network', 'are of other networks'),
    say(refused, 'is a link to where nothing may be opened', 'are links to where nothing may be opened')
  ].filter(Boolean)
  return parts.length > 0 ? `Left out: ${parts.join('; ')}.` : ''
}

const say = (names: string[], one: string, several: string): string =>
  names.length === 0 ? '' : `${list(names)} ${names.length === 1 ? one : several}`

const mostNames = 3

function list(names: string[]): string {
  // One more than are named is named, too.
  const shown = names.length > mostNames + 1 ? names.slice(0, mostNames) : names
  const words = names.length > shown.length ? [...shown, `${names.length - shown.length} more`] : shown
  return words.length > 1 ? `${words.slice(0, -1).join(', ')} and ${words.at(-1)}` : words[0]!
}
