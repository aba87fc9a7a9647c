import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { orderFrames, type Dated } from '../../../src-main/engine/timeline/frame-order.ts'

const at = (second: number) => new Date(1_700_000_000_000 + 1000 * second).toISOString()
const file = (name: string, epoch: number | null = null, second = 0): Dated => ({ name, epoch, changedAt: at(second) })
const labels = (files: Dated[]) => orderFrames(files).map(({ label }) => label)
const names = (files: Dated[]) => orderFrames(files).map(({ name }) => name)

describe('the order of a folder’s checkpoints', () => {
  test('is that of their epochs where all of them say theirs, whatever they are called', () => {
    expect(labels([file('a-3.pth', 20), file('b-2.pth', 3), file('c-1.pth', 100)])).toEqual([
      'epoch 3',
      'epoch 20',
      'epoch 100'
    ])
  })

  test('is that of the numbers in their names where one says nothing', () => {
    const files = [file('net-10.pth.tar', 1), file('net-9.pth.tar', 2), file('net-100.pth.tar', null)]
    expect(labels(files)).toEqual(['epoch 9', 'epoch 10', 'epoch 100'])
  })

  test.each([
    ['weights.05.h5', 'weights.40.hdf5', 5, 40],
    ['resnet18-w8-2.safetensors', 'resnet18-w8-11.safetensors', 2, 11],
    ['epoch=3-step=1200.ckpt', 'epoch=12-step=4800.ckpt', 3, 12],
    ['model_ep7_lr0.1.pt', 'model_ep30_lr0.01.pt', 7, 30],
    ['2.safetensors', '10.safetensors', 2, 10],
    ['EPOCH-1.PTH', 'EPOCH-2.PTH', 1, 2]
  ])('reads %s and %s', (a, b, first, second) => {
    expect(orderFrames([file(b), file(a)]).map(({ epoch }) => epoch)).toEqual([first, second])
  })

  test('puts those without a number last where most have one', () => {
    const files = [
      file('best.pth', null, 1),
      file('10.pth', null, 3),
      file('2.pth', null, 2),
      file('last.pth', null, 9)
    ]
    expect(labels(files.slice(0, 3))).toEqual(['epoch 2', 'epoch 10', 'best'])
    expect(orderFrames(files).map(({ epoch }) => epoch)).toEqual([null, null, null, null])
  })

  test('is that of time where names have no numbers, or all the same one', () => {
    expect(names([file('b.pt', null, 2), file('a.pt', null, 3), file('c.pt', null, 1)])).toEqual([
      'c.pt',
      'b.pt',
      'a.pt'
    ])
    expect(labels([file('late-resnet18.pt', null, 2), file('early-resnet18.pt', null, 1)])).toEqual([
      'early-resnet18',
      'late-resnet18'
    ])
  })

  test('tells two of one epoch apart', () => {
    expect(labels([file('best.pth', 4, 1), file('4.pth', 4, 0), file('5.pth', 5)])).toEqual([
      'epoch 4 (4)',
      'epoch 4 (best)',
      'epoch 5'
    ])
  })

  test('does not depend on the order of the folder, and loses none', () => {
    const files = fc.uniqueArray(
      fc.record({
        name: fc.string({ minLength: 1, maxLength: 12 }),
        epoch: fc.option(fc.nat(20)),
        changedAt: fc.nat(5).map(at)
      }),
      { selector: ({ name }) => name, maxLength: 12 }
    )
    fc.assert(
      fc.property(files, (files) => {
        const ordered = orderFrames(files)
        expect(ordered).toHaveLength(files.length)
        expect(orderFrames(files.toReversed())).toEqual(ordered)
        const known = ordered.flatMap(({ epoch }) => (epoch === null ? [] : [epoch]))
        expect(known).toEqual(known.toSorted((a, b) => a - b))
      })
    )
  })
})
