import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { filesIn } from './bundle.mjs'

const drivesBrowser = /\bplaywright-core\b|\bhelpers\/chromium\b/
/** Options of Vitest whose next word is their value, not a name of test files. */
const withValue = new Set(['-t', '--testNamePattern', '-c', '--config', '--reporter', '--shard', '--pool', '--project'])

/** The test files, relative to `root`, that drive a browser themselves or through what they import of `tests/`. */
export function findBrowserTests(root) {
  const tests = join(root, 'tests')
  const drives = (file, seen) => {
    if (seen.has(file) || !existsSync(file)) return false
    seen.add(file)
    const text = readFileSync(file, 'utf8')
    const imported = [...text.matchAll(/from '(\.[^']+)'/g)].map(([, name]) => join(dirname(file), name))
    return drivesBrowser.test(text) || imported.some((path) => path.startsWith(tests + sep) && drives(path, seen))
  }
  const files = filesIn(tests).filter((file) => file.endsWith('.test.ts') && drives(file, new Set()))
  return files.map((file) => relative(root, file).split(sep).join('/'))
}

/** Whether a test run with these arguments of Vitest holds a test that drives a browser. */
export function selectsBrowserTests(root, args) {
  const filters = args.filter((word, at) => !word.startsWith('-') && !withValue.has(args[at - 1]))
  const files = findBrowserTests(root)
  if (filters.length === 0) return files.length > 0
  const asFilter = (text) => text.replaceAll('\\', '/').replace(/^\.\//, '')
  return files.some((file) => filters.some((text) => `${root}/${file}`.includes(asFilter(text))))
}
