/** A word as a POSIX shell reads it back unchanged: bare where nothing in it is special, else in single quotes. */
export const quoteWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`

/** A command as one line for a POSIX shell. */
export const quoteCommand = (words: readonly string[]): string => words.map(quoteWord).join(' ')
