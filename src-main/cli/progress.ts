import cliProgress from 'cli-progress'
import { formatSeconds } from '../../src-shared/format-seconds.ts'
import type { Progress } from '../../src-shared/reports.ts'
import type { CliIo } from './io.ts'

const secondsBetweenLines = 5
/** Shorter calls print no line. */
const secondsBeforeFirst = 1

export type ProgressDisplay = { show(progress: Progress): void; stop(): void }

function describeLeft({ secondsLeft }: Progress): string {
  const left = formatSeconds(secondsLeft)
  return left && `${left} left`
}

const percent = (fraction: number) => Math.floor(Math.min(1, Math.max(0, fraction || 0)) * 100)

/** A bar on a terminal, a line every few seconds otherwise, nothing if quiet. */
export function createProgress(stderr: CliIo['stderr'], quiet: boolean): ProgressDisplay {
  if (quiet) return { show: () => {}, stop: () => {} }
  return stderr.isTTY ? createBar(stderr) : createLines(stderr)
}

function createBar(stderr: CliIo['stderr']): ProgressDisplay {
  let bar: cliProgress.SingleBar | undefined
  return {
    show(progress) {
      if (!bar) {
        bar = new cliProgress.SingleBar(
          {
            stream: stderr,
            format: '{bar} {percent} %  {left}  {message}',
            clearOnComplete: true,
            barsize: 24,
            gracefulExit: false
          },
          cliProgress.Presets.shades_classic
        )
        bar.start(1, 0, { percent: '0', left: '', message: '' })
      }
      const shown = { percent: `${percent(progress.fraction)}`.padStart(3), left: describeLeft(progress) }
      bar.update(percent(progress.fraction) / 100, { ...shown, message: progress.message ?? '' })
    },
    stop() {
      bar?.stop()
      bar = undefined
    }
  }
}

function createLines(stderr: CliIo['stderr']): ProgressDisplay {
  let nextAt = performance.now() + 1000 * secondsBeforeFirst
  return {
    show(progress) {
      const now = performance.now()
      if (now < nextAt || progress.fraction >= 1) return
      nextAt = now + 1000 * secondsBetweenLines
      const parts = [`${percent(progress.fraction)} %`, describeLeft(progress), progress.message ?? '']
      stderr.write(`${parts.filter(Boolean).join(', ')}\n`)
    },
    stop: () => {}
  }
}
