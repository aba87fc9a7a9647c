import { findNetwork } from '../../src-shared/networks/find-network.ts'
import { buildNetwork, type NetworkOptions } from '../../src-main/engine/model/build-network.ts'
import type { Network } from '../../src-main/engine/model/layer.ts'

type Options = Omit<NetworkOptions, 'member'> & { name: string; form?: 'cifar' | 'imagenet' }

/** A network of the papers by name. */
export const networkNamed = ({ name, form, ...options }: Options): Network =>
  buildNetwork({ member: findNetwork({ name, width: options.width, form }), ...options })

/** A ResNet in its CIFAR form. */
export const resnet = ({ depth, ...options }: Omit<Options, 'name'> & { depth: number }): Network =>
  networkNamed({ name: `resnet${depth}`, ...options })
