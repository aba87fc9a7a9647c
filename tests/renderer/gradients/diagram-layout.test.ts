import { describe, expect, it } from 'vitest'
import { layoutGradients } from '../../../src-renderer/figures/gradients-layout.ts'
import { layersOf, layoutDiagram, type DiagramBox } from '../../../src-renderer/gradients/diagram-layout.ts'
import { makeGradients } from '../../figures/fixture-reports.ts'

const report = makeGradients()
const shapes = new Map([['layer1.0.conv1.weight', [16, 8, 3, 3]]])
const layoutAt = (width: number, part: 'backbone' | 'all' = 'backbone') =>
  layoutGradients({ report, width, height: 400, theme: 'light', figureStyle: 'screen', part })
const right = ({ x, width }: DiagramBox) => x + width

describe('the diagram of the network', () => {
  it.each([
    [1200, 'backbone'],
    [1200, 'all'],
    [600, 'backbone']
  ] as const)('has every convolution above its place on the axis: %i pixels, %s', (width, part) => {
    const layout = layoutAt(width, part)
    const { stages } = layoutDiagram(layout, report, shapes)
    const boxes = stages.flatMap((stage) => stage.boxes)
    expect(boxes).toHaveLength(20)
    boxes.forEach((box, i) => {
      expect(box.name).toBe(layout.series.layers[i]!.name)
      expect(box.x + box.width / 2).toBeCloseTo(layout.rect.x + (i + 0.5) * layout.pitch, 9)
    })
  })

  it.each([
    [1600, 'backbone'],
    [1200, 'all'],
    [820, 'backbone']
  ] as const)('hangs each head behind its stage, none upon another: %i pixels, %s', (width, part) => {
    const layout = layoutAt(width, part)
    const { stages } = layoutDiagram(layout, report, shapes)
    expect(stages.map(({ stage, head, wireX }) => [stage, head.length, wireX !== null])).toEqual([
      [0, 0, false],
      [1, 6, true],
      [2, 4, true],
      [3, 2, true],
      [4, 0, false]
    ])
    const hanging = stages.flatMap(({ head }) => head)
    for (const [i, box] of hanging.entries()) {
      expect(box.width).toBeGreaterThan(0)
      if (i > 0) expect(box.x).toBeGreaterThan(right(hanging[i - 1]!))
    }
    for (const { head, boxes, label } of stages.filter((one) => one.head.length > 0)) {
      expect(head[0]!.x).toBeGreaterThan(right(boxes.at(-1)!))
      expect(label.x).toBeGreaterThan(right(head.at(-1)!))
    }
  })

  it('writes kernel and channels where there is room for both', () => {
    const linesAt = (width: number) =>
      layoutDiagram(layoutAt(width), report, shapes).stages[1]!.boxes.map(({ lines }) => lines)
    expect(linesAt(1400)).toEqual([['3×3', '16'], [], [], []])
    expect(linesAt(320)).toEqual([[], [], [], []])
  })

  it('marks the convolutions of shortcuts', () => {
    const { stages } = layoutDiagram(layoutAt(1200), report, shapes)
    expect(stages.map(({ boxes }) => boxes.filter(({ isShortcut }) => isShortcut).map(({ name }) => name))).toEqual([
      [],
      [],
      ['layer2.0.downsample.0.weight'],
      ['layer3.0.downsample.0.weight'],
      ['layer4.0.downsample.0.weight']
    ])
  })

  it('is walked through from input to output, each head after its stage', () => {
    const names = layersOf(layoutDiagram(layoutAt(1200), report, shapes))
    expect(names).toHaveLength(32)
    expect(names[0]).toBe('conv1.weight')
    expect(names.slice(4, 7)).toEqual([
      'layer1.1.conv2.weight',
      'bottleneck1.0.conv1.weight',
      'bottleneck1.0.conv2.weight'
    ])
    expect(names.at(-1)).toBe('layer4.1.conv2.weight')
  })
})
