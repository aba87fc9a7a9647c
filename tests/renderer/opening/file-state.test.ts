import { describe, expect, it } from 'vitest'
import { FileState } from '../../../src-renderer/opening/file-state.svelte.ts'
import { openPaths } from '../../../src-renderer/open-paths.ts'
import { makeItem } from '../items.ts'
import { check, imagenet, makeApp, makeInspection, settled } from './made-up.ts'

const item = makeItem({ role: 'unknown', dataset: '', path: '/lab/net.pth', name: 'net' })

describe('a network on the card', () => {
  it('is asked with the data that fits, and a guess is checked at once', async () => {
    const { app, named } = makeApp()
    const file = new FileState(app, item)
    await file.load()
    expect(file.dataset).toBe('cifar100')
    expect(file.preprocessing).toMatchObject({ settled, check, isChecking: false, problem: '' })
    expect(named('startJob')).toMatchObject([
      { request: { spec: { kind: 'preprocessing', path: '/lab/net.pth', data: 'cifar100', limit: 500, seed: 0 } } }
    ])
    expect(file.studySeconds).toBe(360)
  })

  it('what is said or in the file is not checked unasked', async () => {
    const { app, named } = makeApp({ findPreprocessing: () => ({ ...settled, source: 'file' }) })
    await new FileState(app, item).load()
    expect(named('startJob')).toEqual([])
  })

  it('keeps another preprocessing: results are looked up anew', async () => {
    const { app, told, named } = makeApp()
    const file = new FileState(app, item)
    await file.load()
    await file.preprocessing.save(imagenet)
    expect(named('setPreprocessing')).toEqual([
      { name: 'setPreprocessing', request: { path: '/lab/net.pth', preprocessing: imagenet } }
    ])
    expect(told).toEqual(['renewed'])
    expect(file.preprocessing.settled).toMatchObject({ source: 'said', preprocessing: imagenet })
    expect(file.preprocessing.written?.path).toBe('/lab/net.pth.autodidact.json')
  })

  it('says why a check failed', async () => {
    const { app } = makeApp({
      startJob: () => {
        throw new Error('No backend works here.')
      }
    })
    const file = new FileState(app, item)
    await file.load()
    expect(file.preprocessing).toMatchObject({ problem: 'No backend works here.', isChecking: false })
  })

  it('a cancelled check tells nothing any more', async () => {
    let tell: (event: unknown) => void = () => undefined
    const { app, named } = makeApp({
      followJob: (_, { onProgress, signal }: { onProgress: (event: unknown) => void; signal: AbortSignal }) => {
        tell = onProgress
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('Cancelled.'))))
      }
    })
    const file = new FileState(app, item)
    const loading = file.load()
    while (!file.preprocessing.job) await new Promise((resolve) => setTimeout(resolve, 1))
    file.preprocessing.cancel()
    await loading
    tell({ job: { state: 'running' }, check })
    expect(named('cancelJob')).toHaveLength(1)
    expect(file.preprocessing).toMatchObject({ check: null, job: null, problem: '' })
  })

  it('runs the standard study on the data chosen', async () => {
    const { app, session, named } = makeApp()
    const file = new FileState(app, item)
    await file.load()
    expect(await file.study()).toBe(true)
    expect(session).toMatchObject({ dataset: 'cifar100', added: [item], shown: ['overview'] })
    const specs = named('startJob').map(({ request }) => (request as { spec: Record<string, unknown> }).spec)
    expect(specs.map(({ kind, probe }) => probe ?? kind)).toEqual([
      ...['preprocessing', 'evaluate', 'discriminativeness', 'embedding', 'gradients', 'flatness']
    ])
    expect(specs.at(-1)).toMatchObject({
      request: {
        checkpoints: [{ path: '/lab/net.pth', name: 'net' }],
        ...{ draws: 5, data: { kind: 'dataset', name: 'cifar100', split: 'test', limit: 500 } }
      }
    })
  })

  it('all checkpoints of one folder are prepared alike', async () => {
    const { app, named } = makeApp()
    const frames = ['/lab/a/1.pth', '/lab/a/2.pth'].map((path) => ({
      ...{
        path,
        label: '',
        epoch: null,
        hash: '',
        changedAt: '',
        accuracies: [],
        ensembleAccuracy: null,
        evaluatedOn: ''
      }
    }))
    const file = new FileState(app, { ...item, path: '/lab/a', frames })
    await file.load()
    expect(named('inspect')).toEqual([{ name: 'inspect', request: { path: '/lab/a/2.pth' } }])
    await file.preprocessing.save(imagenet)
    expect(named('setPreprocessing').map(({ request }) => (request as { path: string }).path)).toEqual([
      ...['/lab/a/1.pth', '/lab/a/2.pth']
    ])
  })

  it('tensors and outputs are asked nothing', async () => {
    for (const changed of [
      { misfit: 'is something else.' },
      { outputs: { exits: [1], count: 5, classes: 10, hasImages: false } }
    ]) {
      const { app, calls } = makeApp({ inspect: () => makeInspection(changed) })
      await new FileState(app, item).load()
      expect(calls.map(({ name }) => name)).toEqual(['inspect'])
    }
  })
})

describe('opening', () => {
  const foreign = (name: string) => makeItem({ name, role: 'unknown', source: 'file' })
  const ours = (name: string) => makeItem({ name, role: 'baseline', source: 'file' })
  const tensors = { ...foreign('tensors'), state: 'tensors' as const, problem: '/x is not a network.' }
  /** Opens files by name; a text is the sentence with which one is refused. */
  async function open(...files: (ReturnType<typeof makeItem> | string)[]) {
    const made = makeApp()
    const tryOpen = (path: string) => {
      const file = files[Number(path)]!
      return typeof file === 'string' ? Promise.reject(new Error(file)) : Promise.resolve(file)
    }
    const app = { ...made.app, lab: { ...made.app.lab, tryOpen } } as unknown as typeof made.app
    await openPaths(
      app,
      files.map((_, index) => String(index))
    )
    return { ...made, opening: app.opening }
  }

  it('what the lab knows becomes a subject, without a card', async () => {
    const one = ours('a')
    const { opening, session, told } = await open(one)
    expect([opening.isOpen, session.added]).toEqual([false, [one]])
    expect(told).toEqual(['Opened a: ResNet18, width 8, 10 classes, 4 exits.'])
  })

  it('a foreign one becomes a subject, with a card that can be closed', async () => {
    const one = foreign('a')
    const { opening, session } = await open(one)
    expect([opening.shown, session.added]).toEqual([one, [one]])
    opening.close()
    expect([opening.isOpen, session.added]).toEqual([false, [one]])
  })

  it('one that is refused gets its sentence', async () => {
    const { opening, told } = await open('/x is damaged.')
    expect([opening.isOpen, told]).toEqual([false, ['/x is damaged.']])
  })

  it('tensors get a card and are no subject', async () => {
    const { opening, session } = await open(tensors)
    expect([opening.shown, session.added]).toEqual([tensors, []])
    expect(opening.measurable).toEqual([])
  })

  it('tensors whose network was named are one from then on', async () => {
    const { opening } = await open(tensors)
    opening.replace(tensors.path, { ...tensors, state: 'ready', problem: '' })
    expect(opening.shown).toMatchObject({ state: 'ready' })
    expect(opening.measurable).toHaveLength(1)
  })

  it('several share one card: what the lab knows is taken, the rest is listed', async () => {
    const [a, b, known] = [foreign('a'), foreign('b'), ours('c')]
    const { opening, session, told } = await open(a, 'No.', known, tensors, b)
    expect(session.added).toEqual([known])
    expect(opening.files.map(({ item, problem }) => item?.name ?? problem)).toEqual(['a', 'No.', 'tensors', 'b'])
    expect([opening.shown, opening.measurable]).toEqual([null, [a, b]])
    expect(told).toEqual([])
  })
})
