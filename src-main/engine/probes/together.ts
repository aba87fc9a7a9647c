/** Runs all tasks at the same time. Where one fails, the others are aborted and waited for before its error is thrown. */
export async function together<T>(
  tasks: ((signal: AbortSignal) => Promise<T>)[],
  signal: AbortSignal | undefined
): Promise<T[]> {
  const stop = new AbortController()
  const either = AbortSignal.any(signal ? [signal, stop.signal] : [stop.signal])
  const running = tasks.map((task) => task(either))
  try {
    return await Promise.all(running)
  } catch (error) {
    stop.abort()
    await Promise.allSettled(running)
    throw error
  }
}
