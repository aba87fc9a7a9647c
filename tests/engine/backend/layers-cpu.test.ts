import { describeLayers } from './layers-cases.ts'

describeLayers('cpu', ['mobilenet', 'squeezenet-imagenet', 'wrn14'])
