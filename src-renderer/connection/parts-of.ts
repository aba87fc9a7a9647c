import { z } from 'zod'

const manifest = z.object({
  weightsManifest: z.array(z.object({ paths: z.array(z.string()).max(10_000) })).max(10_000)
})
/** A model.json of tfjs describes layers: it is never large. */
const mostJsonBytes = 64 * 2 ** 20

/** A file that lies in parts: they belong in one folder, and only the first opens. */
export type FileSet = { main: File; parts: File[] }

/**
 * Which files belong to another one of them: the shards that a tfjs `model.json` names, the external data of an ONNX
 * network, and what was said of a checkpoint. Files that stand alone are sets without parts.
 */
export async function findSets(files: readonly File[]): Promise<FileSet[]> {
  const byName = new Map(files.map((file) => [file.name, file]))
  const owners = new Map<File, File>()
  for (const file of files) {
    const names = /\.json$/i.test(file.name) ? await shardsIn(file) : []
    for (const name of names) own(byName.get(name), file)
    own(byName.get(`${file.name}.autodidact.json`), file)
    if (/\.onnx$/i.test(file.name))
      for (const other of files)
        if (other.name === `${file.name}.data` || other.name === `${file.name}_data`) own(other, file)
  }
  function own(part: File | undefined, main: File): void {
    if (part && part !== main && !owners.has(part)) owners.set(part, main)
  }
  return files
    .filter((file) => !owners.has(file))
    .map((main) => ({ main, parts: files.filter((file) => owners.get(file) === main) }))
}

/** The names of the shards that a tfjs model names; none of any other file. */
async function shardsIn(file: File): Promise<string[]> {
  if (file.size > mostJsonBytes || file.name.endsWith('.autodidact.json')) return []
  try {
    const { weightsManifest } = manifest.parse(JSON.parse(await file.text()))
    return weightsManifest.flatMap(({ paths }) => paths)
  } catch {
    return []
  }
}
