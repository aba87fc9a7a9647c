/**
 * An engine process that speaks the lab's protocol and knows a few calls. `argv[2]` is what the host gives. Odd requests
 * make it do odd things: a checkpoint `die` ends it, `flood` answers with more than a slow page can take. With the backend
 * `webgpu` it dies at once, with `wasm` it does not answer SIGTERM and has a child.
 */
import { spawn } from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'

const { home, ...options } = JSON.parse(process.argv[2])
const log = (line) => appendFileSync(join(home, 'engine.log'), `${line}\n`)
const jobs = [makeJob('aaaa-1', 'running'), makeJob('aabb-2', 'done')]
const watching = new Map()

function makeJob(id, state) {
  return {
    id,
    spec: { kind: 'resume', run: '/runs/a' },
    title: `Job ${id}`,
    state,
    progress: { fraction: 0.25, secondsLeft: NaN, message: '' },
    createdAt: '2025-01-02T03:04:05.000Z',
    startedAt: null,
    endedAt: null,
    error: null,
    run: null,
    attempts: 1
  }
}

const answers = {
  lab: () => ({ home, runs: JSON.stringify(options), version: '1.2.3', pid: process.pid }),
  jobs: () => jobs,
  library: () => [],
  cancelJob: ({ id }) =>
    Object.assign(
      jobs.find((job) => job.id === id),
      { state: 'cancelled' }
    ),
  readImages: ({ indices }) => ({
    shape: [1, 1, 2],
    pixels: Uint8Array.from(indices.flatMap((index) => [index, 255 - index])),
    labels: indices,
    classes: ['a']
  }),
  previewNetwork: () => ({ odd: 1n })
}

function answer(connection, { type, id, name, request }) {
  const post = (data) => process.send({ type: 'message', connection, data })
  if (type === 'cancel') return void watching.delete(`${connection} ${id}`)
  if (type !== 'call') return
  if (name === 'watchJobs') {
    watching.set(`${connection} ${id}`, true)
    return post({ type: 'progress', id, value: jobs })
  }
  if (name === 'openCheckpoint') {
    if (request.path === 'die') process.exit(3)
    if (request.path === 'leave')
      return process.send({ type: 'close', connection, reason: 'The engine has had enough.' })
    if (request.path === 'flood')
      for (let i = 0; i < 200; i++) post({ type: 'progress', id, value: { data: new Uint8Array(2 ** 20) } })
  }
  if (Object.hasOwn(answers, name)) post({ type: 'result', id, value: answers[name](request) })
  else post({ type: 'error', id, name: 'UserError', message: `The fake engine has no ${name}.` })
}

process.on('message', (message) => {
  if (message.type === 'message') answer(message.connection, message.data)
  else log(`${message.type} ${message.connection} ${message.reason ?? ''}`.trim())
})
process.on('disconnect', () => process.exit(0))
process.on('SIGTERM', () => {
  log('SIGTERM')
  if (options.backend !== 'wasm') process.exit(0)
})
if (options.backend === 'wasm') log(`child ${spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)']).pid}`)
if (options.backend === 'webgpu') {
  process.stderr.write('tensors ready\nUserError: The lab is in use.\n    at engine.js:1:1\n')
  process.exit(9)
}
log('begun')
process.send({ type: 'ready' })
