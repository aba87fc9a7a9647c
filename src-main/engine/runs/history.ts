import { open, readFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import { epochRecordSchema, stepRecordSchema, type EpochRecord, type StepRecord } from '../../../src-shared/reports.ts'
import { UserError } from '../../../src-shared/errors.ts'
import { explainFileError, explainWriteError } from '../../file-errors.ts'
import { writeAtomically } from './atomic-write.ts'

/** All that a run recorded, in order. */
export type History = { steps: StepRecord[]; epochs: EpochRecord[] }

const lineSchema = z.union([z.object({ step: stepRecordSchema }), z.object({ epoch: epochRecordSchema })])
const linesBetweenPauses = 500
const pathOf = (folder: string) => join(folder, 'history.jsonl')

/**
 * Reads `history.jsonl`; a last line that a crash cut off is left out. Throws UserError naming any other line that is no
 * record.
 */
export async function readHistory(folder: string): Promise<History> {
  const history: History = { steps: [], epochs: [] }
  const path = pathOf(folder)
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw explainFileError(error, path)
  })
  const lines = text.split('\n').filter(Boolean)
  for (const [index, line] of lines.entries()) {
    // A history of hours takes seconds to check, and the process that reads it has others to answer.
    if (index % linesBetweenPauses === linesBetweenPauses - 1) await setImmediate()
    const record = parseLine(line)
    if (record && 'step' in record) history.steps.push(record.step)
    else if (record) history.epochs.push(record.epoch)
    else if (index < lines.length - 1) throw new UserError(`${path} is damaged: line ${index + 1} is not a record.`)
  }
  return history
}

/**
 * Cuts a history to what lies before a checkpoint: steps up to `step`, epochs up to `epoch`. Throws UserError, and
 * leaves the file as it is, if it lacks some of them.
 */
export async function truncateHistory(folder: string, step: number, epoch: number): Promise<History> {
  const all = await readHistory(folder)
  const kept = {
    steps: all.steps.filter((record) => record.step <= step),
    epochs: all.epochs.filter((record) => record.epoch <= epoch)
  }
  if (kept.steps.length < step || kept.epochs.length < epoch)
    throw new UserError(
      `${pathOf(folder)} is damaged: it holds ${kept.steps.length} steps and ${kept.epochs.length} epochs, but the checkpoint is of step ${step} and epoch ${epoch}.`
    )
  const lines = [
    ...kept.steps.map((record) => formatLine({ step: record })),
    ...kept.epochs.map((record) => formatLine({ epoch: record }))
  ]
  await writeAtomically(pathOf(folder), lines.join(''))
  return kept
}

/** Appends records; `flush` puts what has gathered on the disk. */
export class HistoryWriter {
  private waiting: string[] = []
  private constructor(
    private readonly file: FileHandle,
    private readonly path: string
  ) {}

  static async open(folder: string): Promise<HistoryWriter> {
    const path = pathOf(folder)
    try {
      return new HistoryWriter(await open(path, 'a'), path)
    } catch (error) {
      throw explainWriteError(error, path)
    }
  }

  addStep(step: StepRecord): void {
    this.waiting.push(formatLine({ step }))
  }

  addEpoch(epoch: EpochRecord): void {
    this.waiting.push(formatLine({ epoch }))
  }

  async flush(): Promise<void> {
    const text = this.waiting.join('')
    this.waiting = []
    if (!text) return
    try {
      await this.file.appendFile(text)
      await this.file.sync()
    } catch (error) {
      throw explainWriteError(error, this.path)
    }
  }

  async close(): Promise<void> {
    await this.file.close()
  }
}

const formatLine = (record: z.infer<typeof lineSchema>): string => `${JSON.stringify(record)}\n`

function parseLine(line: string): z.infer<typeof lineSchema> | null {
  try {
    return lineSchema.parse(JSON.parse(line))
  } catch {
    return null
  }
}
