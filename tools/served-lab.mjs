import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/**
 * Serves the lab that lies in `home` from the built program in `root`, on a free port, until `stop` is called. Gives
 * its address, which lets a browser in. Throws an Error with the server's words if it does not start.
 */
export async function startServedLab({ root, home }) {
  const env = { ...process.env, AUTODIDACT_HOME: home }
  const args = [join(root, 'out', 'cli.js'), 'serve', '--port', '0', '--json', '--quiet']
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text) => (complaint += text))
  const ended = new Promise((resolve) => child.once('close', resolve))
  let text = ''
  const url = await new Promise((resolve, reject) => {
    child.once('error', reject)
    void ended.then(() => reject(new Error(complaint.trim() || 'The lab ended before it was served.')))
    createInterface({ input: child.stdout }).on('line', (line) => {
      text += line
      try {
        resolve(JSON.parse(text).url)
      } catch {
        // Not whole yet.
      }
    })
  })
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
  }
  return { url, stop, pid: child.pid }
}
