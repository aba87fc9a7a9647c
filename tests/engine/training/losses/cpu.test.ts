import { describe } from 'vitest'
import { openBackend } from '../../../../src-main/engine/backend/choose.ts'
import { holdTwins } from './hold-twins.ts'

const backend = await openBackend('cpu')
describe("losses on cpu equal PyTorch's", () => holdTwins(backend))
