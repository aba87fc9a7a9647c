import { describeNetwork, type Network } from '../model/layer.ts'

/** What is asked of a checkpoint, open or described. */
export type Held = {
  network: Network | null
  outputs: { exits: readonly unknown[]; count: number; classes: number } | null
}

/** What a checkpoint holds, for people: its network, or what one gave; empty where it is neither. */
export function describeHolding({ network, outputs }: Held): string {
  if (network) return describeNetwork(network)
  if (!outputs) return ''
  const { exits, count, classes } = outputs
  const images = String(count).replace(/\B(?=(\d{3})+$)/g, ',')
  const [ofExits, ofImages] = [
    exits.length === 1 ? '1 exit' : `${exits.length} exits`,
    count === 1 ? 'image' : 'images'
  ]
  return `outputs of ${ofExits}, ${images} ${ofImages}, ${classes} classes`
}
