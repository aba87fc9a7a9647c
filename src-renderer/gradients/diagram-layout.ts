import type { ProbeReport } from '../../src-shared/reports.ts'
import type { GradientsLayout } from '../figures/gradients-layout.ts'
import { textWidth } from '../figures/text-width.ts'
import { fontSize } from '../figures/theme.ts'

/** A convolution in the diagram; the lines of text are those that there is room for. */
export type DiagramBox = {
  name: string
  x: number
  y: number
  width: number
  height: number
  lines: string[]
  /** True on a way around the block: a shortcut's convolution. */
  isShortcut: boolean
}
/** A stage of the backbone as far as it is drawn, with the head that hangs on it. */
export type DiagramStage = {
  stage: number
  x: number
  width: number
  boxes: DiagramBox[]
  head: DiagramBox[]
  /** Where the wire to the head leaves the stage; null where no exit follows. */
  wireX: number | null
  /** Where the exit's name stands; it begins or ends there, `y` is its middle. */
  label: { x: number; y: number; isAtEnd: boolean }
}
export type Diagram = { stages: DiagramStage[]; backboneY: number; headY: number; height: number }

const boxHeight = 34
const headHeight = 30
/** Of the name of an exit, with its swatch. */
const labelWidth = 54
const backboneY = 6
const headY = backboneY + boxHeight + 24

/** `3×3` and `16`: kernel and channels that come out, of a weight in PyTorch's order. */
const linesOf = (shape: readonly number[] | undefined): string[] =>
  shape?.length === 4 ? [`${shape[2]}×${shape[3]}`, `${shape[0]}`] : []

/** Lines that fit into a box; all of them or none. */
const fit = (lines: string[], width: number): string[] =>
  lines.every((line) => textWidth(line, fontSize.small) <= width) ? lines : []

/**
 * The network above the gradients figure, its backbone's convolutions right above their places on the figure's axis. Exit
 * heads hang below their stage, whether the axis has them or not.
 */
export function layoutDiagram(
  { series, rect, pitch }: Pick<GradientsLayout, 'series' | 'rect' | 'pitch'>,
  report: ProbeReport<'gradients'>,
  shapes: ReadonlyMap<string, readonly number[]>
): Diagram {
  const gap = pitch > 14 ? 2 : 0.5
  const sections = series.sections.filter(({ part }) => part === 'backbone')
  const exits = new Set(
    report.checkpoints.flatMap(({ layers }) => layers.flatMap((one) => (one.part === 'head' ? [one.stage] : [])))
  )
  const headsOf = (stage: number): string[] => [
    ...new Set(
      report.checkpoints.flatMap(({ layers }) =>
        layers
          .filter((one) => one.part === 'head' && one.stage === stage && one.role === 'convolution')
          .map(({ name }) => name)
      )
    )
  ]
  const lastSection = sections.at(-1)
  const backboneEnd = lastSection ? (lastSection.start + lastSection.count) * pitch : 0
  const hasRoomBehind = rect.width - backboneEnd > labelWidth
  const stages = sections.map(({ stage, start, count }, index): DiagramStage => {
    const x = rect.x + start * pitch
    const width = count * pitch
    const boxes = series.layers.slice(start, start + count).map(({ name }, i): DiagramBox => {
      const place = { x: x + i * pitch + gap, width: Math.max(1, pitch - 2 * gap) }
      const isShortcut = /downsample|shortcut/.test(name)
      return {
        name,
        ...place,
        y: backboneY,
        height: boxHeight,
        lines: fit(linesOf(shapes.get(name)), place.width),
        isShortcut
      }
    })
    const names = headsOf(stage)
    const end = x + width - gap
    // The head lies under the next stage. The deepest exit's name stands beside the network where the axis goes on, else
    // below its end, next to the head before.
    const labels = sections[index + 2] === undefined && !hasRoomBehind ? 2 : 1
    const room = (sections[index + 1]?.count ?? 0) * pitch - labels * labelWidth - 14
    const headPitch = Math.min(pitch, Math.max(4, room / Math.max(1, names.length)))
    const head = names.map((name, i): DiagramBox => {
      const place = { x: end + 10 + i * headPitch + gap, width: Math.max(1, headPitch - 2 * gap) }
      const lines = fit(linesOf(shapes.get(name)), place.width)
      return { name, ...place, y: headY, height: headHeight, lines, isShortcut: false }
    })
    const last = head.at(-1)
    const isDeepest = sections[index + 1] === undefined
    const below = headY + headHeight / 2
    const label = last
      ? { x: last.x + last.width + 6, y: below, isAtEnd: false }
      : isDeepest && hasRoomBehind
        ? { x: end + 8, y: backboneY + boxHeight / 2, isAtEnd: false }
        : { x: end, y: below, isAtEnd: isDeepest }
    return { stage, x, width, boxes, head, wireX: exits.has(stage) ? end : null, label }
  })
  return { stages, backboneY, headY, height: headY + headHeight + 8 }
}

/** Names of all layers of the diagram, in the order of the keys: a stage, then its head. */
export const layersOf = ({ stages }: Diagram): string[] =>
  stages.flatMap(({ boxes, head }) => [...boxes, ...head].map(({ name }) => name))
