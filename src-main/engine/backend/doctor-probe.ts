// A program of its own, built to out/probe-backend.js: opens the backend named on its command line and prints what came
// of it as one line of JSON. A backend that crashes takes only this process with it.
import { writeSync } from 'node:fs'
import { backendNames } from '../../../src-shared/contract.ts'
import { findOut } from './find-out.ts'

const name = backendNames.find((candidate) => candidate === process.argv[2])
if (!name) throw new Error(`no backend is called "${process.argv[2]}"`)
writeSync(1, `${JSON.stringify(await findOut(name))}\n`)
// Dawn's threads would keep the process alive.
process.exit(0)
