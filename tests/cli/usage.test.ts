import { describe, expect, it } from 'vitest'
import { run } from './run.ts'

const images = ['--images', 'x.f32', '--shape', '2,4,4,1']

describe('wrong usage ends with status 2 and one sentence', () => {
  it.each([
    [['fly'], "Unknown command 'fly'."],
    [['trian'], "Unknown command 'trian' (Did you mean train?)"],
    [['inspect'], "Missing required argument 'path'."],
    [['inspect', 'a', 'b'], "Too many arguments for 'inspect'. Expected 1 argument but got 2."],
    [['inspect', 'a', '--fast'], "Unknown option '--fast'."],
    [['export', 'a'], "Required option '--out <file>' not specified."],
    [['probe', 'magic', 'a'], "Unknown command 'magic'."],
    [['train', '--epochs', '0'], '--epochs must be a whole number of at least 1, not "0".'],
    [['train', '--epochs', '1.5'], '--epochs must be a whole number of at least 1, not "1.5".'],
    [['train', '--epochs', ''], '--epochs must be a whole number of at least 1, not "".'],
    [['train', '--epochs', '0x10'], '--epochs must be a whole number of at least 1, not "0x10".'],
    [['train', '--epochs'], "Option '--epochs <number>' argument missing."],
    [['train', '--width', '4096'], '--width must be a whole number of at least 1 and at most 1024, not "4096".'],
    [['train', '--lr', '0'], '--lr must be a number above 0, not "0".'],
    [['train', '--lr', 'NaN'], '--lr must be a number above 0, not "NaN".'],
    [['train', '--momentum', '1'], '--momentum must be a number of at least 0 and below 1, not "1".'],
    [['train', '--alpha', '2'], '--alpha must be a number of at least 0 and at most 1, not "2".'],
    [
      ['train', '--network', 'vgg'],
      'There is no network named "vgg"; known are resnet18, resnet34, resnet50, resnet101, resnet152, resnext29-8x64d, ' +
        'resnext50-32x4d, wrn20-8, wrn44-8, wrn28-12, pyramidnet101-240, vgg16, vgg19, mobilenet, squeezenet, ' +
        'squeezenet-bn, cnn.'
    ],
    [['train', '--network', 'wrn21-8'], 'wrn21-8 needs a depth of 6n + 2 or 6n + 4: take 20, 28, 40 or 44.'],
    [['train', '--method', 'kd'], '--method kd needs --teacher, a run or a checkpoint to learn from.'],
    [['train', '--batch-size', '1'], '--batch-size must be a whole number of at least 2, not "1".'],
    [['train', '--seed=-1'], '--seed must be a whole number of at least 0 and at most 4294967295, not "-1".'],
    [['train', '--executor', 'fast'], '--executor must be one of eager, graph or xla, not "fast".'],
    [
      ['train', '--resume', 'a', '--executor', 'xla'],
      "--resume goes on with the run's own settings; leave out --executor."
    ],
    [['train', '--backend', 'cuda'], '--backend must be one of native, webgpu, wasm or cpu, not "cuda".'],
    [['train', '--milestones', '1,x'], '--milestones must be a number above 0 (several with commas), not "1,x".'],
    [['train', '--milestones', '1'], '--milestones goes with --schedule step; the schedule here is cosine.'],
    [
      ['train', '--no-augment', '--crop-padding', '2'],
      "Option '--no-augment' cannot be used with option '--crop-padding <number>'."
    ],
    [['train', '--resume'], '--resume needs the folder of the run to go on with.'],
    [['train', '--resume', 'a', '--epochs', '3'], "--resume goes on with the run's own settings; leave out --epochs."],
    [['train', '--resume', 'a', '--no-flip'], "--resume goes on with the run's own settings; leave out --no-flip."],
    [['train', '--resume', 'a', '--out', 'b'], '--resume writes into the run that it goes on with; leave out --out.'],
    [['evaluate', 'a', '--split', 'all'], '--split must be one of train or test, not "all".'],
    [['evaluate', 'a', '--limit', '0'], '--limit must be a whole number of at least 1, not "0".'],
    [['evaluate', 'a', '--images', 'x.f32'], '--images needs its shape, for instance --shape 20,32,32,3.'],
    [['evaluate', 'a', ...images], '--images needs the labels here, for instance --labels 0,1,2.'],
    [['evaluate', 'a', ...images, '--labels', '1'], 'The number of --labels is 1, but --shape 2,4,4,1 has 2 images.'],
    [
      ['evaluate', 'a', ...images, '--labels', '1,'],
      '--labels must be a whole number of at least 0 (several with commas), not "1,".'
    ],
    [['evaluate', 'a', ...images, '--data', 'd'], '--data cannot be used with --images, which are used whole.'],
    [['predict', 'a', ...images, '--limit', '1'], '--limit cannot be used with --images, which are used whole.'],
    [['predict', 'a', '--shape', '1,1,1,1'], '--shape goes with --images FILE.f32; a data set has its own.'],
    [
      ['predict', 'a', '--images', 'x', '--shape', '1,2,3'],
      '--shape must be N,H,W,C, four whole numbers of at least 1, not "1,2,3".'
    ],
    [['probe', 'embedding', 'a', '--method', 'mds'], '--method must be one of umap or pca, not "mds".'],
    [['probe', 'embedding', 'a', '--dims', '4'], '--dims must be one of 2 or 3, not "4".'],
    [
      ['probe', 'flatness', 'a', '--sigmas', 'big'],
      '--sigmas must be auto or numbers of at least 0 with commas between them, not "big".'
    ],
    [
      ['probe', 'flatness', 'a', '--protocol', 'd'],
      '--protocol must be one of a, b or c (several with commas), not "d".'
    ],
    [
      ['probe', 'history', 'a', 'b', '--name', 'x'],
      'The number of --name options is 1, but there are 2 checkpoints; give one for each.'
    ],
    [
      ['figure', 'r.json', '--out', 'r.gif'],
      '--out must be a file that ends in .svg, .png, .pdf or .csv, not "r.gif".'
    ],
    [['figure', 'r.json', '--out', 'r.svg', '--theme', 'red'], '--theme must be one of light or dark, not "red".'],
    [
      ['figure', 'r.json', '--out', 'r.svg', '--width', '5'],
      '--width must be a whole number of at least 80 and at most 20000, not "5".'
    ],
    [['serve', '--port', '70000'], '--port must be a whole number of at least 0 and at most 65535, not "70000".'],
    [['serve', '--host', '0.0.0.0'], "Unknown option '--host' (Did you mean one of --port, --root?)"],
    [['serve', ''], 'The argument path must not be empty.'],
    [['jobs', 'cancel'], "Missing required argument 'id'."],
    [['jobs', 'cancel', ''], 'The argument id must not be empty.'],
    [['jobs', 'stop'], "Too many arguments for 'jobs'. Expected 0 arguments but got 1."]
  ])('%j', async (argv, sentence) => {
    const { status, stdout, stderr, backend } = await run(argv)
    expect(stderr).toBe(`${sentence}\n`)
    expect(stdout).toBe('')
    expect(status).toBe(2)
    expect(backend).toBe('not created')
  })

  it('no command shows the help', async () => {
    const { status, stderr } = await run([])
    expect(status).toBe(2)
    expect(stderr).toContain('Usage: autodidact')
  })
})

describe('help and version', () => {
  it.each(
    [
      ['--help'],
      ['train', '--help'],
      ['probe', '--help'],
      ['probe', 'flatness', '--help'],
      ['help', 'figure'],
      ['serve', '--help'],
      ['jobs', 'cancel', '--help']
    ].map((argv) => [argv])
  )('%j goes to stdout without an engine', async (argv) => {
    const { status, stdout, stderr, backend } = await run(argv)
    expect(status).toBe(0)
    expect(stdout).toContain('Usage: autodidact')
    expect(stderr).toBe('')
    expect(backend).toBe('not created')
  })

  it('--version', async () => {
    expect(await run(['--version'])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      stderr: ''
    })
  })
})
