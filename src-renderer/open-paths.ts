import { isMeasurable, type LibraryItem } from '../src-shared/library.ts'
import type { App } from './app.ts'
import { isForeign, type OpenedFile } from './opening/opening.svelte.ts'

/**
 * Opens checkpoints. What the lab knows becomes subjects at once; of files that others made a card says what they are and
 * asks the rest. Several files share one card, those that are refused among them.
 */
export async function openPaths(
  app: App,
  paths: readonly string[],
  /** A group of subjects that what opens is to join. */
  { group }: { group?: string } = {}
): Promise<void> {
  const { session, toasts, opening } = app
  const files: OpenedFile[] = []
  for (const path of paths) files.push(await openOne(app, path))
  const opened = files.flatMap(({ item }) => item ?? [])
  const usable = opened.filter(isMeasurable)
  const ours = usable.filter((item) => !isForeign(item))
  const questions = files.filter(({ item, problem }) => problem !== '' || !item || isForeign(item))
  const [first] = files
  // One that is refused needs no card: a sentence is all there is.
  if (files.length === 1 && first && !first.item) return toasts.complain(new Error(first.problem))
  // Of several the card offers to use them together.
  const taken = files.length === 1 || group !== undefined ? usable : ours
  if (taken.length > 0) {
    session.addItems(taken, group)
    if (session.view === 'train' || session.view === 'library') session.show('overview')
  }
  if (questions.length > 0) return opening.show(files.length === 1 ? files : questions)
  const [only] = ours
  if (ours.length === 1 && only) toasts.say(describeOpened(only))
  else if (ours.length > 1) toasts.say(`Opened ${ours.length} checkpoints.`)
}

function describeOpened({ name, network, frames = [], remark = '' }: LibraryItem): string {
  const span = `${frames.length} checkpoints, ${frames[0]?.label} to ${frames.at(-1)?.label}`
  const what = frames.length > 1 ? span : network || 'a network unknown here'
  return `Opened ${name}: ${what}. ${remark}`.trim()
}

async function openOne({ lab }: App, path: string): Promise<OpenedFile> {
  try {
    const item = await lab.tryOpen(path)
    // What can't be used at all, for instance a run that has no checkpoint yet.
    if (item.state !== 'tensors' && !isMeasurable(item)) return { path, item: null, problem: item.problem }
    return { path, item, problem: item.problem }
  } catch (error) {
    return { path, item: null, problem: error instanceof Error ? error.message : String(error) }
  }
}
