/**
 * Calls of functions with few parameters, by the short way of the kernels that they used last (see `short-run.ts`).
 *
 * The properties of the columns are read once each, into variables: no object is made for a call. Where the short way does not lead all
 * the way, the call goes on by the long one with what was read.
 */

import { hasOwnNamed } from '../../support/intrinsics.ts';
import { isObject } from '../../support/own.ts';
import type { NumericArray } from '../backends/column-types.ts';
import type { ShortRun } from '../backends/short-run.ts';
import { currentDeadline } from '../backends/time-limit.ts';
import type { ShortKernels } from './short-kernels.ts';

/** Whether a call with these columns may go the short way, as far as can be seen from outside. */
export function mayBeShort(columns: object): boolean {
  return isObject(columns) && currentDeadline() === 0;
}

/**
 * Computes into `result`, an output or the partial results of a reduction, and gives how many rows there were. Where it cannot, the
 * columns' properties, one for each parameter: then nothing was done.
 */
export function runShort(
  { first, second, third, count }: ShortKernels,
  way: ShortRun,
  columns: object,
  result: NumericArray,
): number | readonly unknown[] {
  const given = columns as Readonly<Record<string, unknown>>;
  let x: unknown;
  let y: unknown;
  let z: unknown;
  let names = 0;
  let known = 0;
  let own = 0;
  // V8 knows where the property of the moment is, which it would have to look up by name elsewhere.
  for (const name in given) {
    names++;
    if (hasOwnNamed(given, name)) own++;
    if (name === first) x = given[name];
    else if (name === second) y = given[name];
    else if (name === third) z = given[name];
    else continue;
    known++;
  }
  // What somebody has put into `Object.prototype` is nobody's column.
  const isWhole = names === count && known === count && own === count;
  const rows = isWhole ? way.run(x, y, z, result) : 0;
  if (rows > 0) return rows;
  way.noteUse(x, y, z, result);
  if (known === count) return [x, y, z];
  // Properties that are not enumerable count too.
  if (x === undefined) x = given[first];
  if (y === undefined && second !== undefined) y = given[second];
  if (z === undefined && third !== undefined) z = given[third];
  return [x, y, z];
}
