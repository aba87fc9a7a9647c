import { describe, expect, it } from 'vitest'
import { quoteForShell } from '../../tools/tour/command-line.mjs'
import { describeReport } from '../../tools/tour/guide.mjs'
import { findDue, isTrained, kinds, planTour } from '../../tools/tour/plan.mjs'
import { probeKinds } from '../../src-shared/reports.ts'
import { makeTempFolder, writeTree } from './setup-world.ts'

type Step = { title: string; args: string[]; needs: string[]; makes: string; isDone: boolean }
const plan = (out: string, baseline: string | null = 'base.safetensors') => planTour(out, baseline) as Step[]
const due = (out: string) => (findDue(plan(out)) as Step[]).map(({ makes }) => makes.slice(out.length + 1))

const run = (epochsDone: number, folder = 'run') => ({
  [`${folder}/manifest.json`]: JSON.stringify({ config: { epochs: 3 } }),
  [`${folder}/checkpoints/00000200-0001/progress.json`]: JSON.stringify({ epochsDone })
})
const reports = Object.fromEntries(probeKinds.map((kind) => [`${kind}.json`, '{}']))
const figures = Object.fromEntries(
  probeKinds.flatMap((kind) => ['svg', 'png'].map((extension) => [`figures/${kind}.${extension}`, '']))
)

describe('the commands of the tour', () => {
  it('train first, then probe and draw every kind of report', () => {
    const steps = plan(makeTempFolder())
    expect([...kinds].sort()).toEqual([...probeKinds].sort())
    expect(steps[0]?.args.slice(0, 3)).toEqual(['train', '--network', 'resnet18'])
    expect(steps).toHaveLength(1 + 3 * probeKinds.length)
    expect(new Set(steps.map(({ makes }) => makes)).size).toBe(steps.length)
  })

  it('read only what an earlier one has made', () => {
    const made = new Set<string>()
    for (const { needs, makes, args } of plan(makeTempFolder())) {
      expect(needs.every((path) => made.has(path) && args.includes(path))).toBe(true)
      expect(args).toContain(makes)
      made.add(makes)
    }
  })

  it('compare with the baseline where it is there, and name each network', () => {
    const out = makeTempFolder()
    const [withIt, without] = [plan(out), plan(out, null)].map((steps) =>
      steps.filter(({ args }) => args[0] === 'probe')
    )
    expect(withIt?.filter(({ args }) => args.includes('base.safetensors'))).toHaveLength(probeKinds.length - 1)
    expect(without?.every(({ args }) => args.filter((word) => word === '--name').length === 1)).toBe(true)
  })

  it('are printed as a shell takes them', () => {
    expect(quoteForShell(['train', '--out', 'runs/my tour', "it's"])).toBe(`train --out 'runs/my tour' 'it'\\''s'`)
  })
})

describe('a tour that was cut off', () => {
  it('goes on with a run that has not done all of its epochs', () => {
    const out = makeTempFolder()
    writeTree(out, run(2))
    expect(plan(out)[0]).toMatchObject({ args: ['train', '--resume', `${out}/run`], isDone: false })
    expect(due(out)).toHaveLength(1 + 3 * probeKinds.length)
  })

  it('starts a run anew that has no manifest yet', () => {
    const out = makeTempFolder()
    writeTree(out, { 'run/lock.json': '{}' })
    expect(plan(out)[0]?.args).toContain('--network')
  })

  it('goes on after the training, and redoes only what is missing and what is made of it', () => {
    const out = makeTempFolder()
    writeTree(out, { ...run(3), ...reports, ...figures })
    expect(due(out)).toEqual([])
    const other = makeTempFolder()
    const { 'flatness.json': _, ...rest } = reports
    const { 'figures/history.png': __, ...pictures } = figures
    writeTree(other, { ...run(3), ...rest, ...pictures })
    expect(due(other)).toEqual(['figures/history.png', 'flatness.json', 'figures/flatness.svg', 'figures/flatness.png'])
  })

  it('redoes everything when the run is gone', () => {
    const out = makeTempFolder()
    writeTree(out, { ...reports, ...figures })
    expect(due(out)).toHaveLength(1 + 3 * probeKinds.length)
  })

  it('takes a run for unfinished whose files are missing or damaged', () => {
    const folder = makeTempFolder()
    expect(isTrained(folder)).toBe(false)
    writeTree(folder, run(3, '.'))
    expect(isTrained(folder)).toBe(true)
    writeTree(folder, { 'checkpoints/00000300-0002/progress.json': '{"epochs' })
    expect(isTrained(folder)).toBe(false)
  })
})

describe('what the tour says of a report', () => {
  it('is a picture, where to look, and measured numbers only', () => {
    const drops = [{ exit: 4, split: 'test', drop: 10, sigma: null }]
    const lines = describeReport('flatness', { checkpoints: [{ name: 'net', exits: [{}], drops }] }, 'a.svg')
    expect(lines[0]).toBe('a.svg')
    expect(lines.at(-1)).toBe('  net: test accuracy is 10 points down at sigma: exit 4 -')
  })
})
