import type { Component } from 'svelte'
import { render } from 'svelte/server'
import { expect, it } from 'vitest'
import LayersTable from '../../../src-renderer/opening/LayersTable.svelte'
import { NamingState, type Naming } from '../../../src-renderer/opening/naming.svelte.ts'
import type { LabRequest } from '../../../src-shared/lab-contract.ts'

const layers: Naming['layers'] = [
  { layer: 'conv1', file: 'c1', state: 'found', shape: [8, 3, 3, 3], found: [8, 3, 3, 3] },
  { layer: 'bn1', file: 'bn1', state: 'missing', shape: [8], found: null },
  { layer: 'fc', file: 'fc', state: 'reshaped', shape: [10, 64], found: [10, 32] }
]
const answer: Naming = {
  ...{ title: 'ResNet18', description: 'ResNet18, width 8', misfit: null, keys: { conv1: 'c1' }, keysFrom: 'guess' },
  ...{ layers, unexpected: [], savedIn: null }
}

function makeNaming(reply: (request: LabRequest<'nameArchitecture'>) => Promise<Naming>) {
  const requests: LabRequest<'nameArchitecture'>[] = []
  const nameArchitecture = (request: LabRequest<'nameArchitecture'>) => {
    requests.push(request)
    return reply(request)
  }
  return { requests, naming: new NamingState({ nameArchitecture }, 'net.pth') }
}

it('asks with the keys that a person wrote, and keeps what is shown', async () => {
  const { requests, naming } = makeNaming(() => Promise.resolve(answer))
  await naming.ask()
  await naming.rename('fc', ' head ')
  expect(requests.map(({ keys }) => keys)).toEqual([null, { conv1: 'c1', fc: 'head' }])
  expect(await naming.save()).toBe(true)
  expect(requests[2]).toEqual({
    ...{ path: 'net.pth', network: { name: 'resnet18', width: 64 } },
    ...{ keys: { conv1: 'c1' }, save: true }
  })
  await naming.choose({ name: 'vgg16' })
  expect(requests[3]).toMatchObject({ network: { name: 'vgg16', width: 64 }, keys: null, save: false })
})

it('takes a network from a file, and says what is wrong with one', async () => {
  const { requests, naming } = makeNaming(() => Promise.resolve(answer))
  const text = '{"name": "Mine", "width": 5, "stages": [[{"block": "basic", "channels": 5}]]}'
  await naming.read(new File([text], 'mine.json'))
  expect(requests[0]!.network).toMatchObject({ name: 'custom', width: 5, spec: { name: 'Mine' } })
  await naming.choose({ name: 'resnet34' })
  expect(requests[1]!.network).toEqual({ name: 'resnet34', width: 64 })
  await naming.read(new File(['{'], 'broken.json'))
  expect(naming.problem).toMatch(/^broken\.json, line 1: /)
})

it('shows the last answer, and a refusal', async () => {
  const turns: ((answer: Naming) => void)[] = []
  const { naming } = makeNaming(() => new Promise((resolve) => turns.push(resolve)))
  const both = [naming.ask(), naming.ask()]
  turns[1]!({ ...answer, title: 'second' })
  turns[0]!({ ...answer, title: 'first' })
  await Promise.all(both)
  expect(naming.found?.title).toBe('second')
  const refused = makeNaming(() => Promise.reject(new Error('It is a run of the lab.'))).naming
  await refused.ask()
  expect([refused.problem, refused.found, refused.isBusy]).toEqual(['It is a run of the lab.', null, false])
})

it('tables every layer with what was found of it', () => {
  const props = { layers, onrename: () => undefined }
  const { body } = render(LayersTable as unknown as Component<Record<string, unknown>>, { props })
  const words = body
    .replace(/<!--.*?-->/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
  expect(words).toContain('conv1 8 × 3 × 3 × 3')
  expect(words).toContain('bn1 missing')
  expect(words).toContain('fc 10 × 32, needs 10 × 64')
  expect(body).toContain('value="c1"')
})
