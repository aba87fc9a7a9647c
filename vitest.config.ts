import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

/** Tests run in Node; figures are compiled for rendering to text. */
export default defineConfig({
  plugins: [svelte()],
  test: {
    include: ['tests/**/*.test.ts'],
    environment: 'node',
    pool: 'forks',
    // Long enough for a machine that does other things at the same time: only what hangs meets them.
    testTimeout: 180_000,
    hookTimeout: 180_000
  }
})
