import { channelsAfter, type BlockSpec, type HeadName, type NetworkSpec } from './network-spec.ts'

/** What does not fit in a network, and where. */
export type SpecProblem = {
  path: (string | number)[]
  message: string
  /** The key in what lies at `path`, where the message names it. */
  key?: string
}

/** Side of the images that a network is checked with, pixels. */
export const checkedSize = 32

/** Blocks of a network, each as often as it is repeated. */
const mostBlocks = 500

const repeatOf = (block: BlockSpec): number => ('repeat' in block ? (block.repeat ?? 1) : 1)

/** Side of what a window of `kernel` pixels gives of `size`, PyTorch's form; with `ceil` it may reach over the edge. */
export function windowsOf(
  size: number,
  { kernel, stride, padding, ceil = false }: { kernel: number; stride: number; padding: number; ceil?: boolean }
): number {
  const steps = (size + 2 * padding - kernel) / stride
  if (!ceil) return Math.floor(steps) + 1
  const windows = Math.ceil(steps) + 1
  // A window that would begin beyond the image is none.
  return (windows - 1) * stride >= size + padding ? windows - 1 : windows
}

/** Side of what a block gives of images with `size` pixels, repeated as often as it says. */
export function sizeAfter(block: BlockSpec, size: number): number {
  const repeat = repeatOf(block)
  let at = sizeAfterOne(block, size)
  const next = 'stride' in block ? { ...block, stride: 1 } : block
  for (let index = 1; index < repeat && at > 0; index++) at = sizeAfterOne(next, at)
  return at
}

function sizeAfterOne(block: BlockSpec, size: number): number {
  switch (block.block) {
    case 'convolution': {
      const { kernel = 3, stride = 1, padding = (kernel - 1) / 2 } = block
      return windowsOf(size, { kernel, stride, padding: Math.floor(padding) })
    }
    case 'max-pool': {
      const { kernel = 2, stride = kernel, padding = 0, ceil = false } = block
      return windowsOf(size, { kernel, stride, padding, ceil })
    }
    case 'average-pool':
      return Math.floor(size / (block.kernel ?? 2))
    case 'fire':
    case 'normalization':
      return size
    default:
      return windowsOf(size, { kernel: 3, stride: block.stride ?? 1, padding: 1 })
  }
}

/** The first thing that does not fit in a network of images with `size` pixels; null where all does. */
export function specProblem(spec: NetworkSpec, size = checkedSize): SpecProblem | null {
  // How many channels images have is not known here: null.
  let at: { size: number; channels: number | null } = { size, channels: null }
  const follow = (blocks: readonly BlockSpec[], path: (string | number)[]): SpecProblem | null => {
    for (const [index, block] of blocks.entries()) {
      const found = blockProblem(block, at.channels)
      if (found) return { path: [...path, index, found[0]], message: found[1] }
      const after = sizeAfter(block, at.size)
      if (after < 1)
        return { path: [...path, index], message: `nothing is left of images of ${at.size} x ${at.size} pixels here` }
      // No block gives 0 channels: what gives none of its own leaves them unknown.
      at = { size: after, channels: channelsAfter([block], at.channels ?? 0) || null }
    }
    return null
  }
  const count = [...(spec.stem ?? []), ...spec.stages.flat()].reduce((sum, block) => sum + repeatOf(block), 0)
  if (count > mostBlocks)
    return { path: ['stages'], message: `${count} blocks are more than the ${mostBlocks} that a network may have` }
  const sameName = repeatedName(spec)
  if (sameName) return sameName
  const inStem = follow(spec.stem ?? [], ['stem'])
  if (inStem) return inStem
  const sizes: number[] = []
  for (const [index, blocks] of spec.stages.entries()) {
    const found = follow(blocks, ['stages', index])
    if (found) return found
    sizes.push(at.size)
  }
  return exitProblem(spec, sizes)
}

/** A name that two blocks share, or that lies inside another block's: their tensors could have one name. */
function repeatedName({ stem = [], stages }: NetworkSpec): SpecProblem | null {
  const lists = [{ blocks: stem, path: ['stem'] as (string | number)[] }]
  for (const [index, blocks] of stages.entries()) lists.push({ blocks, path: ['stages', index] })
  const given: string[] = []
  for (const { blocks, path } of lists) {
    for (const [index, block] of blocks.entries()) {
      for (const key of ['name', 'normName'] as const) {
        const name = key in block ? (block as { name?: string; normName?: string })[key] : undefined
        if (name === undefined) continue
        const other = given.find((one) => `${one}.`.startsWith(`${name}.`) || `${name}.`.startsWith(`${one}.`))
        if (other === name) return { path: [...path, index, key], message: `another block is called ${name} too` }
        if (other) return { path: [...path, index, key], message: `${name} and the block ${other} lie in one another` }
        given.push(name)
      }
    }
  }
  return null
}

/** Channels that a block may have, after scaling, too. */
const mostChannels = 8192

function blockProblem(block: BlockSpec, before: number | null): [key: string, message: string] | null {
  const most = Math.max(channelsAfter([block], 0), 'inner' in block ? (block.inner ?? 0) : 0)
  if (most > mostChannels) return ['channels', `${most} channels are more than ${mostChannels}`]
  if (block.block === 'max-pool' && (block.padding ?? 0) > (block.kernel ?? 2) / 2)
    return ['padding', 'padding may be half of the kernel at most']
  if (block.block === 'convolution') {
    const groups = block.groups ?? 1
    if (block.padding === undefined && (block.kernel ?? 3) % 2 === 0)
      return ['kernel', 'an even kernel needs its padding said']
    if (groups > 1 && before === null) return ['groups', 'the first convolution can have no groups']
    if (block.channels % groups !== 0) return ['groups', `${groups} groups do not divide ${block.channels} channels`]
    if (before !== null && before % groups !== 0)
      return ['groups', `${groups} groups do not divide the ${before} channels that come in`]
  }
  if (block.block === 'bottleneck' && block.inner % (block.groups ?? 1) !== 0)
    return ['groups', `${block.groups} groups do not divide the ${block.inner} inner channels`]
  if (block.block === 'pyramid' && before !== null && block.channels < before)
    return ['channels', `a pyramid block can't have fewer channels than the ${before} that come in`]
  return null
}

function exitProblem({ exits, stages }: NetworkSpec, sizes: readonly number[]): SpecProblem | null {
  const seen = new Set<number>()
  for (const [index, { stage, head = 'bottleneck' }] of (exits ?? []).entries()) {
    if (stage > stages.length)
      return { path: ['exits', index, 'stage'], message: `there is no stage ${stage}, there are ${stages.length}` }
    if (seen.has(stage)) return { path: ['exits', index, 'stage'], message: `stage ${stage} has an exit already` }
    seen.add(stage)
    const message = headProblem(head, sizes[stage - 1]!, sizes.at(-1)!)
    if (message && stage < stages.length) return { path: ['exits', index], message }
  }
  return null
}

const isPowerOfTwo = (value: number): boolean => Number.isInteger(Math.log2(value))

/** Why a head can't bring features of `size` pixels to the deepest ones' `target`; null where it can. */
export function headProblem(head: HeadName, size: number, target: number): string | null {
  const ratio = size / target
  if (head === 'linear' || Number.isInteger(ratio)) {
    if (head === 'linear' || head === 'bottleneck' || head === 'scan' || isPowerOfTwo(ratio)) return null
    return `the head ${head} halves features, but ${size} pixels are ${ratio} times the deepest ${target}`
  }
  return `the head ${head} can't bring features of ${size} x ${size} pixels to the deepest ${target} x ${target}`
}
