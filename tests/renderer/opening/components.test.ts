import type { Component } from 'svelte'
import { render } from 'svelte/server'
import { describe, expect, it } from 'vitest'
import FileBody from '../../../src-renderer/opening/FileBody.svelte'
import FileList from '../../../src-renderer/opening/FileList.svelte'
import { FileState } from '../../../src-renderer/opening/file-state.svelte.ts'
import InApp from '../InApp.svelte'
import { makeItem } from '../items.ts'
import { check, imagenet, makeApp, makeInspection } from './made-up.ts'

type Made = ReturnType<typeof makeApp>
/** The words of a component's markup in a window, attributes left out. */
const wordsOf = ({ app }: Made, of: unknown, props: Record<string, unknown>): string =>
  render(InApp as unknown as Component<Record<string, unknown>>, { props: { app, of, props } })
    .body.replace(/<!--.*?-->/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')

const item = makeItem({ role: 'unknown', dataset: '', name: 'net' })
async function bodyOf(answers: Parameters<typeof makeApp>[0] = {}) {
  const made = makeApp(answers)
  const file = new FileState(made.app, item)
  await file.load()
  return wordsOf(made, FileBody, { file })
}

describe('the card of a network', () => {
  it('says what it is, what is guessed, and what would be better', async () => {
    const words = await bodyOf()
    for (const text of [
      'ResNet50, 100 classes, 4 exits, bottleneck heads',
      'Guessed: cifar100 means',
      '47 % as set, 78 % with ImageNet means.',
      'on 500 images; guessing gives 1 %',
      'Use “ImageNet means”'
    ])
      expect(words).toContain(text)
    expect(words).not.toMatch(/undefined|NaN|null/)
  })

  it('says what is better than what was kept', async () => {
    const made = makeApp()
    const file = new FileState(made.app, item)
    await file.load()
    await file.preprocessing.save({ ...imagenet, size: 224 })
    expect(wordsOf(made, FileBody, { file })).toContain('ImageNet means reaches 78 %.')
    await file.preprocessing.save(imagenet)
    expect(wordsOf(made, FileBody, { file })).not.toContain('reaches')
  })

  it('of a folder says which checkpoint is looked at', async () => {
    const frames = ['epoch 10', 'epoch 30'].map((label) => ({
      ...{ path: `/lab/a/${label}`, label, epoch: null, hash: '', changedAt: '', accuracies: [] },
      ...{ ensembleAccuracy: null, evaluatedOn: '' }
    }))
    const made = makeApp()
    const file = new FileState(made.app, { ...item, frames })
    await file.load()
    expect(wordsOf(made, FileBody, { file })).toContain(
      '2 checkpoints, epoch 10 to epoch 30; epoch 30 is looked at and checked here, and what is kept holds for all.'
    )
  })

  it('warns near chance', async () => {
    const followJob = (_: unknown, { onProgress }: { onProgress: (event: unknown) => void }) => {
      onProgress({ job: { state: 'done' }, check: { ...check, warning: 'Even the best is near chance.' } })
      return { state: 'done' }
    }
    expect(await bodyOf({ followJob: followJob as never })).toContain('Even the best is near chance.')
  })

  it('says so where no data set fits', async () => {
    expect(await bodyOf({ inspect: () => makeInspection({ classes: 7 }) })).toContain(
      'No data set here has 7 classes and colour images; add one to measure it. Add a data set…'
    )
  })
})

it('the card of tensors lists them with their shapes, and says why they are no network', async () => {
  const words = await bodyOf({ inspect: () => makeInspection({ misfit: 'lacks "fc.weight".' }) })
  for (const text of ['net lacks "fc.weight".', 'conv1.weight', '64 × 3 × 3 × 3']) expect(words).toContain(text)
})

it('the card of outputs says what it holds', async () => {
  const outputs = { exits: [1], count: 500, classes: 10, hasImages: true }
  expect(await bodyOf({ inspect: () => makeInspection({ outputs }) })).toContain('on its own 500 images')
})

it('the list says of each file what became of it', () => {
  const files = [
    { path: '/a/net.pth', item, problem: '' },
    { path: '/a/odd.bin', item: { ...item, name: 'odd', state: 'tensors' }, problem: '/a/odd.bin lacks "fc.weight".' },
    { path: '/a/own.pth', item: { ...item, name: 'own', role: 'baseline' }, problem: '' },
    { path: '/a/given.npz', item: { ...item, name: 'given', network: '', isOutputs: true }, problem: '' },
    { path: '/a/bad.pth', item: null, problem: '/a/bad.pth is damaged.' }
  ]
  const words = wordsOf(makeApp(), FileList, { files, onlook: () => undefined })
  for (const text of [
    'is guessed, look to check it',
    'Opens as a list of tensors: ',
    'bad.pth',
    '4 exits; open already',
    'What a network gave; measured on its own images',
    '/a/bad.pth is damaged.'
  ])
    expect(words).toContain(text)
})
