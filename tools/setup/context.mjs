import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** Runs a program without a shell; `show` sends what it prints to stderr, otherwise it comes back as text. */
export function run(program, args, { show = false, ...options } = {}) {
  const stdio = show ? ['ignore', 2, 2] : ['ignore', 'pipe', 'pipe']
  const done = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 26, stdio, ...options })
  return {
    ok: done.status === 0,
    missing: done.error?.code === 'ENOENT',
    signal: done.signal,
    stdout: done.stdout ?? '',
    stderr: done.stderr ?? ''
  }
}

function readGlibcVersion() {
  // Without this the report looks up the names of open connections, which can take seconds.
  process.report.excludeNetwork = true
  return process.report.getReport().header.glibcVersionRuntime
}

/** All that set-up asks of its surroundings; tests hand in another one. */
export function createContext(root, env = process.env) {
  return {
    root,
    env,
    platform: process.platform,
    arch: process.arch,
    nodeVersion: process.versions.node,
    glibcVersion: readGlibcVersion,
    isRoot: process.getuid?.() === 0,
    driverFolder: '/proc/driver/nvidia',
    deviceFolder: '/dev',
    aptLists: '/var/lib/apt/lists',
    run: (program, args, options) => run(program, args, { env, ...options }),
    say: (text) => process.stderr.write(`set-up: ${text}\n`)
  }
}

/** The folder of a package below node_modules. */
export const packageFolder = (context, name) => join(context.root, 'node_modules', ...name.split('/'))
