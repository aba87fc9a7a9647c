import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { JSHandle, Page } from 'playwright-core'
import type { ShellEvent } from '../../../src-shared/shell-contract.ts'
import type { DesktopApp } from '../../fakes/electron/launch.ts'
import type { FixturePage } from '../fixture/page.ts'

/** Starts the desktop that is built in `root`, with the stand-in or with Electron itself. */
export type Launch = (options: { root: string; args?: string[]; env?: Record<string, string> }) => Promise<DesktopApp>

/** A running desktop, its first page, and what the page offers to tests. */
export type World = {
  app: DesktopApp
  page: Page
  fixture: JSHandle<FixturePage>
  home: string
  /** Puts the page's offer anew after it has been loaded again. */
  refresh(): Promise<void>
  /** Waits for an event that the page is told. */
  event(matches: { kind: string; state?: string; command?: string }): Promise<ShellEvent>
}

/** A folder for one test or, given `keep`, for whoever removes it. */
export function makeFolder(keep?: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'autodidact-desktop-'))
  if (keep) keep.push(folder)
  else onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** The desktop with its page connected; the caller closes `app`. */
export async function openWorld(
  launch: Launch,
  options: { root: string; home: string; args?: string[]; env?: Record<string, string> }
): Promise<World> {
  const { root, home, args, env } = options
  const app = await launch({ root, env: { ...env, AUTODIDACT_HOME: home }, ...(args && { args }) })
  const page = await app.firstWindow()
  const world: World = { app, page, home, fixture: await connected(page), refresh, event }

  async function refresh(): Promise<void> {
    world.fixture = await connected(page)
  }
  async function event(matches: { kind: string; state?: string; command?: string }): Promise<ShellEvent> {
    const found = await page.waitForFunction((wanted) => {
      const { fixture } = globalThis as unknown as { fixture: FixturePage }
      const isWanted = (event: object) =>
        Object.entries(wanted).every(([key, value]) => Reflect.get(event, key) === value)
      return fixture.events.find(isWanted) ?? false
    }, matches)
    return (await found.jsonValue()) as ShellEvent
  }
  return world
}

/** The page's offer once the ports have come. */
export async function connected(page: Page): Promise<JSHandle<FixturePage>> {
  await page.waitForFunction(() => {
    const { fixture } = globalThis as unknown as { fixture?: FixturePage }
    return (fixture?.arrivals.length ?? 0) > 0
  })
  return page.evaluateHandle(() => (globalThis as unknown as { fixture: FixturePage }).fixture)
}

/** The message of what a call in the page throws; null where it throws nothing. */
export function messageOf(
  fixture: JSHandle<FixturePage>,
  call: (fixture: FixturePage) => Promise<unknown>
): Promise<string | null> {
  return fixture.evaluate(async (offer, source) => {
    // The function travels as its text: one handle evaluates one function.
    const run = (0, eval)(`(${source})`) as (offer: unknown) => Promise<unknown>
    return run(offer).then(
      () => null,
      (error: Error) => error.message
    )
  }, String(call))
}
