import { WebSocket } from 'ws'
import { UserError } from '../../../src-shared/errors.ts'
import { labCalls, type LabContract } from '../../../src-shared/lab-contract.ts'
import { connect } from '../../../src-shared/rpc.ts'
import { socketTransport } from '../../../src-shared/socket-transport.ts'
import type { RunningLab } from './lab-file.ts'

/** Asks the engine of a running lab, then leaves it. Throws what the call throws, UserError where the lab does not answer. */
export async function askEngine<T>(
  { port, cookie }: RunningLab,
  call: (engine: LabContract) => Promise<T>
): Promise<T> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/engine`, {
    headers: { cookie },
    origin: `http://127.0.0.1:${port}`,
    handshakeTimeout: 15_000
  })
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve)
      socket.on('error', () =>
        reject(new UserError('The engine of the lab that is running does not answer; try again.'))
      )
    })
    return await call(connect(labCalls, socketTransport(socket)))
  } finally {
    socket.close()
  }
}
