import { join } from 'node:path'
import { resourcesFolder } from '../package-root.ts'

const file = (name: string): string => join(resourcesFolder, 'fonts', name)

/** The fonts that figures are drawn with, as files. */
export const figureFonts = {
  regular: file('IBMPlexSans-Regular.ttf'),
  semiBold: file('IBMPlexSans-SemiBold.ttf')
} as const
