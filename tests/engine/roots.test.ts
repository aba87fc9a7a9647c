import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UserError } from '../../src-shared/errors.ts'
import { createRoots } from '../../src-main/engine/roots.ts'
import { packageRoot } from '../../src-main/package-root.ts'
import { temporaryFolder } from './training/small-run.ts'

/** A disk with a root, a home, and something beside them that nobody may open. */
function makeDisk() {
  const disk = realpathSync(temporaryFolder())
  const [root, home, secret] = [join(disk, 'data'), join(disk, 'home'), join(disk, 'secret')]
  for (const folder of [root, home, secret, join(disk, 'database'), join(root, 'nets')]) mkdirSync(folder)
  writeFileSync(join(root, 'nets', 'a.safetensors'), 'a')
  writeFileSync(join(secret, 'b.safetensors'), 'b')
  writeFileSync(join(disk, 'database', 'c'), 'c')
  const outside = (path: string) => `${path} lies outside ${root}; choose a file or folder in there.`
  return { disk, root, home, secret, outside, roots: createRoots({ home, roots: [root] }) }
}

describe('inside', () => {
  test('the roots, what is in them, the home, and what is shipped', async () => {
    const { root, home, roots } = makeDisk()
    expect(roots.list).toEqual([root])
    for (const path of [root, join(root, 'nets', 'a.safetensors'), home, join(home, 'runs', 'new', 'x')])
      expect(await roots.check(path)).toBe(path)
    const sample = join(packageRoot, 'resources', 'samples', 'noisy-baseline-0.safetensors')
    expect(await roots.check(sample)).toBe(realpathSync(sample))
  })

  test('a link gives what it leads to', async () => {
    const { root, roots } = makeDisk()
    symlinkSync(join(root, 'nets'), join(root, 'link'))
    expect(await roots.check(join(root, 'link', 'a.safetensors'))).toBe(join(root, 'nets', 'a.safetensors'))
    expect(await roots.check(join(root, 'link', 'new', 'file'))).toBe(join(root, 'nets', 'new', 'file'))
  })

  test('a root that is a link itself', async () => {
    const { disk, root, home } = makeDisk()
    const link = join(disk, 'link')
    symlinkSync(root, link)
    const roots = createRoots({ home, roots: [link] })
    expect(await roots.check(join(link, 'nets'))).toBe(join(root, 'nets'))
    expect(await roots.check(join(root, 'nets'))).toBe(join(root, 'nets'))
  })

  test('a name that begins with two dots is a name', async () => {
    const { root, roots } = makeDisk()
    expect(await roots.check(join(root, '..net'))).toBe(join(root, '..net'))
  })
})

describe('outside is refused in one sentence that names the path and the root', () => {
  test('by name, by traversal, by a sibling with the same beginning, by a relative path', async () => {
    const { disk, root, secret, outside, roots } = makeDisk()
    const paths = [
      join(secret, 'b.safetensors'),
      `${root}/../secret/b.safetensors`,
      `${root}/nets/../../secret`,
      `${root}/..`,
      join(disk, 'database', 'c'),
      '/',
      'package.json',
      '../../../../../../etc/passwd'
    ]
    for (const path of paths) await expect(roots.check(path)).rejects.toThrow(new UserError(outside(path)))
  })

  test('by links out of the root, also such that lead to nothing yet', async () => {
    const { root, secret, outside, roots } = makeDisk()
    const links = { file: join(secret, 'b.safetensors'), folder: secret, missing: join(secret, 'new'), up: '../secret' }
    for (const [name, target] of Object.entries(links)) symlinkSync(target, join(root, name))
    symlinkSync('missing', join(root, 'chain'))
    for (const name of [
      'file',
      'folder',
      'folder/b.safetensors',
      'folder/new',
      'missing',
      'missing/x',
      'up',
      'chain'
    ]) {
      const path = join(root, name)
      await expect(roots.check(path)).rejects.toThrow(outside(path))
    }
  })

  test('nothing outside is said to exist or not', async () => {
    const { secret, outside, roots } = makeDisk()
    for (const name of ['b.safetensors/x', 'nothing/x', 'b.safetensors']) {
      const path = join(secret, name)
      await expect(roots.check(path)).rejects.toThrow(outside(path))
    }
  })

  test('several roots are all named; without any it is the home', async () => {
    const { disk, root, home } = makeDisk()
    const two = createRoots({ home, roots: [root, join(disk, 'database')] })
    await expect(two.check('/etc/passwd')).rejects.toThrow(
      `/etc/passwd lies outside ${root} or ${join(disk, 'database')}; choose a file or folder in there.`
    )
    const none = createRoots({ home, roots: [] })
    await expect(none.check(root)).rejects.toThrow(`${root} lies outside ${home}; choose a file or folder in there.`)
  })

  test('whatever is written behind a root, what comes back lies below what is allowed', async () => {
    const { root, home, secret, roots } = makeDisk()
    symlinkSync(secret, join(root, 'out'))
    const part = fc.constantFrom('..', '.', 'nets', 'out', 'a.safetensors', 'new', '', '../data', '..secret')
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 6 }), async (parts) => {
        const real = await roots.check(`${root}/${parts.join('/')}`).catch((error: unknown) => {
          expect(error).toBeInstanceOf(UserError)
          return null
        })
        if (real !== null) expect(real === root || real.startsWith(`${root}/`) || real.startsWith(home)).toBe(true)
      })
    )
  })
})

describe('no path at all', () => {
  test.each(['', 'a\0b', '\0'])('%j', async (path) => {
    const { home } = makeDisk()
    for (const roots of [null, ['/']])
      await expect(createRoots({ home, roots }).check(path)).rejects.toThrow(`${JSON.stringify(path)} is not a path.`)
  })

  test('a link that leads back to itself, a file taken for a folder', async () => {
    const { root, roots } = makeDisk()
    symlinkSync('loop', join(root, 'loop'))
    await expect(roots.check(join(root, 'loop'))).rejects.toThrow('is a link that leads back to itself.')
    const below = join(root, 'nets', 'a.safetensors', 'x')
    await expect(roots.check(below)).rejects.toThrow(`${below} cannot be reached: a part of the path is a file`)
  })
})

test('without roots any file may be opened', async () => {
  const { home, secret } = makeDisk()
  const roots = createRoots({ home, roots: null })
  expect(roots.list).toEqual([])
  expect(await roots.check(join(secret, 'b.safetensors'))).toBe(join(secret, 'b.safetensors'))
})

test('a data set known by name needs no path', async () => {
  const { root, secret, roots } = makeDisk()
  expect(await roots.checkDataset('fashion-mnist')).toBe('fashion-mnist')
  expect(await roots.checkDataset(root)).toBe(root)
  await expect(roots.checkDataset(secret)).rejects.toThrow('lies outside')
})
