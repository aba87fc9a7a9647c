export { openCheckpoint, describeCheckpoint } from '../../../src-main/engine/checkpoint/checkpoint.ts'
export { withOpenFile } from '../../../src-main/engine/checkpoint/open-file.ts'
export { readZipDirectory, readZipNames } from '../../../src-main/engine/checkpoint/zip/zip-directory.ts'
export { readContents } from '../../../src-main/engine/checkpoint/formats.ts'
