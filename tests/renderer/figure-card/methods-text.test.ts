import { describe, expect, it } from 'vitest'
import { describeMethods } from '../../../src-renderer/figure-card/methods-text.ts'
import type { AnyReport } from '../../../src-shared/reports.ts'
import * as fixtures from '../../figures/fixture-reports.ts'

const { seededSubjects } = fixtures
const software = 'Software: Autodidact 0.1.0; cpu backend, made up; 2026-01-01.'

describe('the methods text', () => {
  it('says what was shaken, how often, on what, and what the numbers are', () => {
    const report = fixtures.makeFlatness({ subjects: seededSubjects, protocols: ['a', 'b'], splits: ['train', 'test'] })
    report.provenance.data!.split = 'test and train'
    expect(describeMethods(report)).toBe(
      'Measured for 6 networks (ResNet18, width 8, 10 classes, 4 exits): labels only (3 seeds) and self-distilled (3 seeds), ' +
        'on 1,000 images of fashion-mnist (test and train, each split), drawn evenly over the classes with seed 0. ' +
        'Gaussian noise was added to the convolution and linear weights, 5 draws at each σ and the same for every exit, ' +
        'with σ chosen by bisection around the drops, under protocols A (absolute noise of standard deviation σ, BatchNorm ' +
        'statistics kept) and B (noise of σ times each filter’s norm over the square root of its size, BatchNorm statistics ' +
        'kept). Curves are means over the draws, and over the seeds of a method, whose bands reach from the lowest to the ' +
        'highest; drops are percentage points below each ' +
        `network’s own accuracy without noise. ${software}`
    )
  })

  it('names the settings that were chosen', () => {
    const flatness = fixtures.makeFlatness()
    Object.assign(flatness.request, { sigmas: [0, 0.1], draws: 1 })
    expect(describeMethods(flatness)).toContain(
      '1 draw at each σ and the same for every exit, at σ of 0 and 0.1, under protocol B'
    )
    expect(describeMethods(flatness)).toContain(
      'Curves are means over the draws, with bands of 10 to 90 % of the draws; drops'
    )
    const embedding = fixtures.makeEmbedding()
    expect(describeMethods(embedding)).toContain(
      'with UMAP (McInnes et al. 2018; 15 neighbours, smallest distance 0.1)'
    )
    const gradients = fixtures.makeGradients()
    Object.assign(gradients.request, { alpha: 0.5, batchSize: 64 })
    expect(describeMethods(gradients)).toContain(
      'training loss (baseline and self-distillation; alpha 0.5) over each convolution’s weights, with BatchNorm on the ' +
        'statistics of the batch and without weight decay, as the mean over batches of 64.'
    )
    expect(describeMethods(fixtures.makeDiscriminativeness())).toContain(
      'features were raw. Intervals are 10 to 90 % of 200 bootstrap resamples within the classes.'
    )
  })

  it('says of given arrays that they are used as they are, and of histories no images at all', () => {
    const report: AnyReport = fixtures.makeDiscriminativeness()
    report.request.data = { kind: 'arrays', imagesPath: 'x.f32', shape: [1000, 8, 8, 1], labels: null }
    expect(describeMethods(report)).toContain('on 1,000 given images, used as they are.')
    const history = describeMethods(fixtures.makeHistory({ epochs: 3 }))
    expect(history).toContain('Read from the training records of 2 networks')
    expect(history).toContain('each of up to 3 epochs')
    expect(history).not.toContain('images')
  })

  it('lists the libraries', () => {
    const report = fixtures.makeHistory()
    Object.assign(report.provenance, { software: { autodidact: '1.2.3', tfjs: '4.22.0', tensorflow: '2.21.0' } })
    expect(describeMethods(report)).toContain('Autodidact 1.2.3 (tfjs 4.22.0, tensorflow 2.21.0); cpu backend, made up')
  })
})
