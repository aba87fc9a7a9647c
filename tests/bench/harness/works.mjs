// What is measured: each work's sides, the first of them ours, and the ratios that are wanted.
// `tolerance` is how far a side's check numbers may lie from ours; TensorFlow's SAME pads strided windows on one side
// only, so those networks differ a little.
const ours = (program) => ({ name: 'ours', label: 'Autodidact', program: `ours/${program}.ts` })
const peer = (name, label, program, settings = {}, tolerance = 2e-3) => ({ name, label, program, settings, tolerance })
const torch = (name, label, program, settings) => peer(name, `PyTorch, ${label}`, `peers/torch_${program}.py`, settings)

const channelsLast = { channelsLast: true }
const anyTorch = ['torch', 'torch-channels-last']

const step = (width, batch, repetitions, timeAtMost) => ({
  title: `A step of self-distillation: ResNet18 of width ${width}, batch ${batch}`,
  settings: { width, batch, warmup: 3, repetitions },
  quick: { repetitions: 2 },
  sides: [
    ours('step'),
    torch('torch', 'eager', 'step'),
    torch('torch-channels-last', 'eager, channels-last', 'step', channelsLast),
    torch('torch-compile', 'torch.compile', 'step', { compile: true }),
    torch('torch-compile-channels-last', 'torch.compile, channels-last', 'step', { compile: true, ...channelsLast }),
    peer('tensorflow', 'TensorFlow, tf.function', 'peers/tensorflow_step.py', {}, 0.1),
    peer('tensorflow-xla', 'TensorFlow, XLA', 'peers/tensorflow_step.py', { jit: true }, 0.1),
    peer('ours-xla', 'ours with XLA', 'ours/step.ts', { executor: 'xla' }),
    peer('tfjs', 'tfjs as shipped', 'ours/tfjs-step.ts', {}, 0.1)
  ],
  wanted: [
    { of: anyTorch, quantity: 'time', atMost: timeAtMost },
    { of: anyTorch, quantity: 'memory', atMost: 1 },
    { of: ['tfjs'], quantity: 'time', atMost: 0.3 }
  ]
})

const evaluations = [250, 500, 1000].flatMap((batch) => [
  torch(`torch-${batch}`, `batches of ${batch}`, 'evaluate', { batch }),
  torch(`torch-${batch}-channels-last`, `channels-last, batches of ${batch}`, 'evaluate', { batch, ...channelsLast })
])

/** Relative to a filter's norm. */
const sigmas = Array.from({ length: 11 }, (_, index) => 0.02 * (index + 1))

/** By name. */
export const works = {
  'step-w16': step(16, 64, 12, 1),
  'step-w64': step(64, 32, 5, 0.85),
  evaluate: {
    title: 'Evaluation of 10,000 images at all four exits: ResNet18 of width 16',
    settings: { width: 16, batch: 250, images: 10_000, repetitions: 2 },
    quick: { images: 1000 },
    sides: [ours('evaluate'), ...evaluations],
    wanted: [{ of: evaluations.map(({ name }) => name), quantity: 'time', atMost: 0.9 }]
  },
  flatness: {
    title: 'Flatness: 11 sigmas x 5 draws x 2,000 images of each split at all four exits: ResNet18 of width 16',
    settings: { width: 16, images: 2000, sigmas, draws: 5 },
    quick: { images: 500, sigmas: sigmas.slice(0, 2), draws: 2 },
    sides: [
      ours('flatness'),
      { ...peer('floor', 'our bare forward passes', 'ours/forward-only.ts'), isUnchecked: true },
      torch('torch', 'noise added in place', 'flatness', { way: 'loop' }),
      torch('torch-channels-last', 'noise added in place, channels-last', 'flatness', { way: 'loop', ...channelsLast }),
      torch('loss-landscape', 'as loss-landscape does it', 'flatness', { way: 'landscape' })
    ],
    wanted: [
      { of: anyTorch, quantity: 'time', atMost: 0.8 },
      { of: ['floor'], quantity: 'time', atMost: 1.1 }
    ]
  },
  gradients: {
    title: 'Gradients of the total loss and its ten terms on 200 images: ResNet18 of width 16',
    settings: { width: 16, images: 200, repetitions: 3 },
    quick: { images: 50, repetitions: 1 },
    sides: [
      ours('gradients'),
      torch('torch', 'one graph kept for all', 'gradients'),
      torch('torch-channels-last', 'one graph kept for all, channels-last', 'gradients', channelsLast)
    ],
    wanted: []
  },
  umap: {
    title: 'A map by UMAP of 10,000 points with 512 features, 15 neighbours',
    // Both sides are in tests/bench/umap.mjs.
    hasOwnProgram: true,
    settings: { rows: 10_000, columns: 512 },
    quick: { rows: 2000, columns: 64 },
    sides: [
      { name: 'ours', label: 'Autodidact' },
      { name: 'umap-js', label: 'umap-js alone' }
    ],
    wanted: [{ of: ['umap-js'], quantity: 'time', atMost: 0.35 }]
  }
}

/** The check of thousands of steps: a program of ours alone. */
export const endurance = {
  program: 'ours/endurance.ts',
  settings: { width: 8, batch: 32, warmup: 3, repetitions: 2000 },
  quick: { repetitions: 100 }
}
