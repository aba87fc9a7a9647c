import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumPath } from '../helpers/chromium.ts'
import { servedStage, startServedLab, type ServedLab } from './served-lab.ts'
import { makeUsersFile, playStory } from './story.ts'

const noBrowser = chromiumPath() === null

describe.skipIf(noBrowser)('the served lab, in Chromium (skipped where there is none)', () => {
  let lab: ServedLab
  beforeAll(async () => {
    lab = await startServedLab()
  }, 120_000)
  afterAll(() => lab?.close())

  it(
    'plays the story: open, train a little, probe, select, compare, export, reopen',
    { timeout: 240_000 },
    async () => {
      await playStory(await servedStage(lab), makeUsersFile(lab.root))
      expect(lab.problems).toEqual([])
    }
  )
})
