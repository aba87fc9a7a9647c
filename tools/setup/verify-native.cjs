// Run in a process of its own by set-up: loads the native backend and compares a convolution with the plain-JS one.
const util = require('node:util')
util.isNullOrUndefined = (value) => value == null
util.isArray = Array.isArray
process.noDeprecation = true
const tf = require('@tensorflow/tfjs-node-gpu')

const compute = async (name) => {
  await tf.setBackend(name)
  const cpu = tf.findBackend('cpu')
  if (cpu) cpu.firstUse = false
  const image = tf.tensor4d(
    Array.from({ length: 2 * 6 * 6 * 3 }, (_, i) => Math.sin(i)),
    [2, 6, 6, 3]
  )
  const filter = tf.tensor4d(
    Array.from({ length: 3 * 3 * 3 * 4 }, (_, i) => Math.cos(i)),
    [3, 3, 3, 4]
  )
  return tf.conv2d(image, filter, 2, 'same').data()
}

const main = async () => {
  const [native, plain] = [await compute('tensorflow'), await compute('cpu')]
  const isEqual = native.length === plain.length && plain.every((value, i) => Math.abs(value - native[i]) < 1e-3)
  if (!isEqual) throw new Error('a convolution differs from plain JavaScript')
}

main().catch((error) => {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
})
