// The same steps with tfjs as shipped: its own ops, its own optimiser, one native call an op. Padding is SAME.
import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs'
import { openNetwork } from '../../../src-main/engine/checkpoint/checkpoint.ts'
import { toState } from '../../../src-main/engine/model/weights.ts'
import { classes, images, imageShape, labels } from './made-up.ts'
import { learningRate, objective, open, report, settings, sgd, sum, watch } from './side.ts'

const backend = await open()
const { tf } = backend
const { network, weights } = await openNetwork(settings.weights)
const state = toState(tf, network, weights)
const own = (tensors: Map<string, Tensor>, trainable: boolean) =>
  new Map([...tensors].map(([name, tensor]) => [name, tf.variable(tensor, trainable, name)]))
const variables = own(state.parameters, true)
const averages = own(state.statistics, false)
const get = <T extends Tensor>(name: string) => variables.get(name) as unknown as T

function convolve(x: Tensor4D, name: string, stride = 1): Tensor4D {
  const y = tf.conv2d(x, get<Tensor4D>(`${name}.weight`), stride, 'same')
  return variables.has(`${name}.bias`) ? tf.add(y, get(`${name}.bias`)) : y
}

function normalize(x: Tensor4D, name: string): Tensor4D {
  const { mean, variance } = tf.moments(x, [0, 1, 2])
  const n = x.size / x.shape[3]
  const move = (average: Variable, fresh: Tensor) => average.assign(tf.add(tf.mul(average, 0.9), tf.mul(fresh, 0.1)))
  move(averages.get(`${name}.running_mean`)!, mean)
  move(averages.get(`${name}.running_var`)!, tf.mul(variance, n / (n - 1)))
  const [gamma, beta] = [get<Tensor1D>(`${name}.weight`), get<Tensor1D>(`${name}.bias`)]
  return tf.batchNorm(x, mean as Tensor1D, variance as Tensor1D, beta, gamma, 1e-5) as Tensor4D
}

function block(x: Tensor4D, name: string, stride: number): Tensor4D {
  const y = tf.relu(normalize(convolve(x, `${name}.conv1`, stride), `${name}.bn1`))
  const z = normalize(convolve(y, `${name}.conv2`), `${name}.bn2`)
  if (!variables.has(`${name}.downsample.0.weight`)) return tf.relu(tf.add(z, x))
  return tf.relu(tf.add(z, normalize(convolve(x, `${name}.downsample.0`, stride), `${name}.downsample.1`)))
}

function forward(input: Tensor4D): { features: Tensor2D; logits: Tensor2D }[] {
  let x = tf.relu(normalize(convolve(input, 'conv1'), 'bn1'))
  return [1, 2, 3, 4].map((stage) => {
    x = block(block(x, `layer${stage}.0`, stage === 1 ? 1 : 2), `layer${stage}.1`, 1)
    let y = x
    const strides = stage === 4 ? [] : [1, 2 ** (4 - stage), 1]
    for (const [index, stride] of strides.entries()) {
      const name = (at: number) => `bottleneck${stage}_1.${3 * index + at}`
      y = tf.relu(normalize(convolve(y, name(0), stride), name(1)))
    }
    const features = tf.mean(y, [1, 2]) as Tensor2D
    const name = stage === 4 ? 'fc' : `middle_fc${stage}`
    const scores = tf.matMul(features, get<Tensor2D>(`${name}.weight`), false, true)
    return { features, logits: tf.add(scores, get(`${name}.bias`)) }
  })
}

/** tfjs has no stopGradient. */
const stopGradient = <T extends Tensor>(x: T): T =>
  tf.customGrad((value) => ({ value: (value as Tensor).clone(), gradFunc: (dy) => tf.zerosLike(dy as Tensor) }))(x) as T

function totalLoss(exits: ReturnType<typeof forward>, targets: Tensor2D): Scalar {
  const { alpha, lambda, temperature } = objective.distillation
  const deepest = exits.at(-1)!
  const softened = stopGradient(tf.div(deepest.logits, temperature))
  const [teacher, target] = [tf.softmax(softened), stopGradient(deepest.features)]
  const entropies = exits.map(({ logits }) => tf.losses.softmaxCrossEntropy(targets, logits))
  const terms = exits.slice(0, -1).map(({ logits, features }, index) => {
    const gap = tf.sub(tf.logSoftmax(softened), tf.logSoftmax(tf.div(logits, temperature)))
    const kl = tf.mean(tf.sum(tf.mul(teacher, gap), 1))
    const hint = tf.mean(tf.sum(tf.squaredDifference(features, target), 1))
    const distilled = tf.add(tf.mul(kl, alpha * temperature ** 2), tf.mul(hint, lambda))
    return tf.add(tf.mul(entropies[index]!, 1 - alpha), distilled)
  })
  return tf.addN([entropies.at(-1)!, ...terms]) as Scalar
}

const { batch, warmup, repetitions } = settings
const input = tf.tensor4d(images(batch), [batch, ...imageShape])
const targets = tf.oneHot(tf.tensor1d(labels(batch), 'int32'), classes).toFloat() as Tensor2D
const optimizer = tf.train.momentum(learningRate, sgd.momentum)

function step(): { loss: number; ms: number } {
  const started = performance.now()
  const loss = tf.tidy(() => {
    const { value, grads } = optimizer.computeGradients(() => totalLoss(forward(input), targets))
    const decayed = Object.entries(grads).map(([name, gradient]) => ({
      name,
      tensor: tf.add(gradient, tf.mul(variables.get(name)!, sgd.weightDecay))
    }))
    optimizer.applyGradients(decayed)
    return value.dataSync()[0]!
  })
  return { loss, ms: performance.now() - started }
}

const warm = Array.from({ length: warmup }, step)
const variances = [...averages].filter(([name]) => name.endsWith('running_var'))
const check = [...warm.map(({ loss }) => loss), sum(variances.map(([, tensor]) => tf.mean(tensor).dataSync()[0]!))]
watch()
const measured = Array.from({ length: repetitions }, step)
report(
  backend,
  measured.map(({ ms }) => ms),
  check,
  { firstMs: warm[0]!.ms }
)
