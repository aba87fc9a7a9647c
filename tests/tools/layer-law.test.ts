import { join } from 'node:path'
import { ESLint } from 'eslint'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const eslint = new ESLint({ cwd: root })

async function lint(file: string, code: string): Promise<string[]> {
  const text = file.endsWith('.svelte') ? `<script lang="ts">\n${code}\n</script>\n` : `${code}\n`
  const [result] = await eslint.lintText(text, { filePath: join(root, file) })
  return result!.messages.map(({ ruleId, message }) => `${ruleId}: ${message}`)
}

const using = (specifier: string) => `import { thing } from '${specifier}'\nexport const used = thing`

const forbidden: [file: string, specifiers: string[]][] = [
  [
    'src-shared/science/x.ts',
    ['node:fs', 'fs', 'd3', 'zod', '@tensorflow/tfjs', 'svelte', '../reports.ts', '../../src-main/engine/engine.ts']
  ],
  [
    'src-shared/x.ts',
    [
      'node:fs',
      'electron',
      '@tensorflow/tfjs',
      'd3',
      'd3-scale',
      'svelte',
      '../src-main/engine/engine.ts',
      '../src-renderer/figures/index.ts'
    ]
  ],
  [
    'src-main/engine/x.ts',
    [
      'electron',
      'svelte',
      'd3',
      '../shell/menu.ts',
      '../cli/main.ts',
      '../export/png.ts',
      '../main.ts',
      '../../src-renderer/figures/index.ts'
    ]
  ],
  ['src-main/engine/backend/x.ts', ['electron', '../../cli/main.ts']],
  [
    'src-main/export/x.ts',
    ['electron', '@tensorflow/tfjs', '../engine/engine.ts', '../cli/main.ts', '../../src-renderer/figures/index.ts']
  ],
  ['src-main/main.ts', ['@tensorflow/tfjs', './engine/engine.ts', './cli/main.ts', '../src-renderer/engine.ts']],
  ['src-main/preload.ts', ['@tensorflow/tfjs', './engine/process.ts', 'svelte']],
  ['src-main/shell/x.ts', ['@tensorflow/tfjs-core', '../engine/engine.ts', '../cli/main.ts', 'd3']],
  [
    'src-main/cli/x.ts',
    [
      'electron',
      '@tensorflow/tfjs',
      'svelte',
      'd3',
      '../engine/jobs.ts',
      '../shell/menu.ts',
      '../../src-renderer/figures/axis.ts',
      '../../src-renderer/views/view.ts'
    ]
  ],
  ['src-main/package-root.ts', ['electron', '@tensorflow/tfjs', './engine/engine.ts', './main.ts']],
  [
    'src-renderer/figures/x.ts',
    [
      'node:fs',
      '@tensorflow/tfjs',
      '../../src-shared/rpc.ts',
      '../session.svelte.ts',
      '../views/view.ts',
      '../../src-main/engine/engine.ts'
    ]
  ],
  ['src-renderer/figures/X.svelte', ['electron', '../engine.ts', '../widgets/Button.svelte']],
  ['src-renderer/views/X.svelte', ['node:fs', 'electron', '@tensorflow/tfjs', '../../src-main/package-root.ts']]
]

const allowed: [file: string, specifiers: string[]][] = [
  ['src-shared/science/x.ts', ['./random.ts']],
  ['src-shared/x.ts', ['zod', './science/random.ts', './errors.ts']],
  [
    'src-main/engine/probes/x.ts',
    [
      '@tensorflow/tfjs',
      'node:fs',
      'umap-js',
      '../model/layer.ts',
      '../../package-root.ts',
      '../../../src-shared/errors.ts'
    ]
  ],
  ['src-main/export/x.ts', ['node:fs', 'pdfkit', '../../src-shared/errors.ts', '../package-root.ts']],
  ['src-main/main.ts', ['electron', 'node:path', './shell/menu.ts', './export/png.ts', '../src-shared/contract.ts']],
  [
    'src-main/cli/commands/x.ts',
    [
      '../../engine/engine.ts',
      '../../export/png.ts',
      'svelte/server',
      'commander',
      'node:fs',
      '../main.ts',
      '../../../src-renderer/figures/index.ts'
    ]
  ],
  [
    'src-renderer/figures/X.svelte',
    ['d3', 'svelte', './axis.ts', '../../src-shared/reports.ts', '../../src-shared/science/statistics.ts']
  ],
  ['src-renderer/views/X.svelte', ['d3', 'svelte', '../figures/index.ts', '../../src-shared/rpc.ts']],
  ['tests/engine/x.ts', ['@tensorflow/tfjs', 'electron', '../../src-main/engine/engine.ts']],
  ['tools/x.mjs', ['node:fs', '../src-main/engine/engine.ts']]
]

const pairs = (table: typeof forbidden) =>
  table.flatMap(([file, specifiers]) => specifiers.map((name) => [file, name] as const))

describe('the layer law', () => {
  it.each(pairs(forbidden))('%s must not import %s', async (file, specifier) => {
    expect(await lint(file, using(specifier))).toContainEqual(expect.stringContaining('Layer law: '))
  })

  it.each(pairs(allowed))('%s may import %s', async (file, specifier) => {
    expect(await lint(file, using(specifier))).toEqual([])
  })

  it.each([
    ['a re-export', "export { thing } from 'electron'"],
    ['a re-export of all', "export * from 'electron'"],
    ['a dynamic import', "export const thing = () => import('electron')"],
    ['an import type', "export type Thing = typeof import('electron')"],
    ['a type import', "import type { Thing } from 'electron'\nexport type Mine = Thing"],
    [
      'a require',
      "declare const requireQuietly: (name: string) => unknown\nexport const thing = requireQuietly('electron')"
    ]
  ])('holds for %s', async (_, code) => {
    expect(await lint('src-main/engine/x.ts', code)).toContainEqual(expect.stringContaining('Layer law: '))
  })
})

describe('the rules of writing', () => {
  it.each([
    ['src-shared/science/x.ts', 'export const value = Math.random()', 'no-restricted-properties'],
    ['src-shared/science/x.ts', 'export const value = Date.now()', 'no-restricted-globals'],
    ['src-shared/science/x.ts', 'export const value = performance.now()', 'no-restricted-globals'],
    ['src-renderer/figures/x.ts', "export const value = document.querySelector('a')", 'no-restricted-globals'],
    [
      'src-renderer/figures/X.svelte',
      'const width = window.innerWidth\nexport const value = () => width',
      'no-restricted-globals'
    ],
    ['src-renderer/figures/X.svelte', '$effect(() => undefined)', 'no-restricted-syntax'],
    ['src-main/engine/x.ts', 'export default 1', 'no-restricted-syntax'],
    ['src-main/engine/x.ts', 'export const value = (x: any) => x', '@typescript-eslint/no-explicit-any'],
    ['src-main/engine/x.ts', 'export const value = 1\n'.padEnd(430, '\n'), 'max-lines']
  ])('%s refuses %s', async (file, code, rule) => {
    expect(await lint(file, code)).toContainEqual(expect.stringContaining(rule))
  })
})
