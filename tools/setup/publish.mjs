import { existsSync, mkdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { filesIn, noteFile, readNote } from './bundle.mjs'
import { targets } from './targets.mjs'

const weekMs = 7 * 24 * 60 * 60 * 1000
const depthOf = (path) => path.split('/').length

/** Where the names hold a hash, so that what an older build made can stay beside the new. */
const hashedFolders = { node: ['chunks'], preload: [], page: ['web/assets'] }

/**
 * Moves a finished build from `folder` into `out/`, so that whoever starts or loads it meanwhile gets the old one or the
 * new one, whole: first the files that others name, then those that name them. Files of the build before stay for a
 * week, for programs and pages that still run and load a part late. `sources` is the hash of what it was made of.
 */
export function publish(root, name, folder, sources) {
  const out = join(root, 'out')
  const inOut = (path) => relative(out, path).split(sep).join('/')
  const files = filesIn(folder)
    .map((file) => inOut(join(out, targets[name].folder, relative(folder, file))))
    .sort((a, b) => depthOf(b) - depthOf(a))
  for (const file of files) {
    const built = join(folder, relative(targets[name].folder, file))
    mkdirSync(dirname(join(out, file)), { recursive: true })
    renameSync(built, join(out, file))
  }
  const now = new Date()
  // A week from when they were replaced, not from when they were built.
  for (const file of readNote(root, name).files) {
    if (!files.includes(file) && existsSync(join(out, file))) utimesSync(join(out, file), now, now)
  }
  for (const file of hashedFolders[name].flatMap((place) => filesIn(join(out, place)))) {
    if (!files.includes(inOut(file)) && now - statSync(file).mtime > weekMs) rmSync(file, { force: true })
  }
  mkdirSync(dirname(noteFile(root, name)), { recursive: true })
  const note = `${JSON.stringify({ sources, files }, null, 2)}\n`
  writeFileSync(`${noteFile(root, name)}.new`, note)
  renameSync(`${noteFile(root, name)}.new`, noteFile(root, name))
}

/** Removes what older builds left behind; for packaging, where nothing of them runs. */
export function removeOld(root, name) {
  const { files } = readNote(root, name)
  const left = hashedFolders[name].flatMap((place) => filesIn(join(root, 'out', place)))
  for (const file of left) {
    if (!files.includes(relative(join(root, 'out'), file).split(sep).join('/'))) rmSync(file, { force: true })
  }
}
