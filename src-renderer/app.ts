import { createContext } from 'svelte'
import type { LabContract } from '../src-shared/lab-contract.ts'
import type { Lab } from './lab.svelte.ts'
import type { Opening } from './opening/opening.svelte.ts'
import type { Results } from './results.svelte.ts'
import type { Session } from './session.svelte.ts'
import type { Shell } from './shell.ts'
import type { Toasts } from './toasts.svelte.ts'

/** Everything a view works with: the two sides it may ask, what is known of the lab, and what the user has chosen. */
export type App = {
  engine: LabContract
  shell: Shell
  lab: Lab
  session: Session
  results: Results
  toasts: Toasts
  opening: Opening
}

/** The app of the component tree; set once by `App.svelte`. */
export const [getApp, setApp] = createContext<App>()
