import { open, readFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { epochRecordSchema, stepRecordSchema, type EpochRecord, type StepRecord } from '../../../src-shared/reports.ts'
import { explainFileError, explainWriteError } from '../../file-errors.ts'
import { writeAtomically } from './atomic-write.ts'

/** All that a run recorded, in order. */
export type History = { steps: StepRecord[]; epochs: EpochRecord[] }

const lineSchema = z.union([z.object({ step: stepRecordSchema }), z.object({ epoch: epochRecordSchema })])
const pathOf = (folder: string) => join(folder, 'history.jsonl')

/** Reads `history.jsonl`; a line cut off by a crash, and all after it, is left out. */
export async function readHistory(folder: string): Promise<History> {
  const history: History = { steps: [], epochs: [] }
  const text = await readFile(pathOf(folder), 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw explainFileError(error, pathOf(folder))
  })
  for (const line of text.split('\n')) {
    const record = parseLine(line)
    if (!record) break
    if ('step' in record) history.steps.push(record.step)
    else history.epochs.push(record.epoch)
  }
  return history
}

/** Cuts a history to what lies before a checkpoint: steps up to `step`, epochs up to `epoch`. */
export async function truncateHistory(folder: string, step: number, epoch: number): Promise<History> {
  const all = await readHistory(folder)
  const kept = {
    steps: all.steps.filter((record) => record.step <= step),
    epochs: all.epochs.filter((record) => record.epoch <= epoch)
  }
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
