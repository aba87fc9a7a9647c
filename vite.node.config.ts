import { builtinModules } from 'node:module'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'
import manifest from './package.json' with { type: 'json' }

// Compiled into the bundle; everything else in `dependencies` stays a package: tfjs and natives must not be bundled.
const bundled = ['svelte', 'd3']
const external = ['electron', ...Object.keys(manifest.dependencies).filter((name) => !bundled.includes(name))]
const isExternal = (id: string): boolean =>
  id.startsWith('node:') ||
  builtinModules.includes(id) ||
  external.some((name) => id === name || id.startsWith(`${name}/`))

/**
 * Programs for Node, as ESM: `out/cli.js`, the command line; `out/engine-process.js` and `out/job-process.js`, which the
 * lab forks; `out/main.js`, the desktop's; `out/probe-backend.js`, which `doctor` runs; `out/umap-worker.js`,
 * `out/image-worker.js` and `out/hdf5-worker.js`, threads of the others. Figures are compiled for the server side of Svelte. Old chunks stay, so
 * that a program keeps working while a newer one is built.
 */
export default defineConfig({
  plugins: [svelte()],
  publicDir: false,
  ssr: { noExternal: true },
  build: {
    ssr: true,
    target: 'node20',
    outDir: 'out',
    emptyOutDir: false,
    minify: false,
    rollupOptions: {
      external: isExternal,
      input: {
        cli: 'src-main/cli/main.ts',
        'engine-process': 'src-main/engine/process.ts',
        'job-process': 'src-main/engine/job-process.ts',
        'hdf5-worker': 'src-main/engine/checkpoint/keras/hdf5/hdf5-worker.mjs',
        'image-worker': 'src-main/engine/data/formats/image-folder/worker.ts',
        main: 'src-main/main.ts',
        'probe-backend': 'src-main/engine/backend/doctor-probe.ts',
        'umap-worker': 'src-main/engine/probes/umap/worker.ts'
      },
      output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' }
    }
  }
})
