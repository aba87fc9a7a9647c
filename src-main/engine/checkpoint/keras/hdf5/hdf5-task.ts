/** What the thread that reads an HDF5 file is started with. */
export type Hdf5Task = {
  bytes: Uint8Array<ArrayBuffer>
  /** What is there, or the values of these data sets. */
  want: 'outline' | string[]
  limits: {
    /** Memory of the library. */
    libraryBytes: number
    /** Of all values. */
    valueBytes: number
    /** Of all values that come with the outline. */
    eagerBytes: number
    /** Characters of all texts. */
    textLength: number
    /** Groups and data sets. */
    objects: number
    /** Groups within groups. */
    depth: number
    /** Beginnings of the names of attributes that are read. */
    attributes: string[]
  }
}

/** A data set of numbers; `dtype` as safetensors names it. */
export type Hdf5Dataset = {
  path: string
  dtype: 'F64' | 'F32' | 'F16' | 'I64' | 'I32' | 'I16' | 'I8' | 'U8'
  shape: number[]
  bytes: number
}

/** What a file holds; paths begin with `/`, that of the file itself is empty. */
export type Hdf5Outline = {
  texts: { path: string; name: string; texts: string[] }[]
  datasets: Hdf5Dataset[]
  /** Those of all data sets where they are few enough to be read at once, as bytes, little-endian. */
  values: ArrayBuffer[] | null
}

/** What the thread says: that the library is there, then the outline or the values' bytes, or why there are none. */
export type Hdf5Reply =
  | { kind: 'ready' }
  | { kind: 'done'; result: Hdf5Outline | ArrayBuffer[] }
  /** `sentence` is the end of one for the user; null where the library failed, then `detail` says how. */
  | { kind: 'failed'; sentence: string | null; detail: string }
