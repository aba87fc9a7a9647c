import { describe, expect, it, vi } from 'vitest'
import { formatSeconds } from '../../src-shared/format-seconds.ts'
import { CancelledError, throwIfCancelled, UsageError, UserError } from '../../src-shared/errors.ts'
import { run } from './run.ts'

const failing = (error: Error) => ({ engine: { inspect: () => Promise.reject(error) } })

describe('errors', () => {
  it.each([
    [new UserError('net.pth is no checkpoint.'), 1, 'net.pth is no checkpoint.'],
    [new UserError('two\n  lines'), 1, 'two lines.'],
    [new UsageError('There is no data set named "x".'), 2, 'There is no data set named "x".'],
    [new TypeError('x is undefined'), 1, 'Unexpected error: x is undefined.'],
    [new CancelledError(), 130, 'Cancelled; nothing was written.'],
    [new DOMException('This operation was aborted', 'AbortError'), 130, 'Cancelled; nothing was written.'],
    [
      Object.assign(new Error('ENOSPC: no space'), { code: 'ENOSPC', path: 'a/b' }),
      1,
      'The disk that holds a/b is full; free some space and try again.'
    ]
  ])('%s', async (error, status, sentence) => {
    const outcome = await run(['inspect', 'a', '--json'], failing(error))
    expect(outcome).toMatchObject({ status, stdout: '', stderr: `${sentence}\n` })
  })

  it('show their stack with --verbose only', async () => {
    const { stderr } = await run(['inspect', 'a', '--verbose'], failing(new UserError('No.')))
    expect(stderr).toMatch(/^No\.\nUserError: No\.\n +at /)
  })
})

it('Ctrl-C during training gives 130', async () => {
  const controller = new AbortController()
  const { status, stdout, stderr } = await run(['train', '--json', '--quiet'], {
    signal: controller.signal,
    engine: {
      train: async (_, options) => {
        controller.abort()
        await Promise.resolve()
        throwIfCancelled(options?.signal)
        throw new Error('not cancelled')
      }
    }
  })
  expect({ status, stdout, stderr }).toEqual({
    status: 130,
    stdout: '',
    stderr: 'Cancelled; nothing was written.\n'
  })
})

describe('progress', () => {
  const train = ['train', '--out', 'runs/a', '--json']

  it('is lines without a terminal, a few seconds apart, none for a short call', async () => {
    let seconds = 0
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => 1000 * seconds)
    const { stderr, stdout } = await run(train, {
      engine: {
        train: (request, options) => {
          for (seconds = 0; seconds <= 10; seconds += 0.5)
            options?.onProgress?.({ fraction: seconds / 10, secondsLeft: 10 - seconds, message: 'Epoch 1 of 4' })
          const nothing = { accuracy: 0, loss: 0 }
          return Promise.resolve({ run: request.out, epochsDone: 1, exits: [], ensemble: nothing })
        }
      }
    })
    clock.mockRestore()
    expect(stderr).toBe('10 %, 9 s left, Epoch 1 of 4\n60 %, 4 s left, Epoch 1 of 4\n')
    expect(JSON.parse(stdout)).toMatchObject({ run: 'runs/a' })
  })

  it('is a bar with the time left on a terminal', async () => {
    const { stderr, stdout } = await run(train, { isTTY: true })
    expect(stderr).toContain('25 %  1 min 35 s left  Epoch 1 of 4')
    expect(stderr).toContain('\u001b[')
    expect(JSON.parse(stdout)).toMatchObject({ epochsDone: 4 })
  })

  it('is nothing with --quiet', async () => {
    expect((await run([...train, '--quiet'], { isTTY: true })).stderr).toBe('')
    expect((await run([...train, '--quiet'])).stderr).toBe('')
  })

  it('is gone before an error is told', async () => {
    const { stderr } = await run(train, {
      isTTY: true,
      engine: {
        train: (_, options) => {
          options?.onProgress?.({ fraction: 0.5, secondsLeft: 3 })
          return Promise.reject(new UserError('The loss is not a number any more.'))
        }
      }
    })
    expect(stderr.endsWith('The loss is not a number any more.\n')).toBe(true)
  })

  it.each([
    [8.4, '8 s'],
    [95, '1 min 35 s'],
    [3599.9, '1 h 0 min'],
    [7260, '2 h 1 min'],
    [NaN, ''],
    [Infinity, '']
  ])('%s seconds: %s', (seconds, text) => expect(formatSeconds(seconds)).toBe(text))
})
