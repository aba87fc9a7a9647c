/** Rows that are drawn: from `first` up to but not including `end`, with so many pixels before and behind. */
export type RowWindow = { first: number; end: number; before: number; behind: number }

/** Rows drawn above and below those in sight, so that scrolling shows no gap. */
const spare = 12

/** Which rows of a long list are drawn; `height` of the place and `top` scrolled away, in pixels. */
export function windowOf(count: number, rowHeight: number, top: number, height: number): RowWindow {
  const inSight = Math.ceil(height / rowHeight) + 1
  const last = Math.max(0, count - inSight)
  const start = Math.min(last, Math.max(0, Math.floor(top / rowHeight)))
  const first = Math.max(0, start - spare)
  const end = Math.min(count, start + inSight + spare)
  return { first, end, before: first * rowHeight, behind: (count - end) * rowHeight }
}

/** Where to scroll so that a row is in sight below the heading; `top` where it is already. */
export function scrollTo(row: number, rowHeight: number, top: number, room: number): number {
  const at = row * rowHeight
  if (at < top) return at
  return at + rowHeight > top + room ? at + rowHeight - room : top
}
