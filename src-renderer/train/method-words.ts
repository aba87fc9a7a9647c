import type { MethodName } from '../../src-shared/run-config.ts'

/** What a method is called, and one line on what it does and whose it is. */
export const methodWords: Record<MethodName, { text: string; hint: string }> = {
  baseline: { text: 'Baseline', hint: 'The labels train the deepest exit; the others are left out.' },
  'deep-supervision': { text: 'Deep supervision', hint: 'The labels train every exit (Lee et al. 2015).' },
  'self-distillation': {
    text: 'Self-distillation',
    hint: 'The deepest exit teaches the others, beside the labels (Zhang et al. 2019).'
  },
  kd: {
    text: 'Knowledge distillation',
    hint: 'A network trained before teaches with its softened outputs (Hinton et al. 2015).'
  },
  fitnets: {
    text: 'FitNets',
    hint: 'A stage learns to give a teacher’s features (Romero et al. 2015).'
  },
  'attention-transfer': {
    text: 'Attention transfer',
    hint: 'Every stage learns where a teacher looks (Zagoruyko and Komodakis 2017).'
  },
  'mutual-learning': {
    text: 'Deep mutual learning',
    hint: 'Two networks learn side by side, each from the other (Zhang et al. 2018).'
  },
  'self-distillation-rounds': {
    text: 'Self-distillation in rounds',
    hint: 'Each new network learns the outputs of the one before (Mobahi et al. 2020).'
  }
}
