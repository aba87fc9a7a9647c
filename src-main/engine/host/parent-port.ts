import type { PortLike } from '../../../src-shared/transports.ts'

/** `process.parentPort` of Electron's utility processes, as far as it is used here. */
export type ParentPort = {
  postMessage(message: unknown): void
  on(type: 'message', listener: (event: { data: unknown; ports: PortLike[] }) => void): unknown
}

/** The way to Electron's main process; null under plain Node. */
export const findParentPort = (): ParentPort | null =>
  (process as unknown as { parentPort?: ParentPort }).parentPort ?? null
