/** A message to the test that started the program. */
export function tellTest(message) {
  if (process.send) process.send(message, () => undefined)
}

/** Answers the test's `evaluate`: runs its function with the stand-in, as Playwright does with Electron. */
export function obeyTest(electron) {
  if (!process.send) return
  process.on('message', async ({ id, source, arg }) => {
    try {
      // The test's function came as its text.
      const run = (0, eval)(`(${source})`)
      tellTest({ id, value: await run(electron, arg) })
    } catch (error) {
      tellTest({ id, error: error.stack ?? String(error) })
    }
  })
  process.on('disconnect', () => electron.app.exit(1))
}
