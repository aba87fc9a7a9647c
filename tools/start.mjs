import { runAfterSetup } from './setup.mjs'
import { runTour } from './tour.mjs'

// `npm start`: set-up where needed, then the tour; arguments go to the tour.
process.exitCode = await runAfterSetup(() => runTour(process.argv.slice(2)))
