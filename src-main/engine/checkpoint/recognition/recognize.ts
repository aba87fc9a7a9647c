import type { Network } from '../../model/layer.ts'
import { tensorSpecs } from '../../model/tensor-specs.ts'
import { recognizeResnet } from './recognize-resnet.ts'

/** What is known of tensors before their values are read: their shapes, by name. */
export type Shapes = ReadonlyMap<string, { shape: number[] }>

/** A network, its layers named as the tensors are; or why there is none, the end of a sentence that begins with the file. */
export type Recognized = { network: Network; misfit: null } | { network: null; misfit: string }

/**
 * The network that a list of tensors belongs to, read off names and shapes. `told` is what the file says of it itself; null
 * where it says nothing.
 */
export function recognize(tensors: Shapes, told: Network | null): Recognized {
  const nearest = told ?? recognizeResnet(tensors)
  if (!nearest) {
    const names = [...tensors.keys()].slice(0, 3).map((name) => `"${name}"`)
    return {
      network: null,
      misfit: `is not a network known here: its tensors are ${names.join(', ')} and so on.`
    }
  }
  const misfit = explainMisfit(nearest, tensors)
  return misfit === null ? { network: nearest, misfit } : { network: null, misfit }
}

/** The public code makes these and never uses them. */
const isUnused = (name: string): boolean => /^downsample[1-3]_1\./.test(name)

/** Why tensors are not exactly those of a network, the end of a sentence; null where they are. */
function explainMisfit(network: Network, tensors: Shapes): string | null {
  const specs = new Map(tensorSpecs(network).map((spec) => [spec.name, spec]))
  for (const { name, shape, role } of specs.values()) {
    const found = tensors.get(name)
    if (role === 'counter') continue
    if (!found) return `has no tensor "${name}", which its network needs.`
    if (String(found.shape) !== String(shape))
      return `has the tensor "${name}" of shape [${found.shape.join(', ')}], but its network needs [${shape.join(', ')}].`
  }
  const unexpected = [...tensors.keys()].find((name) => !specs.has(name) && !isUnused(name))
  return unexpected === undefined ? null : `has the tensor "${unexpected}", which no network known here has.`
}
