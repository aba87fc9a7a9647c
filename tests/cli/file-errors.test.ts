import { describe, expect, it } from 'vitest'
import { explainFileError, explainWriteError } from '../../src-main/file-errors.ts'
import { UserError } from '../../src-shared/errors.ts'

const failure = (code: string) => Object.assign(new Error(`${code}: something, open 'a/b'`), { code })

describe('explainFileError', () => {
  it.each([
    ['ENOENT', 'a/b does not exist.'],
    ['EACCES', 'There is no permission to use a/b.'],
    ['EPERM', 'There is no permission to use a/b.'],
    ['EISDIR', 'a/b is a folder, not a file.'],
    ['ENOTDIR', 'a/b cannot be reached: a part of the path is a file, not a folder.'],
    ['ENOSPC', 'The disk that holds a/b is full; free some space and try again.'],
    ['EROFS', 'a/b lies on a disk that can only be read; choose another place.'],
    ['EMFILE', 'a/b cannot be opened: too many files are open; close some programs and try again.'],
    ['EWEIRD', "a/b cannot be used: EWEIRD: something, open 'a/b'."]
  ])('%s', (code, sentence) => {
    const error = failure(code)
    const explained = explainFileError(error, 'a/b')
    expect(explained).toBeInstanceOf(UserError)
    expect(explained.message).toBe(sentence)
    expect(explained.cause).toBe(error)
  })

  it('keeps a sentence that is one already, and takes anything thrown', () => {
    const error = new UserError('No.')
    expect(explainFileError(error, 'a')).toBe(error)
    expect(explainFileError('odd', 'a').message).toBe('a cannot be used: odd.')
  })
})

it('explainWriteError speaks of the folder that is missing', () => {
  expect(explainWriteError(failure('ENOENT'), 'a/b').message).toBe('a/b cannot be written: its folder does not exist.')
  expect(explainWriteError(failure('ENOSPC'), 'a/b').message).toContain('is full')
})
