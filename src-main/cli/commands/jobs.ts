import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { z } from 'zod'
import { UserError } from '../../../src-shared/errors.ts'
import { isActive, jobSchema, type Job } from '../../../src-shared/jobs.ts'
import { explainFileError } from '../../file-errors.ts'
import { createContext } from '../command-context.ts'
import { addOutputOptions } from '../common-options.ts'
import type { CliIo, CommonOptions } from '../io.ts'
import { formatTable } from '../text-table.ts'
import { chooseHome } from './serve.ts'

type Options = CommonOptions & { root?: string }

const help = `
Of the lab that is served from a folder with --root, otherwise of your own. While no lab is running, past jobs are listed.

Examples:
  autodidact jobs --root .
  autodidact jobs cancel 3f2a --root .`

/** `jobs`: running and past jobs of a lab; `jobs cancel ID`. */
export function addJobsCommand(program: Command, io: CliIo): void {
  const addRoot = (command: Command) =>
    addOutputOptions(command.option('--root <folder>', 'the folder that the lab is served from'))
  const jobs = addRoot(program.command('jobs').description('list the running and past jobs of a lab, or cancel one'))
  jobs.addHelpText('after', help).action(async (options: Options) => {
    const context = createContext(io, options)
    const { home } = await chooseHome(options.root)
    const found = await listJobs(home)
    await context.print(found, () => (found.length === 0 ? `There are no jobs in ${home}.\n` : describeJobs(found)))
  })
  const cancel = jobs.command('cancel').description('end a job; a training keeps its last checkpoint')
  addRoot(cancel.argument('<id>', 'its number in the list, or the beginning of it')).action(
    async (id: string, own: Options) => {
      // Both commands have the same options, and the first one takes what is written behind the second.
      const options = { ...jobs.opts<Options>(), ...own }
      const context = createContext(io, options)
      const { home } = await chooseHome(options.root)
      const job = await cancelJob(home, id)
      await context.print(job, () => describeJobs([job]))
    }
  )
}

/** All jobs of the lab, newest first: from the running lab, otherwise from what it has left. */
async function listJobs(home: string): Promise<Job[]> {
  const { findRunningLab } = await import('../server/lab-file.ts')
  const lab = await findRunningLab(home)
  if (!lab) return readPastJobs(join(home, 'jobs.json'))
  const { askEngine } = await import('../server/lab-client.ts')
  return askEngine(lab, (engine) => engine.jobs({}))
}

async function readPastJobs(path: string): Promise<Job[]> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw explainFileError(error, path)
  }
  try {
    const { jobs } = z.object({ jobs: z.array(z.unknown()) }).parse(JSON.parse(text))
    return jobs.flatMap((job) => jobSchema.safeParse(job).data ?? []).reverse()
  } catch {
    throw new UserError(`${path} is no list of jobs; start the lab, which sets it aside and begins a new one.`)
  }
}

async function cancelJob(home: string, id: string): Promise<Job> {
  const { findRunningLab } = await import('../server/lab-file.ts')
  const lab = await findRunningLab(home)
  if (!lab) throw new UserError(`No lab is running in ${home}, so no job is; start it with serve.`)
  const { askEngine } = await import('../server/lab-client.ts')
  return askEngine(lab, async (engine) => {
    const matches = (await engine.jobs({})).filter((job) => job.id.startsWith(id))
    const [job, other] = matches
    if (!job) throw new UserError(`There is no job ${JSON.stringify(id)}; the command jobs lists them.`)
    if (other && job.id !== id)
      throw new UserError(`${matches.length} jobs begin with ${JSON.stringify(id)}; write more of the number.`)
    if (!isActive(job)) throw new UserError(`${job.title} (${shortId(job)}) has ended already: it is ${job.state}.`)
    return engine.cancelJob({ id: job.id })
  })
}

const shortId = ({ id }: Job): string => id.slice(0, 8)

function describeJobs(jobs: Job[]): string {
  const rows = jobs.map((job) => [
    shortId(job),
    job.state,
    isActive(job) && Number.isFinite(job.progress.fraction) ? `${Math.floor(100 * job.progress.fraction)} %` : '-',
    job.createdAt.slice(0, 16).replace('T', ' '),
    job.error ? `${job.title}: ${job.error}` : job.title
  ])
  return formatTable(['job', 'state', 'done', 'begun (UTC)', 'title'], rows)
}
