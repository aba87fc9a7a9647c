/** A name for a data set from its path: the last part, without its ending and what no name may hold. */
export function suggestDatasetName(path: string): string {
  const last = path.trim().split(/[\\/]/).filter(Boolean).at(-1) ?? ''
  return last
    .replace(/\.(tar\.gz|tgz|zip|gz|npz|npy|bin)$/i, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '')
    .slice(0, 64)
}
