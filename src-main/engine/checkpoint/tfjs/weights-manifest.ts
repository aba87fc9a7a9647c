import { quote } from '../../pickle/values.ts'
import { countOf, listOf, objectOf, textOf, type Json, type JsonObject } from '../keras/json.ts'
import type { Refuse } from '../keras/refuse.ts'

/** Numbers kept in fewer bits: value = scale number + min, or half precision. */
export type Quantization = { kind: 'uint8' | 'uint16'; scale: number; min: number } | { kind: 'float16' }

/** A weight, and where its bytes begin among those of its group. */
export type ManifestWeight = {
  name: string
  shape: number[]
  dtype: 'float32' | 'int32' | 'uint8' | 'bool'
  quantization: Quantization | null
  start: number
  bytes: number
}

/** Files whose bytes, one behind the other, are weights. */
export type WeightGroup = { paths: string[]; weights: ManifestWeight[]; bytes: number }

const mostWeights = 100_000
const mostShards = 10_000
const sizes = { float32: 4, int32: 4, uint8: 1, bool: 1, uint16: 2, float16: 2 } as const

/** `weightsManifest` of a model.json. Throws by `refuse`. */
export function readManifest(value: Json | undefined, refuse: Refuse): WeightGroup[] {
  const names = new Set<string>()
  let shards = 0
  return (listOf(value) ?? []).map((item) => {
    const group = objectOf(item)
    const paths = listOf(group?.get('paths'))?.map(textOf)
    const described = listOf(group?.get('weights'))
    if (!paths || !described) throw refuse('its list of weights is not understood')
    shards += paths.length
    if (shards > mostShards) throw refuse(`it names more than ${mostShards} files of weights`)
    let start = 0
    const weights = described.map((entry) => {
      const weight = readWeight(objectOf(entry), start, refuse)
      if (names.has(weight.name)) throw refuse(`it names the weight ${quote(weight.name)} twice`)
      names.add(weight.name)
      if (names.size > mostWeights) throw refuse(`it names more than ${mostWeights} weights`)
      start += weight.bytes
      return weight
    })
    return { paths: paths.map((path) => requireConfined(path, refuse)), weights, bytes: start }
  })
}

function readWeight(entry: JsonObject | null, start: number, refuse: Refuse): ManifestWeight {
  const name = textOf(entry?.get('name'))
  if (!entry || name === null) throw refuse('one of its weights has no name')
  const shape = listOf(entry.get('shape'))?.map(countOf) ?? [null]
  if (shape.some((length) => length === null) || shape.length > 8)
    throw refuse(`its weight ${quote(name)} has no shape`)
  const dtype = textOf(entry.get('dtype')) ?? ''
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'uint8' && dtype !== 'bool')
    throw refuse(`its weight ${quote(name)} is of the type ${quote(dtype)}, which is not read`)
  const quantization = readQuantization(entry.get('quantization'), name, refuse)
  const each = sizes[quantization?.kind ?? dtype]
  const bytes = (shape as number[]).reduce((product, length) => product * length, each)
  if (!Number.isSafeInteger(start + bytes)) throw refuse(`its weight ${quote(name)} is larger than any file`)
  return { name, shape: shape as number[], dtype, quantization, start, bytes }
}

function readQuantization(value: Json | undefined, name: string, refuse: Refuse): Quantization | null {
  if (value === undefined || value === null) return null
  const described = objectOf(value)
  const kind = described?.get('dtype')
  if (kind === 'float16') return { kind }
  const [scale, min] = [described?.get('scale'), described?.get('min')]
  if ((kind === 'uint8' || kind === 'uint16') && typeof scale === 'number' && typeof min === 'number')
    return { kind, scale, min }
  throw refuse(`its weight ${quote(name)} is packed in a way that is not known here`)
}

/** Files lie in the folder of model.json, or in folders within it; nothing else is ever opened. */
function requireConfined(path: string | null, refuse: Refuse): string {
  const isInside =
    path !== null &&
    path.length <= 1000 &&
    !/[\\:\0]/.test(path) &&
    path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  if (!isInside) throw refuse(`it names the file ${quote(path ?? '')}, which does not lie in its folder`)
  return path
}
