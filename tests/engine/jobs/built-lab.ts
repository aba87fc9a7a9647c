import { fork, spawn, type ChildProcess } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { labCalls, type LabContract } from '../../../src-shared/lab-contract.ts'
import type { Job, JobEvent } from '../../../src-shared/jobs.ts'
import { connect, type Transport } from '../../../src-shared/rpc.ts'
import { outFolder } from '../../helpers/built.ts'

/** The built engine process in a folder, as a host has it. */
export type BuiltLab = {
  child: ChildProcess
  lab: LabContract
  /** One more connection. */
  open(): LabContract
  /** All that it said on stderr. */
  said(): string
  /** Waits for its end; gives the exit status or the signal. */
  ended: Promise<number | string | null>
}

type Options = {
  home: string
  roots?: string[] | null
  /** Through which shell command it is started, given its own. */
  through?: (command: string[]) => string[]
}

/** Starts the built engine process and connects to it; killed when the test ends. */
export async function startLab({ home, roots = null, through }: Options): Promise<BuiltLab> {
  const program = join(outFolder, 'engine-process.js')
  const config = JSON.stringify({ home, roots })
  const stdio: ['ignore', 'ignore', 'pipe', 'ipc'] = ['ignore', 'ignore', 'pipe', 'ipc']
  const [file, ...args] = through?.([process.execPath, program, config]) ?? []
  const child = file
    ? spawn(file, args, { stdio, serialization: 'advanced' })
    : fork(program, [config], { stdio, serialization: 'advanced' })
  let said = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (said += text))
  const ended = new Promise<number | string | null>((resolve) =>
    child.once('exit', (code, signal) => resolve(signal ?? code))
  )
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve())
    child.once('exit', () => reject(new Error(`the engine process ended at its start: ${said}`)))
  })
  let last = 0
  const open = () => {
    const connection = ++last
    child.send({ type: 'open', connection })
    return connect(labCalls, overChannel(child, connection))
  }
  return { child, lab: open(), open, said: () => said, ended }
}

function overChannel(child: ChildProcess, connection: number): Transport {
  return {
    post(data) {
      if (child.connected) child.send({ type: 'message', connection, data })
    },
    onMessage: (listener) =>
      void child.on('message', (message) => {
        const { connection: of, data } = message as { connection?: number; data?: unknown }
        if (of === connection) listener(data)
      }),
    onClose: (listener) => void child.once('exit', () => listener('The engine process has ended.'))
  }
}

/** Process ids of the job processes of an engine process, oldest first; Linux only. */
export function jobPids(child: ChildProcess): number[] {
  const folder = `/proc/${child.pid}/task`
  const threads = readdirSync(folder)
  const children = threads.map((thread) => readFileSync(join(folder, thread, 'children'), 'utf8'))
  return children.flatMap((text) => text.split(' ').filter(Boolean).map(Number)).sort((a, b) => a - b)
}

/** The job process that works: of two warm ones, the one that has used more of the processor. */
export function busiestPid(child: ChildProcess): number {
  const ticks = (pid: number) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
    return Number(fields[11]) + Number(fields[12])
  }
  return jobPids(child).sort((a, b) => ticks(b) - ticks(a))[0]!
}

/** Follows a job over a connection; gives the events so far, and its end. */
export function followOver(lab: LabContract, id: string) {
  const events: JobEvent[] = []
  const controller = new AbortController()
  const ended: Promise<Job> = lab.followJob(
    { id },
    { onProgress: (event) => void events.push(event), signal: controller.signal }
  )
  ended.catch(() => undefined)
  return { events, ended, stop: () => controller.abort() }
}
