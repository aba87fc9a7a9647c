import { defineConfig } from 'vite'

/** `out/preload.cjs`: one CommonJS file, because a sandboxed preload can load nothing else. */
export default defineConfig({
  publicDir: false,
  build: {
    lib: { entry: 'src-main/preload.ts', formats: ['cjs'], fileName: () => 'preload.cjs' },
    target: 'node20',
    outDir: 'out',
    emptyOutDir: false,
    minify: false,
    rollupOptions: { external: ['electron'] }
  }
})
