import { textWidth } from '../figures/text-width.ts'

/** What is drawn of a network; costs as they are printed. */
export type DrawnNetwork = {
  /** Before the first stage: the image, and the stem where there is one. */
  parts: DrawnPart[]
  stages: DrawnPart[]
  exits: DrawnExit[]
  /** What training adds; null where it adds nothing. */
  extra: DrawnExtra | null
}
/** A box of the backbone. */
export type DrawnPart = { title: string; size: number; channels: number; parameters: string; multiplyAdds: string }
export type DrawnExit = { stage: number; head: string; parameters: string; speedup: string }
export type DrawnExtra = {
  text: string
  /** Another network is a box of its own; otherwise the deepest exit teaches. */
  isNetwork: boolean
  /** True where it learns as well as it teaches. */
  isMutual: boolean
  /** What it teaches, by the stage. */
  targets: { stage: number; what: 'exit' | 'features' }[]
}

export type Box = { x: number; y: number; width: number; height: number; lines: string[]; title: string }
export type ExitBox = Box & { stage: number; wireX: number; wireY: number }
/** Texts of a column, below the backbone or below an exit. */
export type Cell = { x: number; y: number; text: string }
export type Drawing = {
  width: number
  height: number
  isCompact: boolean
  parts: Box[]
  stages: Box[]
  exits: ExitBox[]
  cells: Cell[]
  /** What the rows are, at the left. */
  labels: Cell[]
  /** Tips of arrows along the backbone. */
  arrows: { x: number; y: number; length: number }[]
  extra: {
    busY: number
    fromX: number
    toX: number
    tips: { x: number; y: number }[]
    /** The deepest exit's own end of the line; null where another network teaches. */
    sourceX: number | null
    sourceY: number
    isMutual: boolean
    box: Box
  } | null
}

/** Room beside an exit, for what teaches its stage. */
const beside = 20
const labelWidth = 100
const gap = 14
const widest = 184
const narrowest = 47
/** Columns narrower than this have short texts. */
const compactBelow = 98
/** Narrower still, exits are numbers only. */
const numbersBelow = 66
const lowest = 38
const highest = 70
const centerY = 8 + highest / 2
const costsY = 98
const lineHeight = 16
const exitY = costsY + lineHeight + 12
const exitHeight = 38
/** Size of the drawing's texts, pixels. */
export const drawingFont = 11.5

/** Where everything of a network stands in a drawing as wide as there is room; wider where it would not fit. */
export function layoutNetwork(network: DrawnNetwork, room: number): Drawing {
  const [image, ...stem] = network.parts
  const inner = [...stem, ...network.stages]
  const pitch = Math.max(narrowest, Math.min(widest, (room - labelWidth) / inner.length))
  const isCompact = pitch < compactBelow
  const between = isCompact ? 8 : gap
  const sizes = network.stages.map(({ size }) => size)
  const heightOf = (size: number) => {
    const share = Math.log2(Math.max(1, size)) / Math.log2(Math.max(2, image?.size ?? 2, ...sizes))
    const low = isCompact ? 52 : lowest
    return Math.round(low + (highest - low) * Math.min(1, share) ** 2)
  }
  const boxOf = (part: DrawnPart, x: number, width: number): Box => {
    const height = heightOf(part.size)
    return { x, y: centerY - height / 2, width, height, lines: linesOf(part, isCompact), title: describePart(part) }
  }
  const xOf = (column: number) => labelWidth + column * pitch
  const columns = inner.map((part, column) => boxOf(part, xOf(column), pitch - between))
  const stages = columns.slice(stem.length)
  const imageBox = image
    ? [boxOf(image, 1, labelWidth - gap - 1)].map((box) => ({ ...box, lines: linesOf(image, false) }))
    : []
  const inset = isCompact ? 9 : 12
  const exits = network.exits.flatMap((exit): ExitBox[] => {
    const stage = stages[exit.stage - 1]
    if (!stage) return []
    const name = pitch < numbersBelow ? String(exit.stage) : `Exit ${exit.stage}`
    const lines = isCompact ? [name] : [name, exit.head]
    return [
      {
        ...{
          stage: exit.stage,
          x: stage.x,
          y: exitY,
          width: stage.width - (isCompact ? 8 : beside),
          height: isCompact ? 24 : exitHeight,
          lines
        },
        ...{ wireX: stage.x + 5, wireY: stage.y + stage.height },
        title: `Exit ${exit.stage}, ${exit.head}: ${exit.parameters} parameters of its own, ${exit.speedup}`
      }
    ]
  })
  const belowExits = exitY + (isCompact ? 24 : exitHeight) + 15
  const cells: Cell[] = [
    ...inner.flatMap(({ parameters, multiplyAdds }, column) => [
      { x: xOf(column) + inset, y: costsY, text: parameters },
      { x: xOf(column) + inset, y: costsY + lineHeight, text: multiplyAdds }
    ]),
    ...network.exits.flatMap(({ stage, parameters, speedup }) => {
      const x = (stages[stage - 1]?.x ?? 0) + inset
      return [
        { x, y: belowExits, text: parameters },
        { x, y: belowExits + lineHeight, text: isCompact ? speedup.replace(/ faster$|^whole.*/, '') : speedup }
      ]
    })
  ]
  const labels = [
    { y: costsY, text: 'Parameters' },
    { y: costsY + lineHeight, text: 'Multiply-adds' },
    ...(isCompact ? [{ y: exitY + 16, text: 'Exit' }] : []),
    { y: belowExits, text: 'Head parameters' },
    { y: belowExits + lineHeight, text: 'Leaving there' }
  ].map((label) => ({ ...label, x: 0 }))
  const ends = [...imageBox, ...columns]
  const arrows = ends.slice(1).map(({ x }, index) => {
    const before = ends[index]!
    return { x, y: centerY, length: x - before.x - before.width }
  })
  const bottom = belowExits + lineHeight
  const extra = network.extra && layoutExtra(network.extra, stages, bottom, isCompact)
  return {
    width: Math.max(labelWidth + inner.length * pitch, extra ? extra.box.x + extra.box.width + 2 : 0),
    height: (extra ? extra.box.y + extra.box.height : bottom) + 6,
    ...{
      isCompact,
      parts: [...imageBox, ...columns.slice(0, stem.length)],
      stages,
      exits,
      cells,
      labels,
      arrows,
      extra
    }
  }
}

function layoutExtra(
  { text, targets, isNetwork, isMutual }: DrawnExtra,
  stages: readonly Box[],
  bottom: number,
  isCompact: boolean
): Drawing['extra'] {
  const last = stages.at(-1)
  if (!last) return null
  const busY = bottom + 18
  const middle = (box: Box) => box.x + Math.round(box.width * 0.7)
  const tips = targets.flatMap(({ stage, what }) => {
    const box = stages[stage - 1]
    if (!box) return []
    if (what === 'exit') return [{ x: middle(box), y: bottom + 5 }]
    return [
      {
        x: box.x + box.width - (isCompact ? 3 : beside / 2),
        y: isCompact ? costsY + lineHeight + 6 : box.y + box.height + 3
      }
    ]
  })
  const width = textWidth(text, drawingFont) + 20
  const xs = tips.map(({ x }) => x)
  const start = isNetwork ? labelWidth : Math.max(0, Math.min(...xs, middle(last) - width))
  const box: Box = {
    ...{ x: start, y: busY + (isNetwork ? 10 : 4), width, height: isNetwork ? 24 : 18 },
    ...{ lines: [text], title: text }
  }
  return {
    ...{ busY, tips, box, isMutual },
    fromX: isNetwork ? labelWidth + 16 : Math.min(...xs),
    toX: Math.max(...xs, isNetwork ? labelWidth + 16 : middle(last)),
    sourceX: isNetwork ? null : middle(last),
    sourceY: bottom + 5
  }
}

const linesOf = ({ title, size, channels }: DrawnPart, isCompact: boolean): string[] =>
  isCompact
    ? [title.replace('Stage ', ''), `${size}×${size}`, String(channels)]
    : [title, `${size}×${size}×${channels}`]

const describePart = ({ title, size, channels, parameters, multiplyAdds }: DrawnPart): string =>
  [
    `${title}: ${size} × ${size} pixels, ${channels} channel${channels === 1 ? '' : 's'}`,
    ...(parameters ? [`${parameters} parameters, ${multiplyAdds} multiply-adds`] : [])
  ].join('; ')
