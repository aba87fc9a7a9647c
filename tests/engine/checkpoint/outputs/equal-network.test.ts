import { mkdtempSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Backend } from '../../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../../src-main/engine/backend/choose.ts'
import { evaluate, predict } from '../../../../src-main/engine/calls/predict.ts'
import { requireFit } from '../../../../src-main/engine/evaluation/subject.ts'
import { runProbe } from '../../../../src-main/engine/probes/run-probe.ts'
import { chooseEntries } from '../../../../src-main/engine/results/choose-entries.ts'
import { mergeReport } from '../../../../src-main/engine/results/merge-report.ts'
import { headOf } from '../../../../src-main/engine/results/report-head.ts'
import type { AnyReport, DataSelection } from '../../../../src-shared/reports.ts'
import { npy, zip } from '../../data/formats/written.ts'
import { readGolden } from '../../golden/golden.ts'
import { goldenCase } from '../../probes/cases.ts'
import { temporaryFolder } from '../../training/small-run.ts'

const { weights, data } = goldenCase()
/** What a file of outputs must not care for. */
const elsewhere: DataSelection = { kind: 'dataset', name: '/no/data/here', split: 'test', limit: 5 }
let backend: Backend
let path: string
let folder: string
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const floats = (rows: number[][]) =>
  npy([rows.length, rows[0]!.length], new Uint8Array(Float32Array.from(rows.flat()).buffer), '<f4')

beforeAll(async () => {
  backend = await openBackend()
  const { exits } = await predict(backend, { path: weights, data, seed: 0 })
  folder = mkdtempSync(join(tmpdir(), 'autodidact-outputs-'))
  path = join(folder, 'given.npz')
  const { labels } = readGolden('bottleneck-resnet18-w8').golden
  const long = new Uint8Array(BigInt64Array.from(labels, BigInt).buffer)
  await writeFile(
    path,
    zip([
      { name: 'labels.npy', data: npy([labels.length], long, '<i8') },
      ...exits.flatMap(({ exit, logits, features }) => [
        { name: `logits${exit}.npy`, data: floats(logits) },
        { name: `features${exit}.npy`, data: floats(features) }
      ])
    ])
  )
})

test('outputs measure to what their network does, bit for bit, and say that they are of their own images', async () => {
  const common = { data, seed: 3 }
  const map = { method: 'pca' as const, dims: 2 as const, neighbors: 5, minDist: 0.1 }
  const scatter = { features: 'raw' as const, resamples: 20 }
  const of = (path: string, data: DataSelection) => ({ ...common, data, checkpoints: [{ path }] })
  const maps = await Promise.all([
    runProbe(backend, 'embedding', { ...of(weights, data), ...map }),
    runProbe(backend, 'embedding', { ...of(path, elsewhere), ...map })
  ])
  expect(maps[1].checkpoints[0]!.exits).toEqual(maps[0].checkpoints[0]!.exits)
  expect(maps[1].checkpoints[0]!.labels).toEqual(maps[0].checkpoints[0]!.labels)
  const [network, given] = await Promise.all([
    runProbe(backend, 'discriminativeness', { ...of(weights, data), ...scatter }),
    runProbe(backend, 'discriminativeness', { ...of(path, elsewhere), ...scatter })
  ])
  expect(given.checkpoints[0]!.exits).toEqual(network.checkpoints[0]!.exits)
  expect(given.provenance.data).toMatchObject({ name: 'given.npz', split: 'given', count: 20 })
  expect(given.checkpoints[0]).toMatchObject({
    name: 'given',
    network: 'outputs of 4 exits, 20 images, 10 classes',
    data: given.provenance.data
  })
  const request = { seed: 0, path, data: elsewhere }
  expect(await evaluate(backend, request)).toEqual(await evaluate(backend, { ...request, path: weights, data }))
  expect(await predict(backend, request)).toEqual(await predict(backend, { ...request, path: weights, data }))
})

test('networks and outputs are compared in one report, measured together or apart', async () => {
  const request = { features: 'raw' as const, resamples: 5, data, seed: 3 }
  const [together, network, given] = await Promise.all([
    runProbe(backend, 'discriminativeness', { ...request, checkpoints: [{ path }, { path: weights }] }),
    runProbe(backend, 'discriminativeness', { ...request, checkpoints: [{ path: weights }] }),
    runProbe(backend, 'discriminativeness', { ...request, checkpoints: [{ path }] })
  ])
  expect(together.provenance.data).toMatchObject({ name: basename(data.kind === 'arrays' ? data.imagesPath : '') })
  expect(together.checkpoints.map((entry) => entry.data?.name)).toEqual(['given.npz', undefined])
  const reports: AnyReport[] = [network, given]
  const hashes = [given.checkpoints[0]!.hash, network.checkpoints[0]!.hash]
  const choice = chooseEntries(reports.map(headOf), hashes, null)!
  expect(choice.picks.map((pick) => pick?.head.entries[0]?.hash)).toEqual(hashes)
  const merged = mergeReport([
    { report: given, index: 0, subject: { path } },
    { report: network, index: 0, subject: { path: weights } }
  ])
  expect(merged.provenance.data).toEqual(network.provenance.data)
  expect(merged.checkpoints).toEqual(together.checkpoints)
})

test('what needs the network is refused before anything is measured', async () => {
  const sentence = `${path} holds what a network gave, not the network; this needs the network.`
  await expect(requireFit([{ path }], elsewhere, { takesOutputs: false })).rejects.toThrow(sentence)
  await expect(requireFit([{ path }], elsewhere, { takesOutputs: true })).resolves.toBeUndefined()
  const request = { checkpoints: [{ path }], data, seed: 0, batchSize: null }
  await expect(runProbe(backend, 'gradients', request)).rejects.toThrow(sentence)
})

test('a map needs features', async () => {
  const without = join(temporaryFolder(), 'without.npz')
  await writeFile(
    without,
    zip([
      { name: 'labels.npy', data: npy([2], Uint8Array.of(0, 1), '|u1') },
      { name: 'logits.npy', data: npy([1, 2, 2], new Uint8Array(Float32Array.of(1, 0, 0, 1).buffer), '<f4') }
    ])
  )
  const request = { checkpoints: [{ path: without }], data, seed: 0, features: 'raw' as const, resamples: 0 }
  await expect(runProbe(backend, 'discriminativeness', request)).rejects.toThrow(
    `${without} holds no features of exit 1; save them beside its logits as "features1".`
  )
  expect((await predict(backend, { path: without, data, seed: 0 })).exits[0]!.features).toEqual([])
})
