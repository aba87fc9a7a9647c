import { viewNames, type ThemeChoice, type ViewName } from './session.svelte.ts'

/** View and theme that the address names: `#/flat?theme=dark`; null where it names none. */
export function readHash(hash: string = location.hash): { view: ViewName | null; theme: ThemeChoice | null } {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?')
  const theme = new URLSearchParams(query).get('theme')
  return {
    view: viewNames.find((name) => name === path) ?? null,
    theme: theme === 'light' || theme === 'dark' ? theme : null
  }
}

/** Puts the view into the address, without a new entry in the browser's history. */
export function writeHash(view: ViewName): void {
  const query = location.hash.split('?')[1]
  history.replaceState(null, '', `#/${view}${query ? `?${query}` : ''}`)
}
