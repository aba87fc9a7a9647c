import { describe, expect, it } from 'vitest'
import { describeShape, findLayer, placeOf, readLayer } from '../../../src-renderer/gradients/layer-facts.ts'
import { makeTerms } from '../../figures/gallery/gradients.ts'
import { makeGradients, seededSubjects } from '../../figures/fixture-reports.ts'

describe('the facts of a layer', () => {
  it('names its place and shape', () => {
    const report = makeGradients()
    expect(
      ['conv1', 'layer2.0.conv1', 'bottleneck1.0.conv1'].map((name) => placeOf(findLayer(report, `${name}.weight`)!))
    ).toEqual(['Stem', 'Stage 2, backbone', 'Head of exit 1'])
    expect(findLayer(report, 'conv9.weight')).toBeUndefined()
    expect(describeShape([16, 8, 3, 5])).toBe('3 × 5, 8 to 16 channels')
    expect(describeShape([10, 64])).toBe('64 features to 10 outputs')
    expect(describeShape([16])).toBe('16')
    expect(describeShape(undefined)).toBe('')
  })

  it('holds mean and range over the seeds of each subject', () => {
    const report = makeGradients({ subjects: seededSubjects })
    const name = 'layer3.1.conv2.weight'
    const values = report.checkpoints
      .slice(0, 3)
      .map((entry) => entry.layers.find((layer) => layer.name === name)!.timesNorm)
    const { subjects } = readLayer(report, name, 'timesNorm', 'total')
    expect(subjects.map(({ label }) => label)).toEqual(['labels only (3 seeds)', 'self-distilled (3 seeds)'])
    expect(subjects[0]).toMatchObject({ low: Math.min(...values), high: Math.max(...values) })
    expect(subjects[0]!.value).toBeCloseTo((values[0]! + values[1]! + values[2]!) / 3, 12)
  })

  it('holds each term’s share, none where a subject’s loss lacks the term', () => {
    const report = makeTerms()
    report.checkpoints[0]!.terms.splice(0, 1)
    const { terms, subjects } = readLayer(report, 'layer1.0.conv1.weight', 'raw', 'crossEntropy-4')
    expect(terms.map(({ key, text }) => [key, text])).toEqual([
      ['crossEntropy-2', 'cross entropy at exit 2'],
      ['crossEntropy-4', 'cross entropy at exit 4']
    ])
    expect(terms[0]!.shares).toEqual([NaN, 1 / 3])
    expect(terms[1]!.shares).toEqual([2 / 3, 2 / 3])
    expect(subjects[1]!.value).toBe(report.checkpoints[1]!.terms[1]!.layers[1]!.meanAbs)
  })
})
