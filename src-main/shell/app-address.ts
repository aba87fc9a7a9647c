/** Scheme of the page's address in the desktop's window. */
export const appScheme = 'app'
/** Where the page comes from; nothing else is ever loaded. */
export const appOrigin = 'app://lab'
/** The page. */
export const entryAddress = `${appOrigin}/index.html`

/** True for an address of our own page and its parts; everything else is foreign. */
export function isAppAddress(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, host, username, password } = new URL(address)
  // Compared in parts: Node gives addresses of schemes that it does not know no origin.
  return protocol === `${appScheme}:` && host === 'lab' && username === '' && password === ''
}
