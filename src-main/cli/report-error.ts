import { CommanderError } from 'commander'
import { CancelledError, UsageError, UserError } from '../../src-shared/errors.ts'
import { explainFileError } from '../file-errors.ts'

/** Exit status of a command that was interrupted. */
export const interruptedStatus = 130

/** What to tell about an error, and the exit status: 0 (help was asked for), 1, 2 or 130. */
export function explainError(error: unknown): { status: number; sentence: string } {
  if (error instanceof CommanderError) return explainCommander(error)
  const isAbort = error instanceof Error && error.name === 'AbortError'
  if (error instanceof CancelledError) return { status: interruptedStatus, sentence: oneLine(error.message) }
  if (isAbort) return { status: interruptedStatus, sentence: new CancelledError().message }
  if (error instanceof UserError)
    return { status: error instanceof UsageError ? 2 : 1, sentence: oneLine(error.message) }
  if (isFileError(error)) return { status: 1, sentence: explainFileError(error, error.path).message }
  const message = error instanceof Error ? error.message || error.name : String(error)
  return { status: 1, sentence: `Unexpected error: ${oneLine(message)}` }
}

const isFileError = (error: unknown): error is Error & { path: string } =>
  error instanceof Error && 'code' in error && 'path' in error && typeof error.path === 'string'

function explainCommander(error: CommanderError): { status: number; sentence: string } {
  if (error.exitCode === 0) return { status: 0, sentence: '' }
  // Without a command, the help has been shown already.
  if (error.code === 'commander.help') return { status: 2, sentence: '' }
  const text = oneLine(error.message.replace(/^error: /, ''))
  return { status: 2, sentence: text.charAt(0).toUpperCase() + text.slice(1) }
}

function oneLine(text: string): string {
  const line = text.trim().replace(/\s*\n\s*/g, ' ')
  return /[.!?)]$/.test(line) ? line : `${line}.`
}
