import { readFileSync } from 'node:fs'

type Rows = number[][]
/** [N,H,W,C] */
export type Maps = number[][][][]
type Labelled = { labels: number[] }
type FormValues = {
  /** As the public code counts it: soft cross entropy in place of KL, but for ours. */
  total: number
  crossEntropy: number[]
  kl: number[]
  hint: number[]
  /** Of the softened teacher, without T^2. */
  entropy: number
  byLogits: Rows[]
  byFeatures: Rows[]
}

type Witness = {
  'self-distillation': Labelled & {
    logits: Rows[]
    features: Rows[]
    maps: Maps[]
    adapters: { weight: Rows; bias: number[] }[]
    forms: Record<'autodidact-default' | 'byot-luanyunteng' | 'scan' | 'byot-journal' | 'per-exit', FormValues>
    onMaps: { hint: number[]; byMaps: Maps[] }
  }
  'knowledge-distillation': Labelled & {
    student: Rows
    teacher: Rows
    total: number
    crossEntropy: number
    kl: number
    byStudent: Rows
  }
  fitnets: Labelled & {
    logits: Rows
    regressed: Maps
    teacherMap: Maps
    total: number
    crossEntropy: number
    hint: number
    byLogits: Rows
    byMap: Maps
  }
  'attention-transfer': Labelled & {
    logits: Rows
    stages: { student: Maps; teacher: Maps }[]
    attention: number[]
    crossEntropy: number
    total: number
    byLogits: Rows
    byMaps: Maps[]
  }
  'mutual-learning': Labelled & {
    cases: { students: Rows[]; total: number; crossEntropy: number[]; kl: number[]; byStudents: Rows[] }[]
  }
  'label-smoothing': Labelled & { logits: Rows; smoothing: number; loss: number; byLogits: Rows }
  rounds: Labelled & {
    logits: Rows
    last: Rows
    /** Of round 0 and of a later one. */
    losses: Record<'l2' | 'cross-entropy', { loss: number; byLogits: Rows }[]>
  }
  'sharpness-aware': Labelled & {
    images: Rows
    weight: Rows
    bias: number[]
    rho: number
    gradients: [Rows, number[]]
    perturbations: [Rows, number[]]
    perturbedGradients: [Rows, number[]]
  }
}

/** What PyTorch gives for a method's loss; fixtures/witness/losses.py says how. */
export function readWitness<K extends keyof Witness>(name: K): Witness[K] {
  const path = new URL(`../fixtures/golden/losses/${name}.json`, import.meta.url)
  return JSON.parse(readFileSync(path, 'utf8')) as Witness[K]
}

/** The weights of the witness's general form, T = 2. */
export const perExitWeights = {
  alpha: 0.3,
  lambda: 0,
  temperature: 2,
  labelWeights: [0.1, 0.2, 0.4, 0.8],
  distillWeights: [0.9, 0.5, 0.25, 0],
  hintWeights: [0.01, 0, 0.03, 0]
}
