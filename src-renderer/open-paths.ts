import { isMeasurable, type LibraryItem } from '../src-shared/library.ts'
import type { App } from './app.ts'
import { framesWords } from './opening/describe-file.ts'
import { fileNameOf } from './opening/file-name.ts'
import { isForeign, type OpenedFile } from './opening/opening.svelte.ts'

/**
 * Opens checkpoints. What the lab knows becomes subjects at once; of files that others made a card says what they are and
 * asks the rest, and they become subjects there. Several files share one card, those that are refused among them.
 */
export async function openPaths(
  app: App,
  paths: readonly string[],
  /** `group`: a group of subjects that what opens joins at once; `isDrop`: it was dropped on the window, and perhaps sent. */
  { group, isDrop = false }: { group?: string; isDrop?: boolean } = {}
): Promise<void> {
  const { session, toasts, opening } = app
  const files: OpenedFile[] = []
  for (const path of paths) files.push(await openOne(app, path, isDrop))
  const opened = files.flatMap(({ item }) => item ?? [])
  const usable = opened.filter(isMeasurable)
  const ours = usable.filter((item) => !isForeign(item))
  const hasQuestions = files.some(({ item, problem }) => problem !== '' || !item || isForeign(item))
  const [first] = files
  // One that is refused needs no card: a sentence is all there is.
  if (files.length === 1 && first && !first.item) return toasts.complain(new Error(first.problem))
  const taken = group === undefined ? ours : usable
  if (taken.length > 0) {
    session.addItems(taken, group)
    if (session.view === 'train' || session.view === 'library') session.show('overview')
  }
  if (hasQuestions) return opening.show(files)
  const [only] = ours
  if (ours.length === 1 && only) toasts.say(describeOpened(only))
  else if (ours.length > 1) toasts.say(`Opened ${ours.length} checkpoints.`)
}

function describeOpened({ name, network, frames = [], remark = '' }: LibraryItem): string {
  const what = framesWords(frames) || network || 'a network unknown here'
  return `Opened ${name}: ${what}. ${remark}`.trim()
}

async function openOne({ lab, shell }: App, path: string, isDrop: boolean): Promise<OpenedFile> {
  const isKnown = lab.items.some((item) => item.path === path)
  try {
    const item = await lab.tryOpen(path)
    // What can't be used at all, for instance a run that has no checkpoint yet.
    if (item.state !== 'tensors' && !isMeasurable(item)) return { path, item: null, problem: item.problem }
    return { path, item, problem: item.problem }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    if (!isDrop || !shell.dropSent) return { path, item: null, problem }
    if (!isKnown) await shell.dropSent(path).catch(() => undefined)
    // Nobody knows where the lab keeps what is sent.
    return { path, item: null, problem: problem.replaceAll(path, fileNameOf(path)) }
  }
}
