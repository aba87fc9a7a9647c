/**
 * How names of checkpoints' files end, longer ones first. A convenience of dialogs and lists: what a file is, its content
 * says.
 */
export const checkpointEndings = [
  '.safetensors',
  '.pth.tar',
  '.pth',
  '.pt',
  '.bin',
  '.ckpt',
  '.onnx',
  '.h5',
  '.hdf5',
  '.keras',
  '.npz',
  '.json'
] as const

/** The ending of a note that is kept beside a checkpoint: none itself. */
const noteEnding = '.autodidact.json'

/** True for a name that ends as a checkpoint's does, in capitals or not. */
export function hasCheckpointEnding(name: string): boolean {
  const lower = name.toLowerCase()
  return !lower.endsWith(noteEnding) && checkpointEndings.some((ending) => lower.endsWith(ending))
}

/** A file's name without the ending of a checkpoint; whole where that would leave nothing. */
export function withoutEnding(name: string): string {
  const lower = name.toLowerCase()
  const ending = checkpointEndings.find((one) => lower.endsWith(one)) ?? ''
  return name.slice(0, name.length - ending.length) || name
}
