import type { Job, JobEvent } from '../../../src-shared/jobs.ts'
import type { JobEntry } from './job-entry.ts'
import { readLive } from './read-live.ts'

/**
 * Tells a job's events until it has ended or the signal is aborted, and gives the job as it is then. What is known comes
 * first: the newest report, or a run's history, from its process or else from the disk.
 */
export async function followJob(
  entry: JobEntry,
  tell: (event: JobEvent) => void,
  setFollowed: (isFollowed: boolean) => void,
  signal: AbortSignal
): Promise<Job> {
  // Records are nothing without the history that they go on from.
  let hasStart = false
  const follower = ({ live, ...event }: JobEvent) => {
    hasStart ||= live?.isStart === true
    tell(live && hasStart ? { ...event, live } : event)
  }
  entry.addFollower(follower)
  if (entry.job.state === 'running' && entry.followerCount === 1) setFollowed(true)
  try {
    const { job, report, check, knownLive } = entry
    const known = {
      ...(report ? { report } : {}),
      ...(check ? { check } : {}),
      ...(knownLive ? { live: knownLive } : {})
    }
    follower({ job, ...known })
    if (job.run !== null && job.state !== 'running') {
      const live = await readLive(job.run).catch(() => null)
      // Its process may have begun to tell it meanwhile.
      if (live && !hasStart && entry.job.state !== 'running') follower({ job: entry.job, live })
    }
    await entry.until(() => entry.hasEnded, signal)
    return entry.job
  } finally {
    entry.removeFollower(follower)
    if (entry.followerCount === 0) {
      entry.forgetLive()
      if (entry.job.state === 'running') setFollowed(false)
    }
  }
}
