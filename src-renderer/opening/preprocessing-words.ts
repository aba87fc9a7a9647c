import type { Preprocessing } from '../../src-shared/preprocessing.ts'

const numbers = (values: readonly number[]): string =>
  values.map((value) => String(Number(value.toPrecision(4)))).join(', ')

/** For instance `32 × 32 pixels, mean 0.286, deviation 0.353`. */
export function valuesWords({ size, mean, deviation, channelOrder, fit }: Preprocessing): string {
  const parts = [
    `${size} × ${size} pixels${fit === 'resize' ? ', resized' : ''}`,
    `mean ${numbers(mean)}`,
    `deviation ${numbers(deviation)}`
  ]
  return [...parts, ...(channelOrder === 'bgr' ? ['colours as BGR'] : [])].join(', ')
}

/** A share as a whole percentage. */
export const percentWords = (fraction: number): string => `${Math.round(100 * fraction)} %`
