/** The last part of a path, whatever the system parts it with. */
export const fileNameOf = (path: string): string => path.split(/[\\/]/).findLast(Boolean) ?? path
