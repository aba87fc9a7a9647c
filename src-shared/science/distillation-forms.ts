/** The named forms of the self-distillation loss (SCIENCE section 1): ours, and three that public code has. */
export const presetNames = ['autodidact-default', 'byot-luanyunteng', 'scan', 'byot-journal'] as const
export type PresetName = (typeof presetNames)[number]

/**
 * How far an exit's features f lie from the deepest's F, both N x d: `mean-squared` the mean over the batch of ||f - F||^2,
 * `sum-squared` its sum, `sum-squared-positive` the same over entries where f or F is above zero, `norm` the root of the sum.
 */
export type HintKind = 'mean-squared' | 'sum-squared-positive' | 'sum-squared' | 'norm'

/** The exit heads that go with a form. */
export type FormHeads = {
  /** Bottleneck and SCAN heads are 1x1, k x k, 1x1 convolutions; sepconv heads separable ones. */
  heads: 'bottleneck' | 'sepconv' | 'scan'
  /** Whether a learned mask multiplies the stage's map before the head. */
  attention: boolean
  /** Channels inside the head; absent is a quarter of the deepest exit's for bottleneck heads. */
  headWidth?: number
}

/** One form of the loss: its starting values and what alpha, lambda and temperature stand for in it. */
export type DistillationForm = {
  /** Weight of distillationLoss at shallow exits; their labelLoss gets 1 - alpha. */
  alpha: number
  /** Weight of hintLoss for features of that many dimensions. */
  lambda: (dimensions: number) => number
  /** Divisor of the logits under both softmaxes. */
  temperature: number
  /** Whether the KL term is multiplied by the temperature's square. */
  squaresTemperature: boolean
  /** Weight of the deepest exit's labelLoss: 1, or 1 - alpha. */
  deepestLabelWeight: 'one' | 'like-shallow'
  hint: HintKind
  /** exitIndex (0 is the shallowest) of each exit that gets no hint, in a network of so many exits. */
  hintSkips: (exits: number) => number[]
  /** Whether a learned Linear per shallow exit maps its features before the hint compares them. */
  adapters: boolean
  /** Whether the total counts soft cross entropy, KL plus the teacher's entropy: the same gradient, another curve. */
  softCrossEntropy: boolean
  heads: FormHeads
}

/** Default weight of the hint for features of that many dimensions: 0.03 x 64 / dimensions. */
export function defaultLambda(dimensions: number): number {
  return (0.03 * 64) / dimensions
}

const noSkips = (): number[] => []

/**
 * What the forms are, by name. `byot-luanyunteng`: github.com/luanyunteng/pytorch-be-your-own-teacher, train.py; `scan`:
 * github.com/ArchipLab-LinfengZhang/pytorch-scalable-neural-networks, train.py and sresnet.py; `byot-journal`:
 * github.com/ArchipLab-LinfengZhang/pytorch-self-distillation-final, train.py.
 */
export const distillationForms = {
  'autodidact-default': {
    alpha: 0.3,
    lambda: defaultLambda,
    temperature: 3,
    squaresTemperature: true,
    deepestLabelWeight: 'one',
    hint: 'mean-squared',
    hintSkips: noSkips,
    adapters: false,
    softCrossEntropy: false,
    heads: { heads: 'bottleneck', attention: false }
  },
  'byot-luanyunteng': {
    alpha: 0.1,
    lambda: () => 1e-6,
    temperature: 3,
    squaresTemperature: true,
    deepestLabelWeight: 'like-shallow',
    hint: 'sum-squared-positive',
    hintSkips: noSkips,
    adapters: false,
    softCrossEntropy: false,
    heads: { heads: 'bottleneck', attention: false }
  },
  scan: {
    alpha: 0.5,
    lambda: () => 5e-7,
    temperature: 3,
    squaresTemperature: true,
    deepestLabelWeight: 'one',
    hint: 'sum-squared',
    hintSkips: noSkips,
    adapters: false,
    softCrossEntropy: false,
    heads: { heads: 'scan', attention: true, headWidth: 128 }
  },
  'byot-journal': {
    alpha: 0.3,
    lambda: () => 0.03,
    temperature: 3,
    squaresTemperature: false,
    deepestLabelWeight: 'one',
    hint: 'norm',
    // Its code counts exits from the deepest and leaves out the first after it: the third of four.
    hintSkips: (exits) => (exits > 1 ? [exits - 2] : []),
    adapters: true,
    softCrossEntropy: true,
    heads: { heads: 'sepconv', attention: true }
  }
} satisfies Record<PresetName, DistillationForm> as Record<PresetName, DistillationForm>

/** A form's starting values for a deepest exit with so many features, and its name: what `termWeights` takes. */
export function presetDistillation(form: PresetName, dimensions: number) {
  const { alpha, lambda, temperature } = distillationForms[form]
  return { form, alpha, lambda: lambda(dimensions), temperature }
}
