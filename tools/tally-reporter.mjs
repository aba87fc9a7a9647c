import { writeFileSync } from 'node:fs'

/**
 * Counts a test run of Vitest into the JSON file named by AUTODIDACT_TALLY, and names what was skipped. A file that does
 * not load and an error outside of any test count as failed: the line and the exit status never disagree.
 */
export default class TallyReporter {
  onTestRunEnd(testModules, unhandledErrors) {
    const tally = { passed: 0, failed: unhandledErrors.length, skipped: 0, skippedNames: [] }
    for (const testModule of testModules) {
      const before = tally.failed
      for (const test of testModule.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') tally.passed += 1
        else if (state === 'skipped') {
          tally.skipped += 1
          tally.skippedNames.push(`${testModule.relativeModuleId} > ${test.fullName}`)
        } else tally.failed += 1
      }
      if (testModule.state() === 'failed' && tally.failed === before) tally.failed += 1
    }
    writeFileSync(process.env.AUTODIDACT_TALLY, JSON.stringify(tally))
  }
}
