import { describe } from 'vitest'
import { openBackend } from '../../../../src-main/engine/backend/choose.ts'
import { holdTwins } from './hold-twins.ts'

const backend = await openBackend('wasm')
describe("losses on wasm equal PyTorch's", () => holdTwins(backend))
