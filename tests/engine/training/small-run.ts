import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { RunConfig } from '../../../src-shared/run-config.ts'

/** A run of seconds: a narrow ResNet18 on a few Fashion-MNIST images. */
export function smallConfig(changes: Partial<RunConfig> = {}): RunConfig {
  return {
    network: { name: 'resnet18', width: 2 },
    method: 'self-distillation',
    distillation: { alpha: 0.3, lambda: 0.03, temperature: 3 },
    data: { name: 'fashion-mnist', limit: 100, labelNoise: 0.2, validation: 0.1 },
    epochs: 2,
    batchSize: 32,
    learningRate: 0.05,
    momentum: 0.9,
    nesterov: false,
    weightDecay: 5e-4,
    schedule: { kind: 'cosine' },
    augmentation: { cropPadding: 4, flip: true },
    seed: 7,
    ...changes
  }
}

/** A folder of its own for a test, removed when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'autodidact-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
