import { describe, expect, it } from 'vitest'
import { parseSigmas } from '../../../src-renderer/flat/sigma-list.ts'

describe('a list of sizes of noise', () => {
  it('is read ascending, each once, with commas or blanks', () => {
    expect(parseSigmas(' 0.1, 0 .05;1e-3\n0.1')).toEqual({ sigmas: [0, 0.001, 0.05, 0.1] })
  })

  it.each([
    ['', 'Give some sizes, for instance 0, 0.01, 0.02.'],
    [' , ', 'Give some sizes, for instance 0, 0.01, 0.02.'],
    ['0, x', '"x" is no number of at least 0.'],
    ['-0.1', '"-0.1" is no number of at least 0.'],
    ['1e999', '"1e999" is no number of at least 0.'],
    ['0x10', '"0x10" is no number of at least 0.'],
    [Array(101).fill('1').join(), 'Give up to 100 sizes, not 101.']
  ])('%j is refused in a sentence', (text, problem) => {
    expect(parseSigmas(text)).toEqual({ problem })
  })
})
