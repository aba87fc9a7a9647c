import { app, dialog, type BrowserWindow } from 'electron'
import type { JobWatch } from './job-watch.ts'

/** What becomes of a training when the last window is closed. */
export type TrainingGuard = {
  /** True while the program works on without a window. */
  readonly isInBackground: boolean
  watchWindow(window: BrowserWindow): void
}

const buttons = ['Keep training', 'Save and quit', 'Cancel']

/**
 * Asks before the last window closes on a running training, shows its progress on the program's icon, and quits a program
 * without windows when all is done.
 */
export function guardTraining(jobs: JobWatch): TrainingGuard {
  let isInBackground = false
  let isQuitting = false
  const windows = new Set<BrowserWindow>()
  app.on('before-quit', () => (isQuitting = true))

  const quitWhenDone = () => {
    if (isInBackground && windows.size === 0 && !jobs.isBusy) app.quit()
  }
  jobs.watch(() => {
    const fraction = jobs.training?.progress.fraction ?? -1
    for (const window of windows) window.setProgressBar(Number.isFinite(fraction) ? fraction : -1)
    quitWhenDone()
  })

  async function ask(window: BrowserWindow, title: string): Promise<void> {
    const { response } = await dialog.showMessageBox(window, {
      type: 'question',
      message: `${title} is running.`,
      detail:
        'It can go on without a window; start Autodidact again to see it. Or it is saved now, and goes on at the next start.',
      buttons,
      defaultId: 0,
      cancelId: 2
    })
    if (response === 1) app.quit()
    if (response !== 0 || window.isDestroyed()) return
    isInBackground = true
    window.destroy()
    // It may have ended while the question was open.
    quitWhenDone()
  }

  return {
    get isInBackground() {
      return isInBackground && windows.size === 0
    },
    watchWindow(window) {
      isInBackground = false
      windows.add(window)
      window.on('closed', () => windows.delete(window))
      // On a Mac a program goes on without windows anyway.
      if (process.platform === 'darwin') return
      let isAsking = false
      window.on('close', (event) => {
        const { training } = jobs
        if (isQuitting || !training || windows.size > 1) return
        event.preventDefault()
        if (!isAsking) void ask(window, training.title).finally(() => (isAsking = false))
        isAsking = true
      })
    }
  }
}
