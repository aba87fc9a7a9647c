#pragma once

namespace autodidact {

/**
 * AutodidactSgd(weight, velocity, gradient, learning_rate; momentum, weight_decay, nesterov) -> stepped, moved,
 * gradient_sum: one step of training/optimizer.ts, and the sum of |gradient|. On CPUs; XLA does not know it. Throws what
 * TensorFlow says.
 */
void RegisterSgdKernel();

}  // namespace autodidact
