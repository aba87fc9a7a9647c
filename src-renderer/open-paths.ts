import type { App } from './app.ts'

/** Opens checkpoints and adds those that can be used as subjects; says what became of them. */
export async function openPaths({ lab, session, toasts }: App, paths: readonly string[]): Promise<void> {
  const opened = []
  for (const path of paths) {
    const item = await lab.open(path)
    if (item?.state === 'unreadable' || item?.state === 'empty') toasts.complain(new Error(item.problem))
    else if (item) opened.push(item)
  }
  if (opened.length === 0) return
  session.addItems(opened)
  if (session.view === 'train' || session.view === 'library') session.show('overview')
  const [first] = opened
  if (opened.length === 1 && first) toasts.say(`Opened ${first.name}: ${first.network || 'a network unknown here'}.`)
  else toasts.say(`Opened ${opened.length} checkpoints.`)
}
