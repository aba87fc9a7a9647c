/** An error whose message is one sentence written for the person at the screen; shown without a stack. */
export class UserError extends Error {
  override readonly name: string = 'UserError'
  constructor(message: string, options?: ErrorOptions) {
    super(message.replace(/\s*[\r\n]\s*/g, ' ').replace(control, escape), options)
  }
}

/** Names of files may hold them; a terminal would obey. */
const control = /\p{Cc}/gu
const escape = (character: string): string => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`

/** A value that the user chose and that cannot be used: exit status 2 on the command line. */
export class UsageError extends UserError {
  override readonly name = 'UsageError'
}

/** Thrown where a signal asks for an end; what was done before has been kept, or the message says otherwise. */
export class CancelledError extends UserError {
  override readonly name = 'CancelledError'
  constructor(message = 'Cancelled; nothing was written.') {
    super(message)
  }
}

/** Throws CancelledError if the signal has been aborted. */
export function throwIfCancelled(signal?: AbortSignal): void {
  if (signal?.aborted) throw new CancelledError()
}
