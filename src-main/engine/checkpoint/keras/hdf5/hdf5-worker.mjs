// A program of its own, built to out/hdf5-worker.js: reads an HDF5 file on a thread that may be ended. JavaScript, for where
// the sources themselves run, Node 20 has no thread for TypeScript; its types are in hdf5-task.ts.
import { parentPort, workerData } from 'node:worker_threads'

/** @typedef {import('./hdf5-task.ts').Hdf5Task} Hdf5Task */
/** @typedef {import('./hdf5-task.ts').Hdf5Outline} Hdf5Outline */

const { bytes, want, limits } = workerData

/** The end of a sentence for the user. */
class Refusal extends Error {}

// The library's own limit is 2 GiB, whatever the file.
const { grow } = WebAssembly.Memory.prototype
WebAssembly.Memory.prototype.grow = function (pages) {
  if (this.buffer.byteLength + pages * 65_536 > limits.libraryBytes)
    throw new RangeError('the file is too small for this')
  return grow.call(this, pages)
}
// What the library prints of a damaged file is for nobody.
for (const name of ['log', 'info', 'warn', 'error']) console[name] = () => undefined

// The build without a file system of the machine's: it sees nothing but the bytes that it is given.
const { ready } = await import('h5wasm')
const h5 = await ready
/** @returns {Hdf5Outline} */
function outline(file) {
  const texts = []
  const datasets = []
  let seen = 0
  let textLength = 0
  const take = (text) => {
    textLength += text.length
    if (textLength > limits.textLength) throw new Refusal(tooLong)
    return text
  }
  const visit = (path, depth) => {
    for (const name of namesIn(file, path, 'attributes')) {
      if (!limits.attributes.some((wanted) => name.startsWith(wanted))) continue
      texts.push({ path, name, texts: readTexts(file, path || '/', name, take) })
    }
    for (const name of namesIn(file, path, 'children')) {
      if (++seen > limits.objects) throw new Refusal(`holds more than ${limits.objects} groups and data sets`)
      const child = `${path}/${name}`
      // Only what lies in the file itself: links lead to other places, or in circles.
      if (h5.get_symbolic_link(file, child) !== null || 'filename' in h5.get_external_link(file, child)) continue
      const type = h5.get_type(file, child)
      if (type === h5.H5G_GROUP) {
        if (depth >= limits.depth) throw new Refusal(`has groups more than ${limits.depth} levels deep`)
        visit(child, depth + 1)
      } else if (type === h5.H5G_DATASET) {
        const described = describe(file, child)
        if (described) datasets.push(described)
      }
    }
  }
  visit('', 0)
  const total = datasets.reduce((sum, { bytes }) => sum + bytes, 0)
  if (!(total <= limits.valueBytes))
    // Packed values, or none at all: shapes alone are no reason to take memory.
    throw new Refusal(`describes ${total} bytes of values, but is only ${bytes.length} bytes long`)
  const isSmall = total <= limits.eagerBytes
  const paths = datasets.map(({ path }) => path)
  return { texts, datasets, values: isSmall ? values(file, paths) : null }
}

const tooLong = 'holds longer texts than any model has'

function namesIn(file, path, what) {
  return what === 'children' ? h5.get_names(file, path || '/', false) : h5.get_attribute_names(file, path || '/')
}

/** An attribute of texts; `take` hears of each as it is read, for many may be the same place of the file. */
function readTexts(file, path, name, take) {
  const { type, size, total_size: count, shape, vlen, cset } = h5.get_attribute_metadata(file, path, name)
  // 3 is the class of texts.
  if (shape === null || count === 0 || type !== 3) return []
  if (!(count <= limits.objects && size * count <= limits.textLength)) throw new Refusal(tooLong)
  const pointer = allocate(size * count)
  h5.get_attribute_data(file, path, name, BigInt(pointer))
  const decoder = new TextDecoder(cset === 1 ? 'utf-8' : 'latin1')
  return Array.from({ length: count }, (_, index) => {
    if (vlen) {
      const at = new DataView(h5.HEAPU8.buffer).getUint32(pointer + 4 * index, true)
      return at === 0 ? '' : take(h5.UTF8ToString(at))
    }
    const text = h5.HEAPU8.slice(pointer + size * index, pointer + size * (index + 1))
    const end = text.indexOf(0)
    return take(decoder.decode(end < 0 ? text : text.subarray(0, end)))
  })
}

const integers = { 1: 'I8', 2: 'I16', 4: 'I32', 8: 'I64' }
const bytesOnly = { 1: 'U8' }
const floats = { 2: 'F16', 4: 'F32', 8: 'F64' }

/** A data set of numbers; null for any other, and for one whose numbers lie elsewhere. */
function describe(file, path) {
  const { type, size, signed, shape, virtual_sources: virtual } = h5.get_dataset_metadata(file, path)
  const dtype = (type === 0 ? (signed ? integers : bytesOnly) : type === 1 ? floats : {})[size]
  if (!dtype || shape === null || virtual) return null
  return { path, dtype, shape, bytes: shape.reduce((product, length) => product * length, size) }
}

function values(file, paths) {
  return paths.map((path) => {
    const described = describe(file, path)
    if (!described || !(described.bytes <= limits.valueBytes)) throw new Refusal('was changed while it was read')
    const { bytes } = described
    if (bytes === 0) return new ArrayBuffer(0)
    const pointer = allocate(bytes)
    if (h5.get_dataset_data(file, path, null, null, null, BigInt(pointer)) < 0)
      throw new Error(`${path} can not be read`)
    const read = h5.HEAPU8.slice(pointer, pointer + bytes).buffer
    h5._free(pointer)
    return read
  })
}

function allocate(bytes) {
  const pointer = h5._malloc(bytes)
  if (pointer === 0) throw new Refusal('needs more memory than a file of its size may')
  return pointer >>> 0
}

parentPort.postMessage({ kind: 'ready' })
try {
  h5.FS.createDataFile('/', 'file', bytes, true, false, true)
  h5.activate_throwing_error_handler()
  const file = h5.open('/file', h5.H5F_ACC_RDONLY, false, -1, -1)
  if (Number(file) < 0) throw new Error('it can not be opened')
  const result = want === 'outline' ? outline(file) : values(file, want)
  parentPort.postMessage({ kind: 'done', result }, want === 'outline' ? (result.values ?? []) : result)
} catch (error) {
  const isRefused = error instanceof Refusal
  parentPort.postMessage({ kind: 'failed', sentence: isRefused ? error.message : null, detail: String(error) })
}
