import { labCalls, type LabContract } from '../src-shared/lab-contract.ts'
import { keepConnected } from './connection/keep-connected.ts'
import { openCarrier } from './connection/open-carrier.ts'

export { keepAsking } from './connection/keep-asking.ts'
export type { ConnectionState } from './connection/keep-connected.ts'

const connection = keepConnected(labCalls, () => openCarrier('engine'))

/**
 * The engine's calls. While there is no connection they wait for one up to 8 seconds, then throw DisconnectedError; one
 * that is cut off throws it at once, and may have been done or not. What only watches goes through `keepAsking`.
 */
export const engine: LabContract = connection.calls

/** Whether the engine can be asked; a store. */
export const engineConnection = connection.state
