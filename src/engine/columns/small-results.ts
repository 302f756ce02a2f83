/** Arrays for results that are copied or combined at once, so that short calls make none. */
import type { FoldKind, OutputType } from '../../jit/kernel/kernel-spec.ts';
import { combinePartials, partialCount } from '../../jit/kernel/reductions.ts';
import { createOutput, type NumericArray } from '../backends/column-types.ts';

/** Typed arrays up to this size V8 keeps in its heap, in bytes. */
const bytesInHeap = 64;

/** Results of so few rows go through {@link smallOutput} in any case. */
export const fewRows = bytesInHeap / 8;

/** Results of so few rows may: to copy them takes no longer than to tell native code where a new array is. */
const mostSmallRows = 128;

/** For reductions of so few blocks. */
export const smallPartials = new Float64Array(256);

const smallOutputs: Record<OutputType, NumericArray | undefined> = {
  f64: undefined,
  f32: undefined,
  i8: undefined,
  u8: undefined,
  u8c: undefined,
  i16: undefined,
  u16: undefined,
  i32: undefined,
  u32: undefined,
  mask: undefined,
};

/**
 * An array for results that are copied at once, by {@link takeSmall}. V8 keeps arrays of {@link fewRows} in its heap, where
 * native code cannot write, and to move one out takes longer than all the rest of a call.
 */
export function smallOutput(type: OutputType): NumericArray {
  smallOutputs[type] ??= createOutput(type, mostSmallRows);
  return smallOutputs[type];
}

/** The first rows of a {@link smallOutput}, as an array of their own. */
export function takeSmall<Type extends OutputType>(type: Type, rows: number) {
  const small = smallOutput(type);
  const output = createOutput(type, rows);
  for (let row = 0; row < rows; row++) output[row] = small[row] as number;
  return output;
}

/** What {@link smallPartials} of so many rows come to. */
export function combineSmall(kind: FoldKind, rows: number): number {
  const count = partialCount(rows);
  return count === 1 ? (smallPartials[0] as number) : combinePartials(kind, smallPartials, count);
}
