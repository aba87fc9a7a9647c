import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { buildNetwork } from '../../src-main/engine/model/build-network.ts'
import { initialWeights } from '../../src-main/engine/model/initialize.ts'
import { tensorSpecs } from '../../src-main/engine/model/tensor-specs.ts'
import { UserError } from '../../src-shared/errors.ts'
import { customNetwork, findNetwork, ownWidth } from '../../src-shared/networks/find-network.ts'
import { readNetworkFile } from '../../src-shared/networks/read-network-file.ts'

const conv = '{ "block": "convolution", "channels": 8 }'
/** A network whose first line is `{`, the second its name; what is given begins on the third. */
const file = (rest: string): string => `{\n"name": "x",\n${rest}\n}`
/** One block, on line 4. */
const block = (text: string): string => file(`"stages": [[\n${text}]]`)
/** Two stages on line 3, exits from line 4 on. */
const exits = (text: string, second = conv): string => file(`"stages": [[${conv}], [${second}]],\n"exits": [\n${text}]`)

const known =
  'take convolution, basic, bottleneck, preactivation, pyramid, separable, fire, max-pool, average-pool or normalization'

const errors: [what: string, text: string, line: number, message: string][] = [
  ['an empty file', '', 1, 'this is not JSON, there is nothing'],
  ['no JSON', "{\n'name': 1}", 2, 'this is not JSON, invalid symbol'],
  ['a missing comma', '{\n"name": "x"\n"stages": []\n}', 3, 'this is not JSON, comma expected'],
  ['a comma too many', file(`"stages": [[${conv},]]`), 3, 'this is not JSON, value expected'],
  ['an open list', file('"stages": [[').slice(0, -1), 4, 'this is not JSON, close bracket expected'],
  ['something behind the end', `${block(conv)}\n{}`, 6, 'this is not JSON, end of file expected'],
  ['a list', '[]', 1, 'this must be an object in braces, not a list'],
  ['an unknown key', file(`"colour": 1, "stages": [[${conv}]]`), 3, '"colour" is not known here'],
  [
    'an unknown key of a block',
    block('{ "block": "basic",\n"channels": 8,\n"kernel": 3 }'),
    6,
    'stage 1, block 1: "kernel" is not known here'
  ],
  [
    '__proto__ as key',
    file(`"__proto__": { "stages": [] },\n"stages": [[${conv}]]`),
    3,
    '"__proto__" is not known here'
  ],
  [
    '__proto__ as block',
    block('{ "__proto__": { "block": "basic" }, "channels": 4 }'),
    4,
    `stage 1, block 1: "block" is missing; ${known}`
  ],
  ['a key twice', '{\n"name": "x",\n"name": "y",\n"stages": []\n}', 3, '"name" comes twice'],
  ['no stages', '{ "name": "x" }', 1, '"stages" is missing'],
  ['an empty stage', file('"stages": [\n[]]'), 4, 'stage 1: this list must hold something'],
  [
    'a stage that is no list',
    file(`"stages": [\n${conv}]`),
    4,
    'stage 1: this must be a list in brackets, not an object'
  ],
  ['a block that is none', block('5'), 4, 'stage 1, block 1: this must be an object in braces, not 5'],
  ['no channels', block('{ "block": "basic" }'), 4, 'stage 1, block 1: "channels" is missing'],
  [
    'a misspelt block',
    block('{ "block": "convolutoin", "channels": 8 }'),
    4,
    `stage 1, block 1: there is no block "convolutoin"; ${known}`
  ],
  [
    'a misspelt head',
    exits('{ "stage": 1, "head": "botleneck" }'),
    5,
    'exit entry 1, head: there is no "botleneck" here; take bottleneck, bottleneck-steps, sepconv, scan or linear'
  ],
  [
    'a number in quotes',
    block('{ "block": "basic", "channels": "8" }'),
    4,
    'stage 1, block 1, channels: this must be a number, not "8"'
  ],
  [
    'half a channel',
    block('{ "block": "basic", "channels": 8.5 }'),
    4,
    'stage 1, block 1, channels: this must be a whole number, not 8.5'
  ],
  [
    'no channel',
    block('{ "block": "basic", "channels": 0 }'),
    4,
    'stage 1, block 1, channels: this must be 1 at least'
  ],
  [
    'too many channels',
    block('{ "block": "basic", "channels": 1e9 }'),
    4,
    'stage 1, block 1, channels: this must be 8192 at most'
  ],
  [
    'a name with a blank',
    block('{ "block": "basic", "channels": 8, "name": "a b" }'),
    4,
    'stage 1, block 1, name: a name has letters, digits and _, parted by dots'
  ],
  [
    'a name twice',
    block('{ "block": "basic", "channels": 8, "name": "a" },\n{ "block": "basic", "channels": 8, "name": "a" }'),
    5,
    'stage 1, block 2, name: another block is called a too'
  ],
  [
    'a name within another',
    block('{ "block": "basic", "channels": 8, "name": "a" },\n{ "block": "basic", "channels": 8, "name": "a.conv1" }'),
    5,
    'stage 1, block 2, name: a.conv1 and the block a lie in one another'
  ],
  [
    'groups that do not divide',
    block(`${conv},\n{ "block": "convolution", "channels": 8, "groups": 3 }`),
    5,
    'stage 1, block 2, groups: 3 groups do not divide 8 channels'
  ],
  [
    'groups that do not divide what comes in',
    block(`${conv},\n{ "block": "convolution", "channels": 9, "groups": 3 }`),
    5,
    'stage 1, block 2, groups: 3 groups do not divide the 8 channels that come in'
  ],
  [
    'groups of the image',
    block('{ "block": "convolution", "channels": 9, "groups": 3 }'),
    4,
    'stage 1, block 1, groups: the first convolution can have no groups'
  ],
  [
    'groups within a bottleneck',
    block('{ "block": "bottleneck", "channels": 8, "inner": 4, "groups": 3 }'),
    4,
    'stage 1, block 1, groups: 3 groups do not divide the 4 inner channels'
  ],
  [
    'an even kernel',
    block('{ "block": "convolution", "channels": 8, "kernel": 4 }'),
    4,
    'stage 1, block 1, kernel: an even kernel needs its padding said'
  ],
  [
    'a pool that pads too much',
    block('{ "block": "max-pool", "kernel": 3, "padding": 2 }'),
    4,
    'stage 1, block 1, padding: padding may be half of the kernel at most'
  ],
  [
    'a pyramid that narrows',
    block(`${conv},\n{ "block": "pyramid", "channels": 4 }`),
    5,
    "stage 1, block 2, channels: a pyramid block can't have fewer channels than the 8 that come in"
  ],
  ['an exit on no stage', exits('{ "stage": 3 }'), 5, 'exit entry 1, stage: there is no stage 3, there are 2'],
  ['an exit twice', exits('{ "stage": 1 },\n{ "stage": 1 }'), 6, 'exit entry 2, stage: stage 1 has an exit already'],
  [
    'a head that cannot fit',
    exits('{ "stage": 1, "head": "sepconv" }', '{ "block": "max-pool", "kernel": 3 }'),
    5,
    "exit entry 1: the head sepconv can't bring features of 32 x 32 pixels to the deepest 10 x 10"
  ],
  [
    'a head that halves where a third is needed',
    file(
      '"stages": [[{ "block": "convolution", "channels": 8, "padding": 0 }], [{ "block": "average-pool", "kernel": 3 }]],\n"exits": [{ "stage": 1, "head": "sepconv" }]'
    ),
    4,
    'exit entry 1: the head sepconv halves features, but 30 pixels are 3 times the deepest 10'
  ],
  [
    'nothing left of the images',
    file(`"stages": [[{ "block": "average-pool", "kernel": 15 }],\n[{ "block": "average-pool", "kernel": 3 }]]`),
    4,
    'stage 2, block 1: nothing is left of images of 2 x 2 pixels here'
  ],
  [
    'nothing left of the images after so many times',
    block('{ "block": "convolution", "channels": 8, "padding": 0, "repeat": 16 }'),
    4,
    'stage 1, block 1: nothing is left of images of 32 x 32 pixels here'
  ],
  ['20,000 lists in one another', '['.repeat(20_000), 1, 'this is nested too deeply for the description of a network']
]

describe('a network file that is wrong says where and what:', () => {
  test.each(errors)('%s', (_, text, line, message) => {
    const read = () => readNetworkFile(text, 'net.json')
    expect(read).toThrow(UserError)
    expect(read).toThrow(`net.json, line ${line}: ${message}`)
    // One sentence, without the words of a library.
    expect(read).toThrow(/^[^\n]*\.$/)
    expect(read).not.toThrow(/undefined|Expected|invalid_/)
  })

  test('too long', () =>
    expect(() => readNetworkFile(' '.repeat(1_000_001), 'net.json')).toThrow(
      'net.json is too long for the description of a network.'
    ))

  test('more blocks than a network may have', () => {
    const block = { block: 'basic', channels: 4, repeat: 200 }
    const text = JSON.stringify({ name: 'x', stages: [[block, block], [block]] })
    expect(() => readNetworkFile(text, 'net.json')).toThrow(
      'net.json, line 1: 600 blocks are more than the 500 that a network may have.'
    )
  })

  test('lines end as on Windows', () =>
    expect(() => readNetworkFile(file('"oops": 1').replaceAll('\n', '\r\n'), 'net.json')).toThrow('line 3: "oops"'))
})

describe('a network file that is right', () => {
  test('may have comments, and a mark before the text', () => {
    const text = `\uFEFF// First.\n${block(`/* "block": [[[ */ ${conv} // Last.\n`)}`
    expect(readNetworkFile(text, 'net.json')).toEqual({
      name: 'x',
      stages: [[{ block: 'convolution', channels: 8 }]]
    })
  })

  test('the example builds, with its exits, at its own width and others', () => {
    const text = readFileSync(new URL('../../resources/networks/example.json', import.meta.url), 'utf8')
    const spec = readNetworkFile(text, 'example.json')
    for (const width of [ownWidth(spec), 8, 40]) {
      const member = findNetwork({ name: customNetwork, width, spec })
      const network = buildNetwork({ member, width, classes: 10, inputChannels: 1, exits: 'all' })
      expect(network).toMatchObject({ title: 'Lesson', heads: 'mixed' })
      expect(network.exits.map(({ exit, classifier }) => [exit, classifier.name])).toEqual([
        [1, 'fc1'],
        [2, 'middle_fc2'],
        [3, 'middle_fc3'],
        [4, 'fc4']
      ])
      expect(initialWeights(network, 0).size).toBe(tensorSpecs(network).length)
    }
  })

  test('has names of its own, else its network is not built', () => {
    const spec = readNetworkFile(
      block('{ "block": "convolution", "channels": 4, "name": "fc", "bias": true }'),
      'net.json'
    )
    const member = findNetwork({ name: customNetwork, width: 4, spec })
    expect(() => buildNetwork({ member, width: 4, classes: 2, inputChannels: 1, exits: 'all' })).toThrow(
      "x can't be built: two of its tensors are called fc.weight; rename a block."
    )
  })
})
