// Runs the parts of webgpu-work.ts that are named on the command line on one backend, in this process, and writes what
// they give to a file as JSON: `node webgpu-child.mjs BACKEND FILE PART...`.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createServer } from 'vite'

const [name, file, ...parts] = process.argv.slice(2)
const vite = await createServer({
  configFile: false,
  logLevel: 'error',
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true }
})
const { work } = await vite.ssrLoadModule(fileURLToPath(new URL('./webgpu-work.ts', import.meta.url)))
writeFileSync(file, JSON.stringify(await work(name, parts)))
// Dawn's threads would keep the process alive.
process.exit(0)
