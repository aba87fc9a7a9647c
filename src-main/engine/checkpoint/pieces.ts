/** So many bytes are worked on in one go: some milliseconds. */
const pieceBytes = 4 * 2 ** 20

/** Work that can be left alone between its pieces, so that others get their turn; each yields how many bytes it was of. */
export type Pieces<T> = Generator<number, T>

/** Does all pieces one behind the other. */
export function finishPieces<T>(pieces: Pieces<T>): T {
  for (;;) {
    const { done, value } = pieces.next()
    if (done) return value
  }
}

/** Bytes in pieces that are not copied. */
export function* inPieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
}

/** Copies bytes to where `at` is. */
export function* copyInPieces(target: Uint8Array, bytes: Uint8Array, at: number): Pieces<void> {
  let filled = at
  for (const piece of inPieces(bytes)) {
    target.set(piece, filled)
    filled += piece.length
    yield piece.length
  }
}
