import { PassThrough } from 'node:stream'
import { runCli } from '../../src-main/cli/run-cli.ts'
import type { EngineContract } from '../../src-shared/contract.ts'
import { createFakeEngine, type FakeEngine } from './fake-engine.ts'

export type Outcome = {
  status: number
  stdout: string
  stderr: string
  engine: FakeEngine
  backend: string | undefined
  executor: string | undefined
}

/** Runs the command line in this process against a fake engine. */
export async function run(
  argv: string[],
  options: { engine?: Partial<EngineContract>; isTTY?: boolean; signal?: AbortSignal } = {}
): Promise<Outcome> {
  const collected = { stdout: '', stderr: '' }
  const stdout = new PassThrough().on('data', (chunk: Buffer) => void (collected.stdout += chunk.toString()))
  const stderr = new PassThrough().on('data', (chunk: Buffer) => void (collected.stderr += chunk.toString()))
  const engine = createFakeEngine(options.engine)
  let backend: string | undefined = 'not created'
  let executor: string | undefined
  const status = await runCli(argv, {
    stdout,
    stderr: Object.assign(stderr, { isTTY: options.isTTY ?? false, columns: 100 }),
    createEngine: (chosen) => {
      ;({ backend, executor } = chosen)
      return Promise.resolve(engine)
    },
    signal: options.signal ?? new AbortController().signal
  })
  return { status, ...collected, engine, backend, executor }
}
