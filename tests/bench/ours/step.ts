// Steps of self-distillation, as the trainer takes them.
import { fromState } from '../../../src-main/engine/model/weights.ts'
import { meanAbs, open, report, settings, sum, watch } from './side.ts'
import { startTraining } from './start-training.ts'

const backend = await open()
const { network, stepper, step, read, losses } = await startTraining(backend)
const warm: number[] = []
for (let index = 0; index < settings.warmup; index++) warm.push(await step())
await read()
const state = await fromState(network, stepper.state.network)
const variances = [...state].filter(([name]) => name.endsWith('running_var')).map(([, { data }]) => meanAbs(data))
const check = [...losses, sum(variances)]
watch()
const ms: number[] = []
for (let index = 0; index < settings.repetitions; index++) ms.push(await step())
report(backend, ms, check, { firstMs: warm[0]! })
stepper.dispose()
