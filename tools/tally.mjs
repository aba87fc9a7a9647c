/** The last line of a test run: `12 passed, 0 failed`, with `, 1 skipped` only where some are. */
export const formatTally = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`

/** The exit status that fits both the runner's own and what was counted: a run without a test has failed. */
export function decideStatus(runnerStatus, { passed, failed }) {
  if (runnerStatus !== 0) return runnerStatus
  return failed > 0 || passed === 0 ? 1 : 0
}

const mostNames = 30

/** What `npm test` says of skipped tests, one line each, so that none is missing unnoticed; a long list is cut. */
export function describeSkipped(names) {
  const left = names.length - mostNames
  return [
    ...names.slice(0, mostNames).map((name) => `skipped: ${name}`),
    ...(left > 0 ? [`skipped: ${left} more`] : [])
  ]
}
