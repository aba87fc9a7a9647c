import { spawnSync } from 'node:child_process'
import { bundle } from '../harness/bundle.mjs'

const networks = [
  ['resnet152', 64],
  ['pyramidnet101-240', 16]
]

/** The papers' largest networks, built with fresh weights, counted and run on 100 images, each in a process of its own. */
export async function largeTable() {
  const program = await bundle('papers/build-and-predict.ts')
  const rows = networks.map(([name, width]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, name, String(width)], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`${name}: ${stderr}`)
    const { parameters, multiplyAdds, exits, seconds, peakBytes } = JSON.parse(stdout)
    const counts = [(parameters / 1e6).toFixed(1), (multiplyAdds / 1e9).toFixed(2)]
    return [`\`${name}\``, width, exits, ...counts, seconds.toFixed(1), (peakBytes / 1e9).toFixed(2)]
  })
  const head = [
    'network',
    'width',
    'exits',
    'parameters, M',
    'multiply-adds, 10^9',
    'build and predict, s',
    'peak memory, GB'
  ]
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
