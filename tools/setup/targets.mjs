/**
 * What is built, by name: the configuration of Vite, the file without which there is nothing to build yet, all that it
 * is made of (folders and files of the repository), and where in `out/` it goes. `title` begins a sentence.
 */
export const targets = {
  node: {
    title: 'The programs',
    config: 'vite.node.config.ts',
    entry: 'src-main/cli/main.ts',
    sources: ['src-shared', 'src-main', 'src-renderer/figures', 'svelte.config.js', 'package.json'],
    folder: '.'
  },
  preload: {
    title: "The window's preload script",
    config: 'vite.preload.config.ts',
    entry: 'src-main/preload.ts',
    sources: ['src-shared', 'src-main/preload.ts', 'src-main/shell'],
    folder: '.'
  },
  page: {
    title: 'The page',
    config: 'vite.web.config.ts',
    entry: 'src-renderer/index.html',
    sources: ['src-shared', 'src-renderer', 'resources/fonts', 'resources/icons', 'svelte.config.js'],
    folder: 'web'
  }
}

export const targetNames = Object.keys(targets)
