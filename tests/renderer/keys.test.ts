import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createKeyReader, showKeys, type Command } from '../../src-renderer/commands.ts'

const pressed = (key: string, options: { ctrlKey?: boolean; within?: string } = {}) => {
  const event = {
    key,
    ctrlKey: options.ctrlKey ?? false,
    metaKey: false,
    altKey: false,
    target: { closest: (selector: string) => (options.within && selector.includes(options.within) ? {} : null) },
    preventDefault: vi.fn()
  }
  return event as unknown as KeyboardEvent
}

describe('keys', () => {
  const ran: string[] = []
  const command = (keys: string): Command => ({ id: keys, title: keys, keys, run: () => ran.push(keys) })
  const commands = ['E', 'G F', 'Ctrl K', '1', 'Escape', 'Ctrl Z'].map(command)
  let read = createKeyReader(() => commands)
  beforeEach(() => {
    ran.length = 0
    vi.stubGlobal('navigator', { platform: 'Linux x86_64' })
    read = createKeyReader(() => commands)
  })

  it('run commands, letters in either case', () => {
    for (const key of ['e', 'E', '1', 'Escape']) read(pressed(key))
    expect(ran).toEqual(['E', 'E', '1', 'Escape'])
  })
  it('may be two, one after the other', () => {
    for (const key of ['g', 'f', 'f']) read(pressed(key))
    expect(ran).toEqual(['G F'])
  })
  it('leave typing alone, but for those with Control', () => {
    read(pressed('e', { within: 'input' }))
    read(pressed('z', { ctrlKey: true, within: 'input' }))
    expect(ran).toEqual([])
    read(pressed('k', { ctrlKey: true, within: 'input' }))
    expect(ran).toEqual(['Ctrl K'])
  })
  it('leave dialogs and menus alone', () => {
    read(pressed('1', { within: 'dialog' }))
    expect(ran).toEqual([])
  })
  it('are written as the system writes them', () => {
    expect(showKeys('Ctrl K')).toBe('Ctrl K')
    vi.stubGlobal('navigator', { platform: 'MacIntel' })
    expect(showKeys('Ctrl K')).toBe('⌘K')
  })
})
