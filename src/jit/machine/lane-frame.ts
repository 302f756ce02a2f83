/**
 * How functions on lanes get their arguments and give their results: in memory of their caller, above the return address, where
 * the values are as near as in registers and need no spilling.
 *
 *     return address | arguments of several lanes | results | arguments of one lane
 *
 * The caller aligns the first of them to 64 bytes, so all that has lanes is aligned as its register.
 */
import type { Type } from '../ir/opcode.ts';
import { lanesOf } from '../ir/type.ts';

/** Alignment of the stack in front of such a call, in bytes: that of the widest register. */
export const laneAlignment = 64;

export interface LaneFrame {
  /** Of all vectors of the function. */
  readonly lanes: number;
  /** By parameter: its place, in words of 8 bytes from the first. */
  readonly arguments: readonly number[];
  /** Of the first result; the others follow, a vector each. */
  readonly results: number;
  /** Of the first argument of one lane. */
  readonly scalars: number;
  readonly words: number;
}

export function laneFrame(parameters: readonly Type[], resultCount: number): LaneFrame {
  const lanes = parameters.reduce((most, type) => Math.max(most, lanesOf(type)), 1);
  const wide = parameters.filter((type) => lanesOf(type) > 1).length;
  const results = wide * lanes;
  const scalars = results + resultCount * lanes;
  let [nextWide, next] = [0, scalars];
  const places = parameters.map((type) => {
    if (lanesOf(type) === 1) return next++;
    nextWide += lanes;
    return nextWide - lanes;
  });
  return { lanes, arguments: places, results, scalars, words: next };
}
