import { describeLayers } from './layers-cases.ts'

describeLayers('wasm', ['mobilenet', 'squeezenet-imagenet', 'wrn14'])
