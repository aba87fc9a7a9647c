import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { encodeSafetensors } from '../../../src-main/engine/checkpoint/safetensors/safetensors-file.ts'
import { toFileTensors } from '../../../src-main/engine/checkpoint/safetensors/weights-file.ts'
import { buildNetwork } from '../../../src-main/engine/model/build-network.ts'
import { initialWeights } from '../../../src-main/engine/model/initialize.ts'
import { setPreprocessing } from '../../../src-main/engine/preprocessing/set.ts'
import { openTeacher } from '../../../src-main/engine/training/teacher.ts'
import { findNetwork } from '../../../src-shared/networks/find-network.ts'
import { temporaryFolder } from '../training/small-run.ts'

test('a teacher that takes its colours as BGR is refused', async () => {
  const member = findNetwork({ name: 'resnet18', width: 2 })
  const network = buildNetwork({ member, width: 2, classes: 10, inputChannels: 3, exits: 'deepest' })
  const path = join(temporaryFolder(), 'teacher.safetensors')
  writeFileSync(path, encodeSafetensors(toFileTensors(initialWeights(network, 0)), new Map()))
  await expect(openTeacher({ path } as never)).resolves.toMatchObject({ preprocessing: undefined })
  const half = [0.5, 0.5, 0.5]
  await setPreprocessing({ path, preprocessing: { size: 32, mean: half, deviation: half, channelOrder: 'bgr' } })
  await expect(openTeacher({ path } as never)).rejects.toThrow(
    `The teacher ${path} takes its colours as BGR; no student is taught so here.`
  )
})
