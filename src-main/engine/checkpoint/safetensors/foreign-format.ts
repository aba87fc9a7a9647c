const signatures: { bytes: number[]; sentence: string }[] = [
  {
    bytes: [0x50, 0x4b, 0x03, 0x04],
    sentence:
      'a zip file, but none that PyTorch, Keras or NumPy writes; unpack it, and open the checkpoint that lies in it'
  },
  ...[
    [0x80, 0x02, 0x7d],
    [0x80, 0x03, 0x7d],
    [0x80, 0x04, 0x95],
    [0x80, 0x05, 0x95]
  ].map((bytes) => ({
    bytes,
    sentence: "a Python pickle that torch.save did not write; save the network's state dict with torch.save to open it"
  })),
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
