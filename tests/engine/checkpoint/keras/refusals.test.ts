import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { UserError } from '../../../../src-shared/errors.ts'
import { openCheckpoint } from '../../../../src-main/engine/checkpoint/checkpoint.ts'
import { lowerModel } from '../../../../src-main/engine/checkpoint/keras/lower-model.ts'
import { parseModelText } from '../../../../src-main/engine/checkpoint/keras/model-text.ts'
import { refusalsOf } from '../../../../src-main/engine/checkpoint/keras/refuse.ts'
import type { Variable } from '../../../../src-main/engine/checkpoint/keras/variables.ts'

const refuse = refusalsOf('m.h5')
const fixtures = join(import.meta.dirname, '../../../fixtures/keras')

type Layer = { class_name: string; name: string; config?: object; inbound_nodes?: unknown; [key: string]: unknown }

/** What becomes of a model's text. */
const lowerText = (text: string, weights: Record<string, number[][]> = {}) => {
  const variables = new Map<string, Variable[]>(
    Object.entries(weights).map(([path, shapes]) => [
      path,
      shapes.map((shape) => ({ dtype: 'F32', shape, load: () => Promise.resolve(new Float32Array(0)) }))
    ])
  )
  return lowerModel(parseModelText(text, refuse), variables, { isKeras3: true, isTfjs: false }, refuse)
}

/** A chain of layers behind images of 8 x 8 x 3, or of another shape. */
function chain(layers: Layer[], shape: unknown = [null, 8, 8, 3]): string {
  const input = { class_name: 'InputLayer', name: 'in', config: { batch_shape: shape }, inbound_nodes: [] }
  const all = [input, ...layers].map((layer, index, list) => ({
    config: {},
    inbound_nodes: index ? [[[list[index - 1]!.name, 0, 0, {}]]] : [],
    ...layer
  }))
  return model(all, all.at(-1)!.name)
}

const model = (layers: object[], output: string, className = 'Functional'): string =>
  JSON.stringify({
    class_name: className,
    config: { name: 'm', layers, input_layers: [['in', 0, 0]], output_layers: [[output, 0, 0]] }
  })

const dense = (config: object = {}): Layer => ({ class_name: 'Dense', name: 'd', config: { units: 2, ...config } })
const conv = (config: object = {}): Layer => ({
  class_name: 'Conv2D',
  name: 'c',
  config: { filters: 2, kernel_size: [3, 3], strides: [2, 2], padding: 'same', ...config }
})

describe('a layer that is not known is refused by name and class', () => {
  test.each<[string, Layer, string]>([
    [
      'code',
      { class_name: 'Lambda', name: 'l' },
      'layer "l" of the class "Lambda" holds Python code, which is never run; replace it by layers of Keras'
    ],
    ['an unknown one', { class_name: 'LSTM', name: 'l' }, 'layer "l" of the class "LSTM" is not known here'],
    [
      'one that carries the name of a known one',
      { ...dense(), module: 'keras.layers', registered_name: 'lab>Dense' },
      'layer "d" is of the class "lab>Dense", which is not one of Keras\'s own'
    ],
    [
      'one of another module',
      { ...dense(), module: 'os' },
      'layer "d" is of the class "Dense", which is not one of Keras\'s own'
    ],
    [
      'a name that is none of a class',
      { class_name: '__proto__', name: 'l' },
      'layer "l" of the class "__proto__" is not known here'
    ],
    [
      'channels first',
      conv({ data_format: 'channels_first' }),
      'layer "c" of the class "Conv2D" has its channels first; only models with channels_last are read'
    ],
    [
      'an activation',
      conv({ activation: 'swirl' }),
      'layer "c" of the class "Conv2D" needs the weights kernel, bias, but the file has 0 for it'
    ],
    [
      'a setting',
      conv({ strides: [0, 1] }),
      'layer "c" of the class "Conv2D" has the setting strides "[0,1]", which is not known here'
    ],
    [
      'a huge setting',
      conv({ filters: 1e12 }),
      'layer "c" of the class "Conv2D" has the setting filters "1000000000000", which is not known here'
    ]
  ])('%s', (_, layer, sentence) => {
    expect(() => lowerText(chain([layer]))).toThrow(`m.h5: ${sentence}`)
  })

  test('Keras 3 writes the code into the file; it is not run', async () => {
    const path = join(fixtures, 'with_lambda.keras')
    await expect(openCheckpoint(path)).rejects.toThrow(
      `${path}: layer "doubling" of the class "Lambda" holds Python code, which is never run; replace it by layers of Keras.`
    )
  })
})

describe('what does not fit together is refused in one sentence', () => {
  const kernel = [3, 3, 3, 2]
  test.each<[string, string, Record<string, number[][]>, string]>([
    [
      'a size that matters and is left open',
      chain([conv()], [null, null, null, 3]),
      {},
      'layer "c" of the class "Conv2D" pads its images by their size ("same" with a stride), which the model leaves open; save it with a fixed input size'
    ],
    [
      'no input shape',
      chain([conv()], 7),
      {},
      "its model does not say what its input's shape is; save it with an input shape"
    ],
    [
      'rows of numbers',
      chain([dense()], [null, 10]),
      {},
      'its model takes values of the shape [?, 10]; images [?, height, width, channels] are opened'
    ],
    [
      'an endless number of channels',
      chain([{ class_name: 'Normalization', name: 'n', config: { mean: 1, variance: 1 } }], [null, 1, 1, 2 ** 31]),
      {},
      'layer "n" of the class "Normalization" normalises 2147483648 channels; at most 1048576 are known here'
    ],
    [
      'a wide image',
      chain([conv()], [null, 8, 9, 3]),
      {},
      'its model takes images of 8 x 9 pixels; square ones are opened'
    ],
    [
      'weights of another shape',
      chain([conv()]),
      { c: [[3, 3, 4, 2], [2]] },
      'layer "c" of the class "Conv2D" needs its kernel in the shape [3, 3, 3, 2], but the file has [3, 3, 4, 2]'
    ],
    [
      'an unknown activation',
      chain([conv({ activation: { class_name: 'function', config: 'swirl' } })]),
      { c: [kernel, [2]] },
      'layer "c" of the class "Conv2D" has the activation "swirl", which is not known here'
    ],
    [
      'a layer that waits for itself',
      chain([{ ...conv(), inbound_nodes: [[['c', 0, 0, {}]]] }]),
      {},
      'layer "c" of its model waits for what it makes itself'
    ],
    [
      'a circle',
      chain([
        {
          class_name: 'Add',
          name: 'a',
          inbound_nodes: [
            [
              ['in', 0, 0, {}],
              ['b', 0, 0, {}]
            ]
          ]
        },
        { class_name: 'ReLU', name: 'b' }
      ]),
      {},
      'layer "a" of its model waits for what it makes itself'
    ],
    ['the same name twice', chain([conv(), conv()]), {}, 'two layers of its model are called "c"'],
    [
      'a layer that is missing',
      chain([{ class_name: 'ReLU', name: 'r', inbound_nodes: [[['x', 0, 0, {}]]] }]),
      {},
      'its model takes a value of "x", which it has no such layer or call for'
    ],
    [
      'a value that is missing',
      chain([{ class_name: 'ReLU', name: 'r', inbound_nodes: [[['in', 0, 3, {}]]] }]),
      {},
      'its model takes value 4 of layer "in", which gives fewer'
    ],
    [
      'a class of models',
      model([], 'x', 'Subclassed'),
      {},
      'it is a model of the class "Subclassed", whose computation lies in program code; save it as a Functional or Sequential model'
    ],
    ['no JSON', '{"class_name": ', {}, "its model's configuration is no JSON, or is cut off"],
    ['a list', '[]', {}, "its model's configuration is not an object"],
    ['brackets', '['.repeat(100_000), {}, "its model's configuration is nested more than 64 levels deep"],
    [
      'many lists',
      `[${'[],'.repeat(1_000_001)}[]]`,
      {},
      "its model's configuration holds more than 1000000 lists and objects"
    ]
  ])('%s', (_, text, weights, sentence) => {
    expect(() => lowerText(text, weights)).toThrow(new UserError(`m.h5: ${sentence}.`))
  })

  test('models within models that call each other do not fill the memory', () => {
    let inner: object = JSON.parse(chain([{ class_name: 'Dropout', name: 'a' }])) as object
    for (let depth = 0; depth < 12; depth++) {
      const calls = Array.from({ length: 8 }, (_, call) => [[call ? 'n' : 'in', call ? call - 1 : 0, 0, {}]])
      const nested = { ...inner, name: 'n', inbound_nodes: calls }
      const out = { class_name: 'ReLU', name: 'r', config: {}, inbound_nodes: [[['n', 7, 0, {}]]] }
      const input = {
        class_name: 'InputLayer',
        name: 'in',
        config: { batch_shape: [null, 8, 8, 3] },
        inbound_nodes: []
      }
      inner = JSON.parse(model([input, nested, out], 'r')) as object
    }
    expect(() => lowerText(JSON.stringify(inner))).toThrow('m.h5: its model calls layers more than 20000 times.')
  })
})

test('a model within a model is put in order once, however often it is called', () => {
  const inputOf = (name: string) => ({
    ...{ class_name: 'InputLayer', name, inbound_nodes: [] },
    config: { batch_shape: [null, 8, 8, 1] }
  })
  const readsFor = (calls: number) => {
    const inner = [
      inputOf('i'),
      ...Array.from({ length: 500 }, (_, index) => ({
        ...{ class_name: 'ReLU', name: `l${index}`, config: {} },
        inbound_nodes: [[['i', 0, 0, {}]]]
      }))
    ]
    const nested = {
      ...{ class_name: 'Functional', name: 'm' },
      config: { name: 'm', layers: inner, input_layers: [['i', 0, 0]], output_layers: [['l0', 0, 0]] },
      inbound_nodes: Array.from({ length: calls }, (_, call) => [call ? ['m', call - 1, 0, {}] : ['in', 0, 0, {}]])
    }
    const text = JSON.stringify({
      class_name: 'Functional',
      config: {
        ...{ name: 'o', layers: [inputOf('in'), nested] },
        ...{ input_layers: [['in', 0, 0]], output_layers: [['m', calls - 1, 0]] }
      }
    })
    const parsed = parseModelText(text, refuse)
    const within = parsed.layers.find(({ name }) => name === 'm')!.model!
    const { layers } = within
    let reads = 0
    Object.defineProperty(within, 'layers', { get: () => (reads++, layers) })
    const { body } = lowerModel(parsed, new Map(), { isKeras3: true, isTfjs: false }, refuse)
    expect(body.nodes).toHaveLength(calls)
    return reads
  }
  expect(readsFor(2)).toBe(1)
  expect(readsFor(300)).toBe(1)
})
