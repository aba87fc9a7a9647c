// What serving the Train view costs: `node tests/bench/serving-cost.mjs [--rounds N] [--steps S] [--width W]`.
//
// Trains the same run again and again in the built engine process, by turns with and without a window that follows it
// (followJob and watchJobs, as the Train view does), and compares the processor time of the engine process and of its
// job processes per training step: user and system time of /proc/PID/stat. Linux only. Prints every run, then the
// medians and their ratio. The data set is made up; what its images show costs nothing.
import { fork } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? fallback : Number(process.argv[at + 1])
}
const rounds = option('rounds', 10)
const steps = option('steps', 300)
const width = option('width', 8)
const batchSize = 32
const ticksPerSecond = 100
const folder = mkdtempSync(join(tmpdir(), 'autodidact-bench-'))

/** An IDX file of bytes (http://yann.lecun.com/exdb/mnist). */
const idx = (dims, bytes) => {
  const head = Buffer.alloc(4 + 4 * dims.length)
  head.writeUInt16BE(0x0800 + dims.length, 2)
  dims.forEach((size, index) => head.writeUInt32BE(size, 4 + 4 * index))
  return Buffer.concat([head, bytes])
}

function writeData() {
  const path = join(folder, 'data')
  mkdirSync(path)
  for (const [name, count] of Object.entries({ train: steps * batchSize, t10k: 64 })) {
    const pixels = Buffer.from(Uint8Array.from({ length: count * 28 * 28 }, (_, at) => (at * 7919 + (at >> 5)) % 256))
    writeFileSync(join(path, `${name}-images-idx3-ubyte`), idx([count, 28, 28], pixels))
    const labels = Buffer.from(Uint8Array.from({ length: count }, (_, index) => index % 10))
    writeFileSync(join(path, `${name}-labels-idx1-ubyte`), idx([count], labels))
  }
  return path
}

const config = (data) => ({
  network: { name: 'resnet18', width },
  method: 'self-distillation',
  distillation: { alpha: 0.3, lambda: 0.03, temperature: 3 },
  data: { name: data, limit: null, labelNoise: 0, validation: 0 },
  epochs: 1,
  batchSize,
  learningRate: 0.01,
  momentum: 0.9,
  nesterov: false,
  weightDecay: 5e-4,
  schedule: { kind: 'constant' },
  augmentation: { cropPadding: 4, flip: true },
  seed: 0
})

/** The engine process with one connection, and calls over it. */
async function startEngine() {
  const program = fileURLToPath(new URL('../../out/engine-process.js', import.meta.url))
  const child = fork(program, [JSON.stringify({ home: join(folder, 'lab'), roots: null })], {
    serialization: 'advanced'
  })
  const waiting = new Map()
  let last = 0
  child.on('message', ({ type, data }) => {
    if (type === 'ready') waiting.get('ready')()
    const call = waiting.get(data?.id)
    if (data?.type === 'progress') call.onProgress(data.value)
    else if (data?.type === 'result') call.resolve(data.value)
    else if (data?.type === 'error') call.reject(new Error(data.message))
  })
  await new Promise((resolve) => waiting.set('ready', resolve))
  child.send({ type: 'open', connection: 1 })
  const send = (data) => child.send({ type: 'message', connection: 1, data })
  const call = (name, request, onProgress = () => undefined) => {
    const id = ++last
    send({ type: 'call', id, name, request })
    const result = new Promise((resolve, reject) => waiting.set(id, { resolve, reject, onProgress }))
    return Object.assign(result, { cancel: () => send({ type: 'cancel', id }) })
  }
  return { child, call }
}

/** Processor time of a process so far, seconds. */
function ownSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

/** Likewise of a process and its children. */
function cpuSeconds(pid) {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean)
  )
  return [pid, ...children].reduce((sum, each) => sum + ownSeconds(each), 0)
}

async function trainOnce({ child, call }, data, isFollowed, round) {
  const before = cpuSeconds(child.pid)
  const engineBefore = ownSeconds(child.pid)
  const started = performance.now()
  const { id } = await call('startJob', { spec: { kind: 'train', name: `run-${round}`, config: config(data) } })
  let events = 0
  const count = () => void (events += 1)
  const followed = isFollowed ? [call('followJob', { id }, count), call('watchJobs', {}, count)] : []
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 2000))
    const job = (await call('jobs', {})).find((one) => one.id === id)
    if (job.state === 'failed') throw new Error(job.error)
    if (job.state === 'done') break
  }
  for (const each of followed) each.cancel()
  const cpuMs = (1000 * (cpuSeconds(child.pid) - before)) / steps
  const engineMs = (1000 * (ownSeconds(child.pid) - engineBefore)) / steps
  return { cpuMs, engineMs, events, seconds: (performance.now() - started) / 1000 }
}

const median = (values) => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

const times = { alone: [], followed: [] }
const engine = await startEngine()
try {
  const data = writeData()
  // The first run pays for what is loaded once.
  await trainOnce(engine, data, false, 'warm-up')
  for (let round = 0; round < rounds; round++)
    // Turn about, so that neither always comes first.
    for (const name of round % 2 ? ['followed', 'alone'] : ['alone', 'followed']) {
      const { cpuMs, engineMs, events, seconds } = await trainOnce(
        engine,
        data,
        name === 'followed',
        `${round}-${name}`
      )
      times[name].push(cpuMs)
      const ofEngine = `of which the engine process ${engineMs.toFixed(2)}`
      console.log(`${name}: ${cpuMs.toFixed(2)} ms a step, ${ofEngine}, ${seconds.toFixed(0)} s, ${events} events`)
    }
} finally {
  engine.child.kill('SIGTERM')
  await new Promise((resolve) => engine.child.once('exit', resolve))
  rmSync(folder, { recursive: true, force: true })
}
const ratios = times.followed.map((cpuMs, round) => cpuMs / times.alone[round])
console.log(`${cpus().length} x ${cpus()[0].model}, Node ${process.versions.node}, ResNet18 of width ${width}`)
console.log(
  `median alone ${median(times.alone).toFixed(2)} ms, followed ${median(times.followed).toFixed(2)} ms a step`
)
console.log(
  `ratio: median ${median(ratios).toFixed(3)}, from ${Math.min(...ratios).toFixed(3)} to ${Math.max(...ratios).toFixed(3)}; of medians ${(median(times.followed) / median(times.alone)).toFixed(3)}`
)
