import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { findLabHome, labHomeBelow } from '../../src-main/lab-home.ts'

it.each([
  ['linux', {}, '/home/a/.local/share/autodidact'],
  ['linux', { XDG_DATA_HOME: '/data' }, '/data/autodidact'],
  ['linux', { XDG_DATA_HOME: 'relative' }, '/home/a/.local/share/autodidact'],
  ['linux', { XDG_DATA_HOME: '' }, '/home/a/.local/share/autodidact'],
  ['freebsd', {}, '/home/a/.local/share/autodidact'],
  ['darwin', { XDG_DATA_HOME: '/data' }, '/home/a/Library/Application Support/autodidact'],
  ['win32', { APPDATA: '/roaming' }, '/roaming/autodidact'],
  ['win32', {}, '/home/a/AppData/Roaming/autodidact'],
  ['linux', { AUTODIDACT_HOME: '/mine', XDG_DATA_HOME: '/data' }, '/mine'],
  ['win32', { AUTODIDACT_HOME: '/mine/' }, '/mine'],
  ['darwin', { AUTODIDACT_HOME: 'here' }, resolve('here')]
])('the lab of a user on %s with %j lies in %s', (platform, env, home) => {
  expect(findLabHome({ env, platform, userHome: '/home/a' })).toBe(home)
})

it('the lab of a root lies inside of it', () => {
  expect(labHomeBelow('nets')).toBe(join(resolve('nets'), 'autodidact-lab'))
})
