import Pbf from 'pbf'
import type { CheckpointFormat, Contents } from '../format.ts'
import type { OpenFile } from '../open-file.ts'
import { FileWalker } from './file-walker.ts'
import { readModel } from './model-proto.ts'
import { readGraph } from './read-graph.ts'

/** ONNX: a protobuf that holds a network's computation and its weights, or says in which files beside it they lie. */
export const onnxFormat: CheckpointFormat = { name: 'onnx', match, read }

/** How the fields of a ModelProto are written: 0 are numbers, 2 have a length. */
const wires = new Map([
  [1, 0],
  [2, 2],
  [3, 2],
  [4, 2],
  [5, 0],
  [6, 2],
  [7, 2],
  [8, 2],
  [14, 2],
  [20, 2],
  [25, 2],
  [26, 2]
])
const graphField = 7
/** A tag, and a number or length. */
const longestHead = 20
const mostFieldsBefore = 1000

/** Protobuf begins with nothing of its own: all fields before the graph must be a model's. The graph may be cut off. */
async function match(file: OpenFile): Promise<boolean> {
  const first = file.start[0] ?? 0
  if (wires.get(first >> 3) !== (first & 7)) return false
  let [at, hasVersion] = [0, false]
  for (let count = 0; count < mostFieldsBefore && at < file.size; count++) {
    const pbf = new Pbf(await file.read(at, Math.min(longestHead, file.size - at)))
    const tag = readVarint(pbf)
    const [id, wire] = [Math.floor(tag / 8), tag % 8]
    if (wires.get(id) !== wire) return false
    if (id === graphField && hasVersion) return true
    const value = readVarint(pbf)
    if (id === graphField) return at + pbf.pos + value <= file.size
    hasVersion ||= id === 1
    at += pbf.pos + (wire === 2 ? value : 0)
  }
  return false
}

/** NaN for a number without end. */
function readVarint(pbf: Pbf): number {
  try {
    return pbf.readVarint()
  } catch {
    return NaN
  }
}

async function read(file: OpenFile): Promise<Contents> {
  const walker = new FileWalker(file)
  const model = await readModel(walker)
  const notes = new Map(model.metadata)
  if (model.producer) notes.set('producer', model.producer)
  return { ...(await readGraph(walker, model)), notes }
}
