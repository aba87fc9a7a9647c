/**
 * How far sharpness-aware minimisation moves the weights uphill before it differentiates again: rho g/||g||_2, the norm over
 * all tensors at once (Foret et al. 2021, equation 2 with p = 2). One array per gradient; zeros where every gradient is zero.
 */
export function sharpnessPerturbations(gradients: readonly ArrayLike<number>[], rho: number): Float64Array[] {
  let squares = 0
  for (const gradient of gradients) for (let i = 0; i < gradient.length; i++) squares += gradient[i]! ** 2
  const scale = squares > 0 ? rho / Math.sqrt(squares) : 0
  return gradients.map((gradient) => Float64Array.from(gradient, (value) => value * scale))
}
