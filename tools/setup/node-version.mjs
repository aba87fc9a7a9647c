import { Refusal } from './refusal.mjs'

const oldest = [20, 19]

/** Throws a Refusal if this Node is older than the lab needs. */
export function checkNodeVersion({ nodeVersion }) {
  const [major, minor] = nodeVersion.split('.').map(Number)
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return
  throw new Refusal(
    `Node ${nodeVersion} is too old: Autodidact needs Node ${oldest.join('.')} or newer; get it at nodejs.org and run this again.`
  )
}
