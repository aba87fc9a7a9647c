import type { Component } from 'svelte'
import { render } from 'svelte/server'
import { describe, expect, it } from 'vitest'
import type { App } from '../../../src-renderer/app.ts'
import BasicFields from '../../../src-renderer/train/BasicFields.svelte'
import MoreOptions from '../../../src-renderer/train/MoreOptions.svelte'
import { trainStarts } from '../../../src-renderer/train/presets.ts'
import PresetCards from '../../../src-renderer/train/PresetCards.svelte'
import { TrainForm } from '../../../src-renderer/train/train-form.svelte.ts'
import { methodNames, needsTeacher, type MethodName } from '../../../src-shared/run-config.ts'
import InApp from '../InApp.svelte'

const dataset = {
  ...{ name: 'fashion-mnist', path: '/data', classes: ['a', 'b'], trainCount: 60_000, testCount: 10_000 },
  ...{ shape: [28, 28, 1], licence: '', format: '', inputSize: 32, mean: null, deviation: null, isRegistered: false }
}
// What these components read of the window; nothing is asked of an engine while they are rendered to text.
const app = { engine: {}, shell: {}, toasts: {}, lab: { datasets: [dataset], items: [], jobs: [] } } as unknown as App

/** A component's markup in a window of its own. */
const markupOf = <P extends Record<string, unknown>>(of: unknown, props: P): string =>
  render(InApp as unknown as Component<{ app: App; of: unknown; props: P }>, { props: { app, of, props } }).body

/** The words of a form's markup, attributes left out. */
const wordsOf = (markup: string): string => markup.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')

function makeForm(method: MethodName): TrainForm {
  const form = new TrainForm()
  form.set({ method, ...(needsTeacher(method) && { teacher: '/runs/a' }) })
  return form
}

const sections: Record<MethodName, string[]> = {
  baseline: [],
  'deep-supervision': ['Exit heads'],
  'self-distillation': ['Exit heads', 'Form of the loss', 'Alpha', 'Lambda', 'Temperature', 'Weights exit by exit'],
  kd: ['Weight of the labels', 'Weight of the teacher', 'Temperature'],
  fitnets: ['Weight of the labels', 'Weight of the teacher', 'Stage'],
  'attention-transfer': ['Weight of the labels', 'Weight of the teacher'],
  'mutual-learning': ['Weight of the peer', 'Temperature'],
  'self-distillation-rounds': ['Rounds', 'They compare by']
}
const special = [...new Set(Object.values(sections).flat())]
/** Whether a text stands in the markup on its own. */
const hasLabel = (markup: string, label: string) =>
  markup
    .replace(/<!--[^>]*-->/g, '')
    .split(/<[^>]*>/)
    .some((text) => text.trim() === label)

describe.each(methodNames)('the further options of %s', (method) => {
  const markup = markupOf(MoreOptions, { form: makeForm(method) })

  it('are its own and no other method’s', () => {
    expect(special.filter((label) => hasLabel(markup, label)).sort()).toEqual([...sections[method]].sort())
  })

  it('are those that every run has, beside them', () => {
    for (const title of ['Optimiser', 'Data', 'Augmentation', 'Precision', 'SAM radius', 'Label smoothing', 'Warm-up'])
      expect(hasLabel(markup, title), title).toBe(true)
  })

  it('are in plain words', () => expect(wordsOf(markup)).not.toMatch(/--|undefined|NaN|null/))
})

describe('the first level', () => {
  it('asks for a teacher where the method has one', () => {
    for (const method of methodNames)
      expect(hasLabel(markupOf(BasicFields, { form: makeForm(method) }), 'Teacher')).toBe(needsTeacher(method))
  })

  it('says why a typed name is no network', () => {
    const form = makeForm('baseline')
    form.set({ network: 'wrn15-4' })
    const markup = markupOf(BasicFields, { form })
    expect(markup).toContain('aria-invalid="true"')
    expect(wordsOf(markup)).toContain('wrn15-4 needs a depth of')
  })

  it('begins with cards, one of them pressed, with their time where it is known', () => {
    const markup = markupOf(PresetCards, { chosen: 'cnn', onchoose: () => undefined, timeOf: () => 'about 2 min' })
    expect(markup.match(/aria-pressed="true"/g)).toHaveLength(1)
    for (const { title } of trainStarts) expect(markup).toContain(title)
    expect(markup.match(/about 2 min/g)).toHaveLength(trainStarts.length)
  })
})
