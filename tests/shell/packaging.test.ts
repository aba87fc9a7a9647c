import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findPackageRoot, outsideArchive, packageRoot, packageVersion } from '../../src-main/package-root.ts'
import { checkpointEndings } from '../../src-shared/checkpoint-endings.ts'
import { findManifestProblems, findProblems, readConfig } from '../../tools/check-packaging.mjs'
import { renderIcons } from '../../tools/make-icons.mjs'

type Config = Record<string, unknown> & {
  electronFuses: Record<string, boolean>
  asarUnpack: string[]
  files: string[]
}
const read = () => readConfig(packageRoot) as Config
const problemsOf = (config: unknown) => findProblems(config, packageRoot) as string[]

describe('electron-builder.yml', () => {
  it('is what electron-builder reads, and what we rely on', () => expect(problemsOf(read())).toEqual([]))

  it.each([
    ['an unknown key', { electronFuse: {} }, 'the whole must NOT have additional properties (electronFuse).'],
    ['a wrong type', { appId: 5 }, expect.stringMatching(/^\/appId must be /)],
    [
      'an archive that is off',
      { asar: false },
      'asar must not be off: the fuses load the program from the archive alone.'
    ],
    ['install scripts', { npmRebuild: true }, 'npmRebuild must be false: install scripts stay off.'],
    ['updates', { publish: { provider: 'github' } }, 'publish must be null: the program looks for no updates.'],
    [
      'no file associations',
      { fileAssociations: [] },
      'fileAssociations lacks safetensors with the role Viewer and the rank Alternate.'
    ],
    [
      'an ending that is mostly something else',
      { fileAssociations: [{ ext: ['pth', 'json'], role: 'Viewer', rank: 'Alternate' }] },
      'fileAssociations must leave json to other programs.'
    ],
    [
      'a kind of file that it would take from its owner',
      { fileAssociations: [{ ext: 'h5', role: 'Editor', rank: 'Owner' }] },
      'fileAssociations lacks h5 with the role Viewer and the rank Alternate.'
    ],
    ['an icon that is not there', { mac: { icon: 'x.png' } }, 'mac.icon "x.png" does not exist.']
  ])('is refused with %s', (_name, change, sentence) => {
    expect(problemsOf({ ...read(), ...change })).toContainEqual(sentence)
  })

  it('offers the lab for every ending of a checkpoint that says enough', () => {
    const known = (read()['fileAssociations'] as { ext: string | string[] }[]).flatMap(({ ext }) => ext)
    const expected = checkpointEndings
      .map((ending) => ending.slice(1))
      .filter((one) => !/^(pth\.tar|bin|json)$/.test(one))
    expect(known.toSorted()).toEqual(expected.toSorted())
  })

  it('is refused with any fuse the other way', () => {
    const { electronFuses } = read()
    expect(Object.keys(electronFuses).length).toBe(8)
    for (const [fuse, value] of Object.entries(electronFuses))
      expect(problemsOf({ ...read(), electronFuses: { ...electronFuses, [fuse]: !value } })).toEqual([
        `electronFuses.${fuse} must be ${value}.`
      ])
  })

  it('is refused without any of what must be packed or lie outside the archive', () => {
    const { asarUnpack, files } = read()
    for (const pattern of asarUnpack)
      expect(problemsOf({ ...read(), asarUnpack: asarUnpack.filter((one) => one !== pattern) })).toEqual([
        `asarUnpack lacks ${JSON.stringify(pattern)}.`
      ])
    expect(problemsOf({ ...read(), files: files.filter((one) => one !== 'out/**/*') })).toEqual([
      'files lacks "out/**/*".'
    ])
  })

  it('is refused beside a package.json that starts no desktop', () => {
    const whole = { main: 'out/main.js', devDependencies: { electron: '1', 'electron-builder': '1' } }
    expect(findManifestProblems(whole)).toEqual([])
    expect(findManifestProblems({ main: 'index.js' })).toEqual([
      'package.json: main must be "out/main.js".',
      'package.json: devDependencies lacks electron.',
      'package.json: devDependencies lacks electron-builder.'
    ])
  })
})

describe('icons', () => {
  it('are what the drawing gives', () => {
    for (const [name, bytes] of Object.entries(renderIcons() as Record<string, Buffer>))
      expect(readFileSync(join(packageRoot, 'resources', 'icons', name)).equals(bytes), name).toBe(true)
  })
})

describe('the package', () => {
  it('is found from its parts, and has a version', () => {
    expect(findPackageRoot(join(packageRoot, 'src-main', 'shell'))).toBe(packageRoot)
    expect(packageVersion).toMatch(/^\d+\.\d+\.\d+/)
  })
  it.each([
    [
      '/opt/Autodidact/resources/app.asar/resources/fonts',
      '/opt/Autodidact/resources/app.asar.unpacked/resources/fonts'
    ],
    ['/opt/Autodidact/resources/app.asar', '/opt/Autodidact/resources/app.asar.unpacked'],
    ['/work/autodidact/resources/fonts', '/work/autodidact/resources/fonts'],
    ['/work/app.asar.unpacked/x', '/work/app.asar.unpacked/x'],
    ['/work/my-app.asar/x', '/work/my-app.asar/x']
  ])('%s really lies at %s', (path, place) => expect(outsideArchive(path)).toBe(place))
})
