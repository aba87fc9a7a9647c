/** Results by key, the least recently used forgotten first where they are too large together. */
export type RecentCache<T> = {
  /** What is kept for the key, or what `make` makes; where that fails, nothing is kept. */
  get(key: string, make: () => Promise<T>): Promise<T>
}

/**
 * A cache that holds results of `most` in all, by `sizeOf`; the last one used is kept even where it is larger alone. Several
 * who ask for the same at once get the same.
 */
export function createRecentCache<T>(most: number, sizeOf: (value: T) => number): RecentCache<T> {
  type Entry = { value: Promise<T>; size: number }
  /** In the order of use, the last one last. */
  const entries = new Map<string, Entry>()

  function forgetOld(): void {
    let total = 0
    for (const { size } of entries.values()) total += size
    for (const [key, { size }] of [...entries].slice(0, -1)) {
      if (total <= most) return
      // What is still being made has no size yet.
      if (size === 0) continue
      entries.delete(key)
      total -= size
    }
  }
  function start(key: string, make: () => Promise<T>): Entry {
    const entry: Entry = { value: make(), size: 0 }
    entry.value.then(
      (value) => {
        entry.size = sizeOf(value)
        forgetOld()
      },
      () => {
        if (entries.get(key) === entry) entries.delete(key)
      }
    )
    return entry
  }
  return {
    get(key, make) {
      const entry = entries.get(key) ?? start(key, make)
      entries.delete(key)
      entries.set(key, entry)
      return entry.value
    }
  }
}
