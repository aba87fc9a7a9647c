// The flatness probe's forward passes and nothing else: no noise, no accuracy, no loss.
import { openNetwork } from '../../../src-main/engine/checkpoint/checkpoint.ts'
import { loadSelection } from '../../../src-main/engine/data/load-selection.ts'
import { createRunner } from '../../../src-main/engine/evaluation/run-network.ts'
import { toState } from '../../../src-main/engine/model/weights.ts'
import { open, report, settings, timed, watch } from './side.ts'

const backend = await open()
const { network, weights } = await openNetwork(settings.weights)
const state = toState(backend.tf, network, weights)
const splits = await Promise.all(
  (['test', 'train'] as const).map((split) =>
    loadSelection({ kind: 'dataset', name: settings.dataset, split, limit: null }, 0)
  )
)
watch()
const { ms } = await timed(async () => {
  const runner = createRunner(backend, network, { wantsFeatures: false })
  // Without noise every draw is the same, so sigma 0 is one of the probe's passes.
  for (let pass = 0; pass < 1 + settings.sigmas.length * settings.draws; pass++)
    for (const split of splits) await runner.run(state, split)
  runner.dispose()
})
report(backend, [ms], [])
