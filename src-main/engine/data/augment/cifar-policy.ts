import type { OperationName } from './auto-augment.ts'

/** An operation, the probability that it is carried out, and its level 0 to 9; null where it has none. */
type Step = readonly [name: OperationName, probability: number, level: number | null]

/**
 * The 25 sub-policies that AutoAugment found on CIFAR-10, each of two operations (Cubuk et al. 2019, table 7). The table
 * of torchvision's `AutoAugment(CIFAR10)` and of DeepVoltaire's `CIFAR10Policy` is the same, save that the latter gives
 * levels to operations without a magnitude.
 */
export const cifarPolicy: readonly (readonly [first: Step, second: Step])[] = [
  [
    ['Invert', 0.1, null],
    ['Contrast', 0.2, 6]
  ],
  [
    ['Rotate', 0.7, 2],
    ['TranslateX', 0.3, 9]
  ],
  [
    ['Sharpness', 0.8, 1],
    ['Sharpness', 0.9, 3]
  ],
  [
    ['ShearY', 0.5, 8],
    ['TranslateY', 0.7, 9]
  ],
  [
    ['AutoContrast', 0.5, null],
    ['Equalize', 0.9, null]
  ],
  [
    ['ShearY', 0.2, 7],
    ['Posterize', 0.3, 7]
  ],
  [
    ['Color', 0.4, 3],
    ['Brightness', 0.6, 7]
  ],
  [
    ['Sharpness', 0.3, 9],
    ['Brightness', 0.7, 9]
  ],
  [
    ['Equalize', 0.6, null],
    ['Equalize', 0.5, null]
  ],
  [
    ['Contrast', 0.6, 7],
    ['Sharpness', 0.6, 5]
  ],
  [
    ['Color', 0.7, 7],
    ['TranslateX', 0.5, 8]
  ],
  [
    ['Equalize', 0.3, null],
    ['AutoContrast', 0.4, null]
  ],
  [
    ['TranslateY', 0.4, 3],
    ['Sharpness', 0.2, 6]
  ],
  [
    ['Brightness', 0.9, 6],
    ['Color', 0.2, 8]
  ],
  [
    ['Solarize', 0.5, 2],
    ['Invert', 0, null]
  ],
  [
    ['Equalize', 0.2, null],
    ['AutoContrast', 0.6, null]
  ],
  [
    ['Equalize', 0.2, null],
    ['Equalize', 0.6, null]
  ],
  [
    ['Color', 0.9, 9],
    ['Equalize', 0.6, null]
  ],
  [
    ['AutoContrast', 0.8, null],
    ['Solarize', 0.2, 8]
  ],
  [
    ['Brightness', 0.1, 3],
    ['Color', 0.7, 0]
  ],
  [
    ['Solarize', 0.4, 5],
    ['AutoContrast', 0.9, null]
  ],
  [
    ['TranslateY', 0.9, 9],
    ['TranslateY', 0.7, 9]
  ],
  [
    ['AutoContrast', 0.9, null],
    ['Solarize', 0.8, 3]
  ],
  [
    ['Equalize', 0.8, null],
    ['Invert', 0.1, null]
  ],
  [
    ['TranslateY', 0.7, 9],
    ['AutoContrast', 0.9, null]
  ]
]
