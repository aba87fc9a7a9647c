/** Real matrix, row-major: element (i, j) is data[i * columns + j]. */
export type Matrix = { data: Float32Array | Float64Array; rows: number; columns: number }

/** Float64 matrix of a list of rows; throws RangeError if the rows differ in length. */
export function matrixFromRows(rows: readonly (readonly number[])[]): Matrix {
  const columns = rows[0]?.length ?? 0
  const data = new Float64Array(rows.length * columns)
  rows.forEach((row, i) => {
    if (row.length !== columns) throw new RangeError(`Row ${i} has ${row.length} entries where row 0 has ${columns}.`)
    data.set(row, i * columns)
  })
  return { data, rows: rows.length, columns }
}

/** Float64 matrix of zeros, rows x columns. */
export function zeros(rows: number, columns: number): Matrix & { data: Float64Array } {
  return { data: new Float64Array(rows * columns), rows, columns }
}

/** Row i of a matrix as a view on its data, without a copy. */
export function rowOf(matrix: Matrix, i: number): Float32Array | Float64Array {
  return matrix.data.subarray(i * matrix.columns, (i + 1) * matrix.columns)
}
