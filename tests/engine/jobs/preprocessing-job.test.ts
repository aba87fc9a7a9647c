import { expect, test } from 'vitest'
import type { JobSpec } from '../../../src-shared/jobs.ts'
import { preprocessingCheck as check } from '../../cli/fake-engine.ts'
import { follow, openWorld, until } from './jobs-world.ts'

const spec: JobSpec = {
  kind: 'preprocessing',
  path: '/files/net.pth',
  data: 'fashion-mnist',
  limit: 500,
  seed: 0,
  preprocessing: null
}

test('a check tells what it found at its end, and whoever follows it later', async () => {
  const { jobs, host, stored } = await openWorld()
  const { id, title } = await jobs.start(spec)
  expect(title).toBe('Preprocessing of net')
  await expect(jobs.pause(id)).rejects.toThrow("A check can't be paused; cancel it and run it again.")
  const { events, ended } = follow(jobs, id)
  await until(() => host.processes.flatMap(({ tasks }) => tasks).length === 1)
  const [given] = host.processes.flatMap(({ tasks }) => tasks)
  given!.tell({ progress: { fraction: 0.5, secondsLeft: 3, message: 'Trying plain 0 to 1' } })
  given!.finish({ kind: 'checked', check })
  expect((await ended).state).toBe('done')
  expect(events.flatMap((event) => event.check ?? [])).toEqual([check])
  expect(stored).toEqual([])
  const late = follow(jobs, id)
  await late.ended
  expect(late.events[0]).toMatchObject({ job: { state: 'done' }, check })
})

test('the paths of a check are confined', async () => {
  const { jobs } = await openWorld({
    roots: {
      check: () => Promise.reject(new Error('outside')),
      checkDataset: async (name) => name
    }
  })
  await expect(jobs.start(spec)).rejects.toThrow('outside')
})
