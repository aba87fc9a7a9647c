import type { Protocol } from '../../src-shared/reports.ts'

/** What each protocol does, in one line. */
export const protocolHints: Record<Protocol, string> = {
  a: 'A: absolute noise, the same σ for every weight; BatchNorm statistics kept, as in the paper',
  b: 'B: noise relative to each filter’s norm, so that large filters get more; BatchNorm statistics kept',
  c: 'C: as B, but BatchNorm statistics are estimated anew for every draw'
}
