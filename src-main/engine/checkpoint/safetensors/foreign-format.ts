const signatures: { bytes: number[]; sentence: string }[] = [
  {
    bytes: [0x50, 0x4b, 0x03, 0x04],
    sentence: 'a PyTorch checkpoint or another zip file; save its state dict as safetensors to open it'
  },
  {
    bytes: [0x80, 0x02, 0x8a, 0x0a],
    sentence: 'an old PyTorch checkpoint; save its state dict as safetensors to open it'
  },
  {
    bytes: [0x89, 0x48, 0x44, 0x46],
    sentence: 'an HDF5 file, as Keras writes; only safetensors files and runs are opened'
  },
  { bytes: [0x89, 0x50, 0x4e, 0x47], sentence: 'a PNG image, not a checkpoint' },
  { bytes: [0xff, 0xd8, 0xff], sentence: 'a JPEG image, not a checkpoint' },
  { bytes: [0x1f, 0x8b], sentence: 'a gzip file, not a checkpoint' },
  { bytes: [0x25, 0x50, 0x44, 0x46], sentence: 'a PDF, not a checkpoint' }
]

/** What a file is by its first bytes, where they are those of a format that is not safetensors; else null. */
export function foreignFormat(start: Uint8Array): string | null {
  const found = signatures.find(({ bytes }) => bytes.every((byte, index) => start[index] === byte))
  return found?.sentence ?? null
}
