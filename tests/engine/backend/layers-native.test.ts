import { describeLayers } from './layers-cases.ts'

describeLayers('native', [])
