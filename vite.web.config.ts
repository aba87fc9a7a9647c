import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

/** `out/web`: the page of the lab, the same for the desktop's window and for a browser. */
export default defineConfig({
  root: 'src-renderer',
  base: './',
  // Looked for below `root` otherwise.
  plugins: [svelte({ configFile: '../svelte.config.js' })],
  publicDir: false,
  build: {
    target: 'chrome130',
    outDir: '../out/web',
    emptyOutDir: true,
    // A strict content security policy refuses data: fonts and inlined scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // One file loads faster than many from this machine; tests/bench/window.mjs measures its compressed size.
    chunkSizeWarningLimit: 2000
  }
})
