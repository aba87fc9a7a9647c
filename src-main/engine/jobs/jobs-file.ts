import { existsSync } from 'node:fs'
import { mkdir, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { jobSchema, type Job } from '../../../src-shared/jobs.ts'
import { explainFileError } from '../../file-errors.ts'
import { writeAtomically } from '../runs/atomic-write.ts'

const fileSchema = z.object({ version: z.literal(1), jobs: z.array(z.unknown()) })

/**
 * Reads the jobs of `jobs.json`, oldest first; none where there is no file. What is no job is left out, and the file is
 * then kept as `jobs.json.damaged`, which `warn` is told in one sentence. Throws UserError where it can't be read.
 */
export async function readJobs(path: string, warn: (sentence: string) => void): Promise<Job[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException
    // A list that can't be read now must not be replaced by an empty one; a folder of that name is no list.
    if (code !== 'ENOENT' && code !== 'EISDIR') throw explainFileError(error, path)
    if (code === 'EISDIR') warn(explainFileError(error, path).message)
    return null
  })
  if (text === null) return []
  const file = parse(text)
  const jobs = new Map<string, Job>()
  for (const entry of file ?? []) {
    const job = jobSchema.safeParse(entry)
    if (job.success) jobs.set(job.data.id, job.data)
  }
  if (!file || jobs.size < file.length) {
    // An earlier one stays.
    const kept = existsSync(`${path}.damaged`) ? `${path}.damaged-${Date.now()}` : `${path}.damaged`
    await rename(path, kept).catch((error: unknown) => warn(explainFileError(error, kept).message))
    const lost = file ? `${file.length - jobs.size} of its ${file.length} jobs can't be read` : 'it is no list of jobs'
    warn(`${path} is damaged (${lost}); it is kept as ${kept}.`)
  }
  return [...jobs.values()]
}

function parse(text: string): unknown[] | null {
  try {
    return fileSchema.parse(JSON.parse(text)).jobs
  } catch {
    return null
  }
}

/** Keeps `jobs.json` as `read` gives the jobs: one write at a time, and whole or not at all. */
export class JobsFile {
  private writing: Promise<void> | null = null
  private next: Promise<void> | null = null

  constructor(
    private readonly path: string,
    private readonly read: () => Job[]
  ) {}

  /** Writes the jobs as they are once it comes to that. Throws UserError (disk full, no permission). */
  save(): Promise<void> {
    if (!this.writing) return this.write()
    // Whoever asks while a write is under way shares the one that follows it.
    this.next ??= this.writing.catch(() => undefined).then(() => this.write())
    return this.next
  }

  private write(): Promise<void> {
    this.next = null
    const text = `${JSON.stringify({ version: 1, jobs: this.read() }, null, 1)}\n`
    const writing = this.put(text).finally(() => {
      if (this.writing === writing) this.writing = null
    })
    this.writing = writing
    return writing
  }

  private async put(text: string): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true }).catch(() => undefined)
    await writeAtomically(this.path, text)
  }
}
