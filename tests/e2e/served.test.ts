import { describe, expect, it } from 'vitest'
import { chromiumPath } from '../helpers/chromium.ts'
import { servedStage, startServedLab } from './served-lab.ts'
import { makeUsersFile, playStory, storyOptions } from './story.ts'

describe.skipIf(chromiumPath() === null)('the served lab, in Chromium (skipped where there is none)', () => {
  it('plays the story: open, train a little, probe, select, compare, export, reopen', storyOptions, async () => {
    const lab = await startServedLab()
    try {
      await playStory(await servedStage(lab), makeUsersFile(lab.root))
      expect(lab.problems).toEqual([])
    } finally {
      await lab.close()
    }
  })
})
