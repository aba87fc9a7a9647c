import { CancelledError, UserError } from '../../src-shared/errors.ts'

/** As the server has it (cli/server/upload.ts); asked here too, so that nothing is sent in vain. */
const mostBytes = 4 * 2 ** 30

export type UploadOptions = {
  /** Folders below the lab's uploads that it goes into. */
  into?: readonly string[]
  /** Hears how many bytes are sent. */
  onBytes?: (bytes: number) => void
  signal?: AbortSignal | undefined
}

/** Sends a file to the lab and gives its path there. Throws UserError, CancelledError. */
export function uploadFile(file: File, { into = [], onBytes, signal }: UploadOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    if (file.size > mostBytes)
      return reject(new UserError(`${file.name} is larger than 4 GiB, the most that can be sent.`))
    if (signal?.aborted) return reject(new CancelledError('Cancelled.'))
    const request = new XMLHttpRequest()
    const place = into.length > 0 ? `&into=${encodeURIComponent(into.join('/'))}` : ''
    request.open('POST', `/upload?name=${encodeURIComponent(file.name)}${place}`)
    request.responseType = 'json'
    request.upload.addEventListener('progress', ({ loaded }) => onBytes?.(Math.min(loaded, file.size)))
    request.addEventListener('load', () => {
      const answer = (request.response ?? {}) as { path?: unknown; error?: unknown }
      if (request.status === 200 && typeof answer.path === 'string') resolve(answer.path)
      else reject(new UserError(typeof answer.error === 'string' ? answer.error : `${file.name} was not taken.`))
    })
    request.addEventListener('error', () =>
      reject(
        new UserError(`${file.name} could not be sent: it is a folder, it has changed, or the lab does not answer.`)
      )
    )
    request.addEventListener('abort', () => reject(new CancelledError('Cancelled.')))
    signal?.addEventListener('abort', () => request.abort())
    request.send(file)
  })
}
