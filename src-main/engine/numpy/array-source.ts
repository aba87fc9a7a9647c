/** Where a .npy array's bytes come from: a file, or an entry of an archive. */
export type ArraySource = {
  /** For messages: the file, or the archive and its entry. */
  name: string
  /** Bytes in all, as the disk or the archive says. */
  size: number
  /** The first bytes, at most `most`. Throws UserError. */
  head(most: number): Promise<Uint8Array>
  /** Exactly `size` bytes. Throws UserError where there are more or fewer. */
  read(): Promise<Uint8Array>
}
