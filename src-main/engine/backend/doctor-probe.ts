// A program of its own, built to out/probe-backend.js: opens the backend named on its command line and prints what came
// of it as one line of JSON. A backend that crashes takes only this process with it.
import { writeSync } from 'node:fs'
import { backendNames } from '../../../src-shared/contract.ts'
import { tryBackend } from './choose.ts'

const name = backendNames.find((candidate) => candidate === process.argv[2])
if (!name) throw new Error(`no backend is called "${process.argv[2]}"`)
const outcome = await tryBackend(name, false)
const finding =
  'refusal' in outcome
    ? { available: false, device: '', version: '', reason: outcome.refusal }
    : { available: true, device: outcome.device, version: outcome.version, reason: outcome.reason }
writeSync(1, `${JSON.stringify(finding)}\n`)
// Dawn's threads would keep the process alive.
process.exit(0)
