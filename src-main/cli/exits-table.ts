import { formatNumber, formatPercent, formatTable } from './text-table.ts'

type Measured = { accuracy: number; loss: number }

/** Accuracy and loss of every exit and of the ensemble, for people. */
export function formatExits(result: { exits: (Measured & { exit: number })[]; ensemble: Measured }): string {
  const row = (name: string, { accuracy, loss }: Measured) => [name, formatPercent(accuracy), formatNumber(loss)]
  const rows = [...result.exits.map((exit) => row(`exit ${exit.exit}`, exit)), row('ensemble', result.ensemble)]
  return formatTable(['', 'accuracy', 'loss'], rows)
}
