import { UserError } from '../../../../src-shared/errors.ts'

/** Makes the error of a sentence that says what is wrong with a file, without the full stop: for instance `layer "a" is …`. */
export type Refuse = (what: string) => UserError

/** Sentences that begin with the file's path. */
export const refusalsOf =
  (path: string): Refuse =>
  (what) =>
    new UserError(`${path}: ${what}.`)
