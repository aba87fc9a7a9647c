import { afterAll, beforeAll, describe } from 'vitest'
import { startChromium, type Chromium } from '../fakes/electron/chromium.ts'
import { launchStandIn, mainOf } from '../fakes/electron/launch.ts'
import { chromiumPath } from '../helpers/chromium.ts'
import { useFixture } from './fixture/build-fixture.ts'
import { describeClosedDoors } from './story/closed-doors.ts'
import { describeFilesAndMenu } from './story/files-and-menu.ts'
import { describePortsAndEngine } from './story/ports-and-engine.ts'
import type { Launch } from './story/world.ts'

// The built main and preload, with the stand-in in place of Electron.
const root = useFixture()
let chromium: Chromium
beforeAll(async () => {
  chromium = await startChromium()
})
afterAll(() => chromium?.end())
const launch: Launch = ({ root, ...rest }) => launchStandIn({ main: mainOf(root), chromium, ...rest })

describe.skipIf(chromiumPath() === null)('the desktop', () => {
  describePortsAndEngine(launch, root)
  describeClosedDoors(launch, root)
  describeFilesAndMenu(launch, root)
})
