import type { CallOptions, EngineContract } from '../../src-shared/contract.ts'
import { writeText, type CliIo, type CommonOptions } from './io.ts'
import { jsonText } from './json-text.ts'
import { createProgress } from './progress.ts'

/** What a command's action works with. */
export type CommandContext = {
  /** Calls the engine, showing its progress, ended by Ctrl-C. */
  ask<T>(call: (engine: EngineContract, options: CallOptions) => Promise<T>): Promise<T>
  /** Prints a result on stdout: the value with `--json`, otherwise the text for people. */
  print(value: unknown, human: () => string): Promise<void>
  /** Says something on stderr unless `--quiet`. */
  say(sentence: string): Promise<void>
}

/** The context of one command from its common options. */
export function createContext(io: CliIo, options: CommonOptions): CommandContext {
  return {
    async ask(call) {
      const progress = createProgress(io.stderr, options.quiet ?? false)
      try {
        const engine = await io.createEngine({
          ...(options.backend ? { backend: options.backend } : {}),
          ...(options.executor ? { executor: options.executor } : {})
        })
        return await call(engine, { onProgress: progress.show, signal: io.signal })
      } finally {
        progress.stop()
      }
    },
    async print(value, human) {
      if (!options.json) return writeText(io.stdout, human())
      for (const text of jsonText(value)) await writeText(io.stdout, text)
    },
    async say(sentence) {
      if (!options.quiet) await writeText(io.stderr, `${sentence}\n`)
    }
  }
}
