import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { latestCheckpoint } from '../../../src-main/engine/runs/run-folder.ts'
import { createRandom } from '../../../src-shared/science/random.ts'
import { ensureBuilt } from '../../helpers/built.ts'
import { temporaryFolder } from './small-run.ts'

const program = join(await ensureBuilt('node'), 'cli.js')
const kills = 10
const options = '--network resnet18 --width 2 --limit 96 --epochs 3 --batch-size 16 --seed 3 --quiet'.split(' ')

/** Runs the built command line; kills it with SIGKILL once `file` has grown by `bytes`, if given. */
function autodidact(args: string[], killAt?: { file: string; bytes: number }): Promise<number | null> {
  const child = spawn(process.execPath, [program, ...args], { stdio: 'ignore' })
  const size = () => (killAt && existsSync(killAt.file) ? readFileSync(killAt.file).length : 0)
  const start = size()
  const timer = setInterval(() => {
    if (killAt && size() - start >= killAt.bytes) child.kill('SIGKILL')
  }, 5)
  return new Promise((resolve) =>
    child.on('exit', (code) => {
      clearInterval(timer)
      resolve(code)
    })
  )
}

test('a run killed with SIGKILL at ten random moments ends with the same weights', async () => {
  const folder = temporaryFolder()
  const whole = join(folder, 'whole')
  const killed = join(folder, 'killed')
  expect(await autodidact(['train', ...options, '--out', whole])).toBe(0)
  const expected = readFileSync(join(await latestCheckpoint(whole), 'weights.safetensors'))

  const random = createRandom(Date.now(), 'kills')
  await autodidact(['train', ...options, '--out', killed], { file: join(killed, 'manifest.json'), bytes: 1 })
  for (let kill = 1; kill < kills; kill++) {
    const delay = random.integer(2500)
    await killAfter(['train', '--resume', killed, '--quiet'], delay)
  }
  expect(await autodidact(['train', '--resume', killed, '--quiet'])).toBe(0)
  expect(readFileSync(join(await latestCheckpoint(killed), 'weights.safetensors')).equals(expected)).toBe(true)
})

function killAfter(args: string[], ms: number): Promise<void> {
  const child = spawn(process.execPath, [program, ...args], { stdio: 'ignore' })
  const timer = setTimeout(() => child.kill('SIGKILL'), ms)
  return new Promise((resolve) =>
    child.on('exit', () => {
      clearTimeout(timer)
      resolve()
    })
  )
}
