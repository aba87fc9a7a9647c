import { findLabHome } from '../../lab-home.ts'

let chosen: string | null = null

/** The folder of the lab whose list of data sets this process knows: the one it was told, else the user's own. */
export const datasetHome = (): string => chosen ?? findLabHome()

/**
 * Makes this process know the data sets of a lab. Job processes, which it starts and which look names up themselves, get
 * the folder as AUTODIDACT_HOME.
 */
export function useDatasetsOf(home: string): void {
  chosen = home
  process.env.AUTODIDACT_HOME = home
}
