/** The last line of a test run: `12 passed, 0 failed`, with `, 1 skipped` only where some are. */
export const formatTally = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`

/** The exit status that fits both the runner's own and what was counted: a run without a test has failed. */
export function decideStatus(runnerStatus, { passed, failed }) {
  if (runnerStatus !== 0) return runnerStatus
  return failed > 0 || passed === 0 ? 1 : 0
}

const fewTests = 3

/** What `npm test` says of skipped tests, so that none is missing unnoticed: each by its name, many of a suite by the suite's. */
export function describeSkipped(names) {
  const suites = new Map()
  for (const name of names) {
    const suite = name.split(' > ').slice(0, 2).join(' > ')
    suites.set(suite, [...(suites.get(suite) ?? []), name])
  }
  return [...suites].flatMap(([suite, tests]) =>
    tests.length > fewTests ? [`skipped: ${suite} (${tests.length} tests)`] : tests.map((name) => `skipped: ${name}`)
  )
}
