import { splitName, type Shapes } from './shapes.ts'

/** How a public implementation names its layers: what is replaced to give the names that our networks have. */
type Convention = [pattern: RegExp, replacement: string | ((...parts: string[]) => string)][]

/** Places in an nn.Sequential of convolutions, BatchNorms and ReLUs, as names. */
const inSequence: Readonly<Record<string, string>> = {
  0: 'conv1',
  1: 'bn1',
  3: 'conv2',
  4: 'bn2',
  6: 'conv3',
  7: 'bn3'
}

/** Where MobileNet's blocks lie in our stages: after each that halves the image one begins. */
const mobileStarts = [1, 3, 5, 11]
function mobilePlace(index: number): string {
  const stage = mobileStarts.findLastIndex((start) => start <= index)
  return stage < 0 ? `stem.${index + 1}` : `layer${stage + 1}.${index - mobileStarts[stage]!}`
}

const linear: Convention[number] = [/^linear$/, 'fc']

/** In the order in which they are tried. */
const conventions: readonly Convention[] = [
  // Ours, torchvision, luanyunteng, SCAN, the journal version, bearpaw.
  [],
  // kuangliu/pytorch-cifar and akamaster/pytorch_resnet_cifar10.
  [[/\.shortcut(?=\.[01]$)/, '.downsample'], linear],
  // The same, its PreActResNet.
  [[/\.shortcut\.0$/, '.shortcut'], linear],
  // The same, its MobileNet.
  [[/^layers\.(\d{1,2})(?=\.)/, (_, index) => mobilePlace(Number(index))], linear],
  // The same and bearpaw's, VGG.
  [[/^classifier$/, 'fc']],
  // weiaicunzai/pytorch-cifar100.
  [
    [/^conv1\.([01])$/, (_, index) => inSequence[index!]!],
    [/^conv([2-5])_x/, (_, stage) => `layer${Number(stage) - 1}`],
    [/\.residual_function\.([013467])$/, (_, index) => `.${inSequence[index!]}`],
    [/\.shortcut(?=\.[01]$)/, '.downsample']
  ],
  // xternalz/WideResNet-pytorch, and what was made of it.
  [
    [/^bn1$/, 'bn'],
    [/^block(\d)\.layer/, 'layer$1'],
    [/\.convShortcut$/, '.shortcut']
  ],
  // prlz77/ResNeXt.pytorch and bearpaw's ResNeXt.
  [
    [/^conv_1_3x3$/, 'conv1'],
    [/^bn_1$/, 'bn1'],
    [/^stage_(\d)\.stage_\1_bottleneck_/, 'layer$1.'],
    [/\.conv_reduce$/, '.conv1'],
    [/\.bn_reduce$/, '.bn1'],
    [/\.conv_conv$/, '.conv2'],
    [/\.bn$/, '.bn2'],
    [/\.conv_expand$/, '.conv3'],
    [/\.bn_expand$/, '.bn3'],
    [/\.shortcut\.shortcut_conv$/, '.downsample.0'],
    [/\.shortcut\.shortcut_bn$/, '.downsample.1'],
    [/^classifier$/, 'fc']
  ]
]

/** Tensors by the names that our networks would give them, and the way back. */
export type Reading = { tensors: Shapes; /** The file's name of a layer. */ nameOf(layer: string): string }

/** A file's tensors as each convention that says something of them reads them, the file's own names first. */
export function* readingsOf(tensors: Shapes): Generator<Reading> {
  const prefix = commonPrefix([...tensors.keys()])
  for (const convention of conventions) {
    const names = new Map<string, string>()
    const read = new Map<string, { shape: number[] }>()
    let isChanged = false
    for (const [name, tensor] of tensors) {
      const [layer, last] = splitName(name.slice(prefix.length))
      const ours = convention.reduce((at, [pattern, to]) => at.replace(pattern, to as string), layer)
      isChanged ||= ours !== layer
      names.set(ours, `${prefix}${layer}`)
      read.set(ours === '' ? last : `${ours}.${last}`, tensor)
    }
    // Where two got one name, the convention is not theirs.
    if ((isChanged || !convention.length) && read.size === tensors.size)
      yield { tensors: read, nameOf: (layer) => names.get(layer) ?? `${prefix}${layer}` }
  }
}

/** The parts that all names begin with, for instance `backbone.`; a tensor's own name is left. */
function commonPrefix(names: string[]): string {
  const [first, ...others] = names.map((name) => name.split('.').slice(0, -1))
  let count = others.length ? first!.length : 0
  for (const parts of others) while (!first!.slice(0, count).every((part, index) => part === parts[index])) count -= 1
  return first && count ? `${first.slice(0, count).join('.')}.` : ''
}
