import { describe, expect, it } from 'vitest'
import { FileState } from '../../../src-renderer/opening/file-state.svelte.ts'
import { openPaths } from '../../../src-renderer/open-paths.ts'
import { studyKinds } from '../../../src-renderer/opening/study.ts'
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
    await file.preprocessing.save(null)
    expect(file.preprocessing.written).toBeNull()
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

  it('starts nothing once its card has gone', async () => {
    let answer: (settled: unknown) => void = () => undefined
    const { app, named } = makeApp({ findPreprocessing: () => new Promise((resolve) => (answer = resolve)) })
    const file = new FileState(app, item)
    const loading = file.load()
    while (named('findPreprocessing').length === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    file.end()
    answer(settled)
    await loading
    await file.preprocessing.start(null)
    expect(named('startJob')).toEqual([])
    const gone = makeApp()
    const other = new FileState(gone.app, item)
    const reading = other.load()
    other.end()
    await reading
    expect(gone.calls.map(({ name }) => name)).toEqual(['inspect'])
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
        label: `epoch ${path.at(-5)}`,
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
    expect(await file.study()).toBe(true)
    const specs = named('startJob').map(({ request }) => (request as { spec: Record<string, unknown> }).spec)
    expect(specs.slice(1)).toMatchObject([
      { kind: 'evaluate', path: '/lab/a/2.pth' },
      ...studyKinds.map((probe) => ({
        probe,
        request: { checkpoints: [{ path: '/lab/a/2.pth', name: 'net · epoch 2' }] }
      }))
    ])
    for (const { request } of named('findResult'))
      expect(request).toMatchObject({ checkpoints: [{ path: '/lab/a/2.pth' }] })
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

  it('a foreign one gets a card, and is a subject only once it is used', async () => {
    const one = foreign('a')
    const { app, opening, session } = await open(one)
    expect([opening.shown, session.added]).toEqual([one, []])
    new FileState(app, one).use()
    expect(session.added).toEqual([one])
  })

  it('dropped on a subject it joins that at once', async () => {
    const made = makeApp()
    const one = foreign('a')
    const app = { ...made.app, lab: { ...made.app.lab, tryOpen: () => Promise.resolve(one) } }
    await openPaths(app as unknown as typeof made.app, ['0'], { group: 'mine' })
    expect([made.app.opening.shown, made.session.added]).toEqual([one, [one]])
  })

  it('one that is refused gets its sentence', async () => {
    const { opening, told } = await open('/x is damaged.')
    expect([opening.isOpen, told]).toEqual([false, ['/x is damaged.']])
  })

  it('one that was sent and is refused is deleted again, and named as it was dropped', async () => {
    const made = makeApp()
    const [path, gone] = ['/lab/uploads/bad.pth', [] as string[]]
    const lab = { ...made.app.lab, tryOpen: () => Promise.reject(new Error(`${path} is damaged.`)) }
    const shell = { dropSent: (sent: string) => Promise.resolve(void gone.push(sent)) }
    const app = { ...made.app, lab, shell } as unknown as typeof made.app
    await openPaths(app, [path], { isDrop: true })
    expect([gone, made.told]).toEqual([[path], ['bad.pth is damaged.']])
    // One that was opened by its path stays, as does one that the library has.
    await openPaths(app, [path])
    const known = { ...app, lab: { ...lab, items: [{ ...item, path }] } } as unknown as typeof made.app
    await openPaths(known, [path], { isDrop: true })
    expect([gone, made.told.length]).toEqual([[path], 3])
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

  it('several share one card: what the lab knows is taken at once', async () => {
    const [a, b, known] = [foreign('a'), foreign('b'), ours('c')]
    const { opening, session, told } = await open(a, 'No.', known, tensors, b)
    expect(session.added).toEqual([known])
    expect(opening.files.map(({ item, problem }) => item?.name ?? problem)).toEqual(['a', 'No.', 'c', 'tensors', 'b'])
    expect([opening.shown, opening.measurable]).toEqual([null, [a, known, b]])
    expect(told).toEqual([])
  })
})
