import { describe, expect, test } from 'vitest'
import { checkpointEndings, hasCheckpointEnding, withoutEnding } from '../../src-shared/checkpoint-endings.ts'

describe('endings of checkpoints', () => {
  test.each(checkpointEndings)('%s is one, in capitals too, and can be taken off', (ending) => {
    for (const name of [`net-1.5${ending}`, `net-1.5${ending.toUpperCase()}`]) {
      expect(hasCheckpointEnding(name)).toBe(true)
      expect(withoutEnding(name)).toBe('net-1.5')
    }
    expect(withoutEnding(ending)).toBe(ending)
  })

  test('are no others, nor those of our own notes', () => {
    for (const name of ['safetensors', 'a.tar', 'a.txt', 'a.pth.autodidact.json', 'a.h5 ', ''])
      expect(hasCheckpointEnding(name), name).toBe(false)
    expect(withoutEnding('resnet.18')).toBe('resnet.18')
  })
})
