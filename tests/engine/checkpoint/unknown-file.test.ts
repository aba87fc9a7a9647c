import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openCheckpoint } from '../../../src-main/engine/checkpoint/checkpoint.ts'
import { maskedCrc32c } from '../../../src-main/engine/curves/crc32c.ts'
import { temporaryFolder } from '../training/small-run.ts'

const cases: [string, number[], string][] = [
  [
    'a zip',
    [0x50, 0x4b, 3, 4, 0, 0, 8, 8],
    'a zip file, but none that PyTorch, Keras or NumPy writes; unpack it, and open the checkpoint that lies in it.'
  ],
  [
    'a pickle',
    [0x80, 4, 0x95, 7, 0, 0, 0, 0, 0, 0, 0],
    "a Python pickle that torch.save did not write; save the network's state dict with torch.save to open it."
  ],
  ['a PNG', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], 'a PNG image, not a checkpoint.'],
  [
    'bytes',
    [1, 2, 3],
    'no checkpoint that is read here; PyTorch, safetensors, ONNX, Keras, tfjs and NumPy files are opened.'
  ]
]

test.each(cases)('%s is named for what it is', async (_, start, sentence) => {
  const path = join(temporaryFolder(), 'file')
  writeFileSync(path, Uint8Array.from([...start, ...Array<number>(64).fill(0)]))
  await expect(openCheckpoint(path)).rejects.toThrow(`${path} is ${sentence}`)
})

test('a TensorBoard log is told by the check sum of its first length, whatever it is called', async () => {
  const length = Uint8Array.from([24, 0, 0, 0, 0, 0, 0, 0])
  const head = new Uint8Array(64)
  head.set(length)
  new DataView(head.buffer).setUint32(8, maskedCrc32c(length), true)
  head[12] = 0x09
  const path = join(temporaryFolder(), 'model.pth')
  writeFileSync(path, head)
  await expect(openCheckpoint(path)).rejects.toThrow(
    `${path} holds TensorBoard curves, not a checkpoint; open the checkpoint beside them and see Learns?`
  )
  head[8]! ^= 1
  writeFileSync(path, head)
  await expect(openCheckpoint(path)).rejects.toThrow(`${path} is no checkpoint that is read here`)
})

test.skipIf(process.platform === 'win32')('a pipe is refused, not waited for', async () => {
  const path = join(temporaryFolder(), 'pipe')
  execFileSync('mkfifo', [path])
  await expect(openCheckpoint(path)).rejects.toThrow(`${path} is not a regular file.`)
})

test.each([
  ['nothing', '', 'is empty.'],
  [
    'a pointer of Git LFS',
    'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n',
    'only stands for a file that Git LFS keeps; fetch it with git lfs pull.'
  ],
  [
    'text',
    '# Autodidact\n',
    'is text, not a checkpoint; PyTorch, safetensors, ONNX, Keras, tfjs and NumPy files are opened.'
  ]
])('%s is named for what it is, too', async (_, content, sentence) => {
  const path = join(temporaryFolder(), 'file.pth')
  writeFileSync(path, content)
  await expect(openCheckpoint(path)).rejects.toThrow(`${path} ${sentence}`)
})
