import { render } from 'svelte/server'
import { describe, expect, it } from 'vitest'
import { textWidth } from '../../../src-renderer/figures/text-width.ts'
import { drawnNetwork } from '../../../src-renderer/train/drawn-network.ts'
import {
  drawingFont,
  layoutNetwork,
  type Box,
  type DrawnExtra,
  type DrawnNetwork
} from '../../../src-renderer/train/network-drawing.ts'
import NetworkDrawing from '../../../src-renderer/train/NetworkDrawing.svelte'
import { methodNames, needsTeacher } from '../../../src-shared/run-config.ts'
import { buildRunConfig, type TrainOptions } from '../../../src-shared/train-options.ts'
import { makePreview } from './make-preview.ts'

const extra: DrawnExtra = {
  ...{ text: 'Teacher: somebody', isNetwork: true, isMutual: false },
  targets: [{ stage: 1, what: 'features' }]
}
const cost = { parameters: '12.3 M', multiplyAdds: '1.23 G' }

/** A network of so many stages, all of its texts as long as they get. */
const makeNetwork = (count: number): DrawnNetwork => ({
  parts: [
    { title: 'Image', size: 32, channels: 3, parameters: '', multiplyAdds: '' },
    { title: 'Stem', size: 32, channels: 64, ...cost }
  ],
  stages: Array.from({ length: count }, (_, i) => ({ title: `Stage ${i + 1}`, size: 32, channels: 2048, ...cost })),
  exits: Array.from({ length: count }, (_, i) => ({
    ...{ stage: i + 1, head: 'bottleneck', parameters: '12.3 M' },
    speedup: i + 1 === count ? 'whole network' : '10.2× faster'
  })),
  extra
})

const cases = Array.from({ length: 12 }, (_, i) => i + 1).flatMap((stages) =>
  [420, 700, 968, 1500].map((room) => [stages, room] as const)
)

describe.each(cases)('a network of %d stages in %d pixels', (count, room) => {
  const drawing = layoutNetwork(makeNetwork(count), room)
  const ends = (boxes: readonly Box[]) => boxes.map(({ x, width }) => [x, x + width] as const)

  it('has boxes one after another, and fits where columns are as narrow as they get', () => {
    for (const boxes of [[...drawing.parts, ...drawing.stages], drawing.exits]) {
      const places = ends(boxes)
      places.slice(1).forEach(([start], i) => expect(start).toBeGreaterThan(places[i]![1]))
      for (const [start, end] of places) {
        expect(start).toBeGreaterThanOrEqual(0)
        expect(end).toBeLessThanOrEqual(drawing.width)
      }
    }
    if (room >= 968) expect(drawing.width).toBeLessThanOrEqual(room)
  })

  it('has texts that fit into their boxes and columns', () => {
    for (const { lines, width } of [...drawing.parts, ...drawing.stages, ...drawing.exits])
      lines.forEach((line, i) =>
        expect(textWidth(line, drawingFont, i === 0 ? 'semiBold' : 'regular')).toBeLessThanOrEqual(width)
      )
    const texts = [...drawing.labels, ...drawing.cells]
    for (const row of new Set(texts.map(({ y }) => y))) {
      const sorted = texts.filter(({ y }) => y === row).sort((a, b) => a.x - b.x)
      sorted
        .slice(1)
        .forEach(({ x }, i) => expect(sorted[i]!.x + textWidth(sorted[i]!.text, drawingFont)).toBeLessThanOrEqual(x))
    }
  })

  it('has everything inside', () => {
    for (const { y, height } of [...drawing.parts, ...drawing.stages, ...drawing.exits, drawing.extra!.box]) {
      expect(y).toBeGreaterThan(0)
      expect(y + height).toBeLessThan(drawing.height)
    }
  })
})

describe('what is drawn', () => {
  const drawn = (options: TrainOptions, teacher = '') => {
    const config = buildRunConfig({ ...options, ...(teacher && { teacher }) })
    return drawnNetwork(makePreview(config), config, { method: config.method, teacher }, 1, [
      { path: '/runs/big', name: 'big', network: 'ResNet50, width 16' }
    ])
  }

  it('is every exit with its own head, and how much faster it is', () => {
    const { exits, parts, stages } = drawn({ head: 'scan' })
    expect(parts.map(({ title }) => title)).toEqual(['Image', 'Stem'])
    expect(stages).toHaveLength(4)
    expect(exits.map(({ stage, head }) => [stage, head])).toEqual([
      [1, 'SCAN'],
      [2, 'SCAN'],
      [3, 'SCAN'],
      [4, 'linear']
    ])
    // 7 of the 100 times the stage are the head's.
    expect(exits.map(({ parameters }) => parameters)).toEqual(['7', '7', '7', '7'])
    expect(exits.map(({ speedup }) => speedup)).toEqual(['4.0× faster', '2.0× faster', '1.3× faster', 'whole network'])
  })

  it.each<[TrainOptions, string, string | null, [number, string][]]>([
    [{ method: 'baseline' }, '', null, []],
    [{ method: 'deep-supervision' }, '', null, []],
    [
      { network: 'cnn' },
      '',
      'Exit 3 teaches the others, while training only',
      [
        [1, 'exit'],
        [2, 'exit']
      ]
    ],
    [{ method: 'kd' }, '/runs/big', 'Teacher: big, ResNet50, width 16', [[4, 'exit']]],
    [{ method: 'kd' }, '/elsewhere/it', 'Teacher: it', [[4, 'exit']]],
    [{ method: 'fitnets', teacherStage: 3 }, '/runs/big', 'Teacher: big, ResNet50, width 16', [[3, 'features']]],
    [
      { method: 'attention-transfer', network: 'cnn' },
      '/runs/big',
      'Teacher: big, ResNet50, width 16',
      [
        [1, 'features'],
        [2, 'features'],
        [3, 'features']
      ]
    ],
    [
      { method: 'mutual-learning' },
      '',
      'Peer: the same network from other weights, left out afterwards',
      [[4, 'exit']]
    ],
    [{ method: 'self-distillation-rounds' }, '', 'Teacher: the network of the round before', [[4, 'exit']]]
  ])('has what training adds with %j', (options, teacher, text, targets) => {
    const { extra } = drawn(options, teacher)
    expect(extra?.text ?? null).toBe(text)
    expect(extra?.targets.map(({ stage, what }) => [stage, what]) ?? []).toEqual(targets)
  })

  it.each(methodNames)('is a picture with words, for %s', (method) => {
    const network = drawn({ method }, needsTeacher(method) ? '/runs/big' : '')
    const { body } = render(NetworkDrawing, { props: { network, room: 960, theme: 'dark', label: 'ResNet18' } })
    expect(body).toContain('role="img"')
    expect(body).toMatch(/aria-label="ResNet18\. Image: 32 × 32 pixels, 1 channel/)
    expect(body.includes('dashed')).toBe(method !== 'baseline' && method !== 'deep-supervision')
    expect(body).not.toMatch(/NaN|undefined/)
  })
})
