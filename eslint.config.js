import { defineConfig } from 'eslint/config'
import svelte from 'eslint-plugin-svelte'
import tseslint from 'typescript-eslint'
import { layerLawRule } from './tools/layer-law.mjs'

const sources = ['src-shared/**', 'src-main/**', 'src-renderer/**']
const code = ['**/*.ts', '**/*.mjs', '**/*.js', '**/*.svelte']
const unpure = [
  'Date',
  'performance',
  'crypto',
  'process',
  'console',
  'fetch',
  'setTimeout',
  'setInterval',
  'document',
  'window'
]

const noDefaultExport = {
  selector: 'ExportDefaultDeclaration',
  message: 'No default exports: a name is the same wherever it is imported.'
}
const noEffect = {
  selector: "Identifier[name='$effect']",
  message: 'Figures are pure: no $effect; compute with $derived.'
}

export default defineConfig(
  { ignores: ['out/', 'dist/', 'coverage/', 'runs/', '**/.*/'] },
  ...tseslint.configs.strict,
  ...svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
    rules: {
      'svelte/prefer-const': 'error',
      // Reports are large: they are replaced whole ($state.raw), never changed in place.
      'svelte/prefer-svelte-reactivity': 'off'
    }
  },
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  {
    files: code,
    plugins: { autodidact: { rules: { 'layer-law': layerLawRule } } },
    rules: {
      'autodidact/layer-law': 'error',
      'max-lines': ['error', 400],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-var': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // noUncheckedIndexedAccess makes every index possibly undefined; in numeric code `!` is the honest way.
      '@typescript-eslint/no-non-null-assertion': 'off'
    }
  },
  { files: sources, ignores: ['**/*.d.ts'], rules: { 'no-restricted-syntax': ['error', noDefaultExport] } },
  {
    files: ['src-shared/science/**'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...unpure.map((name) => ({ name, message: 'Science is pure: no clock, no machine.' }))
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Take a seed and use the generator in science/random.ts.' }
      ]
    }
  },
  {
    files: ['src-renderer/figures/**'],
    rules: {
      'no-restricted-syntax': ['error', noDefaultExport, noEffect],
      'no-restricted-globals': [
        'error',
        ...['document', 'window'].map((name) => ({ name, message: 'Figures are drawn without a browser, too.' }))
      ]
    }
  }
)
