/** What the elements of a column are beyond its rows, for formulas that look at rows before and after. */
import type { Edges } from '../../lang/row-functions.ts';
import { createOutput, elementCode, type NumericArray, outputTypeOf } from '../backends/column-types.ts';

export const edgeKinds: readonly Edges[] = Object.freeze(['nan', 'clamp', 'wrap', 'error']);

/** The row whose element stands for that of `row`, of which there are `rows`; -1 where it is NaN. */
export function rowAt(row: number, rows: number, edges: Edges): number {
  if (row >= 0 && row < rows) return row;
  if (edges === 'clamp') return row < 0 ? 0 : rows - 1;
  if (edges === 'nan') return -1;
  const rest = row % rows;
  return rest < 0 ? rest + rows : rest;
}

/** `count` elements from `first` on, which may be in front of the column or behind its `rows` rows; of those of integers as doubles, if they may be NaN. */
export function elementsAround(
  column: NumericArray | number,
  first: number,
  count: number,
  rows: number,
  edges: Edges,
): NumericArray | number {
  if (typeof column === 'number' && edges !== 'nan') return column;
  const elements = typeof column === 'number' ? new Float64Array(count) : arrayFor(column, count, edges);
  for (let i = 0; i < count; i++) {
    const row = rowAt(first + i, rows, edges);
    elements[i] = row < 0 ? Number.NaN : typeof column === 'number' ? column : (column[row] as number);
  }
  return elements;
}

function arrayFor(column: NumericArray, count: number, edges: Edges): NumericArray {
  const type = outputTypeOf(elementCode(column));
  return createOutput(edges !== 'nan' || type === 'f32' ? type : 'f64', count);
}
