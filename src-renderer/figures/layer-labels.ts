import type { LayerSection } from './gradients-series.ts'
import { ellipsize, textWidth } from './text-width.ts'
import { fontSize } from './theme.ts'

/** Names under a layer axis; empty ones are left out because there is no room. */
export type LayerLabels = { texts: string[]; height: number }

const mostHeight = 84

/** Upright names of layers: every one where `pitch` pixels allow, else the first of each section and every n-th. */
export function layoutLayerLabels(
  layers: readonly { short: string }[],
  sections: readonly LayerSection[],
  pitch: number
): LayerLabels {
  const stride = Math.max(1, Math.ceil((fontSize.small + 2) / Math.max(pitch, 0.1)))
  const texts = layers.map(() => '')
  for (const { start, count } of sections) {
    for (let i = 0; i < count; i += stride) {
      // Two sections may meet closer than the stride.
      const next = sections.find((section) => section.start > start)?.start
      if (i > 0 && next !== undefined && start + i + stride > next) break
      texts[start + i] = ellipsize(layers[start + i]?.short ?? '', mostHeight, fontSize.small)
    }
  }
  let previous = -Infinity
  const spaced = texts.map((text, i) => {
    if (text === '' || i - previous < stride) return ''
    previous = i
    return text
  })
  const height = Math.max(0, ...spaced.map((text) => textWidth(text, fontSize.small)))
  return { texts: spaced, height: Math.ceil(height) + 8 }
}

/**
 * Names over the sections of a layer axis, each in the middle of its own. What is wider than its section may hang over
 * where nothing stands, else it is shortened or left out: the bar's colour and the order still tell the stage.
 */
export function placeSectionNames(sections: readonly LayerSection[], pitch: number, width: number): string[] {
  const names = sections.map(() => '')
  const taken: { from: number; to: number }[] = []
  const room = ({ label, count }: LayerSection): number => count * pitch - textWidth(label, fontSize.label)
  const order = sections.map((_, i) => i).sort((a, b) => room(sections[b]!) - room(sections[a]!))
  for (const i of order) {
    const section = sections[i]!
    const middle = (section.start + section.count / 2) * pitch
    for (const name of [section.label, section.label.replace('Stage ', '').replace('Head ', 'H')]) {
      const half = textWidth(name, fontSize.label) / 2
      const [from, to] = [middle - half - 5, middle + half + 5]
      if (from < -20 || to > width + 12 || taken.some((other) => from < other.to && to > other.from)) continue
      names[i] = name
      taken.push({ from, to })
      break
    }
  }
  return names
}
