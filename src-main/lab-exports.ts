import { join } from 'node:path'

/** Where a lab keeps what a browser is about to fetch: gone once it is fetched, or when the lab is opened again. */
export const exportsFolder = (home: string): string => join(home, 'exports.tmp')
