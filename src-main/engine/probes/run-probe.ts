import type { CallOptions } from '../../../src-shared/contract.ts'
import type { ProbeKind, ProbeReport, ProbeRequest } from '../../../src-shared/reports.ts'
import type { Backend } from '../backend/backend.ts'
import { probeDiscriminativeness } from './discriminativeness.ts'
import { probeEmbedding } from './embedding.ts'
import { probeFlatness } from './flatness.ts'
import { probeGradients } from './gradients.ts'
import { probeHistory } from './history.ts'
import type { Probe } from './probe.ts'

const table: { [K in ProbeKind]: Probe<K> } = {
  embedding: probeEmbedding,
  discriminativeness: probeDiscriminativeness,
  flatness: probeFlatness,
  gradients: probeGradients,
  history: probeHistory
}

/** Which kinds measure what a network gave, so that a file of outputs does in its place. */
export const takesOutputs: { [K in ProbeKind]: boolean } = {
  embedding: true,
  discriminativeness: true,
  flatness: false,
  gradients: false,
  history: true
}

/** Runs the probe of that kind. Throws CancelledError when the signal is aborted. */
export function runProbe<K extends ProbeKind>(
  backend: Backend,
  kind: K,
  request: ProbeRequest<K>,
  options: CallOptions = {}
): Promise<ProbeReport<K>> {
  return table[kind](backend, request, options)
}
