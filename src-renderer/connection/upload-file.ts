import { UserError } from '../../src-shared/errors.ts'

/** As the server has it (cli/server/upload.ts); asked here too, so that nothing is sent in vain. */
const mostBytes = 4 * 2 ** 30

/** Sends a file to the lab and gives its path there; `onBytes` hears how many are sent. Throws UserError. */
export function uploadFile(file: File, onBytes: (bytes: number) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    if (file.size > mostBytes)
      return reject(new UserError(`${file.name} is larger than 4 GiB, the most that can be sent.`))
    const request = new XMLHttpRequest()
    request.open('POST', `/upload?name=${encodeURIComponent(file.name)}`)
    request.responseType = 'json'
    request.upload.addEventListener('progress', ({ loaded }) => onBytes(Math.min(loaded, file.size)))
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
    request.send(file)
  })
}
