/** What the functions of the math library promise. Tests and `npm run accuracy` hold them to it. */
import { ulpOf } from '../../support/ulp.ts';

/** Largest error in ulps, over all arguments. */
export const bounds: ReadonlyMap<string, number> = new Map([
  ['pow', 0.52],
  ...within(0.53, ['log', 'log2', 'log10', 'log1p']),
  ...within(0.54, ['sin', 'cos', 'tan', 'sinpi', 'cospi', 'tanpi', 'tanh', 'expm1']),
  ...within(0.55, ['exp', 'exp2']),
  ...within(0.57, ['atan', 'atan2']),
  ...within(0.6, ['sinh', 'cosh', 'cbrt', 'hypot']),
  ...within(0.7, ['asin', 'acos', 'asinh', 'acosh', 'atanh']),
  ...within(1, ['erf', 'erfc', 'gamma', 'lgamma', 'fac', 'sigmoid', 'softplus']),
]);

function within(bound: number, names: readonly string[]): [string, number][] {
  return names.map((name) => [name, bound]);
}

/**
 * How many ulps count as one. Among negative numbers lgamma has zeros that are no doubles, and near these it promises an absolute
 * error: there, 2^-57 counts as one ulp.
 */
export function ulpsCountedAsOne(name: string, x: number, nearest: number): number {
  return name === 'lgamma' && x < 0 ? Math.max(1, 2 ** -57 / ulpOf(nearest)) : 1;
}

/** f(-x) is -f(x), in every bit. */
export const oddFunctions: readonly string[] = [
  ...['sin', 'tan', 'asin', 'atan', 'sinh', 'tanh', 'asinh', 'atanh', 'cbrt', 'erf', 'sinpi', 'tanpi'],
];

/** f(-x) is f(x), in every bit. */
export const evenFunctions: readonly string[] = ['cos', 'cosh', 'cospi'];

/** Where a function rises, or falls: of neighbours, none may be out of order. */
export interface MonotoneRange {
  readonly from: number;
  readonly to: number;
  readonly falls: boolean;
}

const max = Number.MAX_VALUE;

/** Those that keep the order everywhere in their range, by name. */
export const monotoneRanges: ReadonlyMap<string, MonotoneRange> = new Map([
  rising('exp', -746, 710),
  rising('exp2', -1076, 1024),
  rising('expm1', -50, 710),
  rising('log', 0, max),
  rising('log2', 0, max),
  rising('log10', 0, max),
  rising('log1p', -1, max),
  rising('asin', -1, 1),
  falling('acos', -1, 1),
  rising('atan', -max, max),
  rising('sinh', -711, 711),
  rising('cosh', 0, 711),
  rising('tanh', -24, 24),
  rising('asinh', -max, max),
  rising('acosh', 1, max),
  rising('atanh', -1, 1),
  rising('cbrt', -max, max),
  rising('erf', -7, 7),
  falling('erfc', -7, 28),
  rising('sigmoid', -746, 40),
  rising('softplus', -746, max),
]);

function rising(name: string, from: number, to: number): [string, MonotoneRange] {
  return [name, { from, to, falls: false }];
}

function falling(name: string, from: number, to: number): [string, MonotoneRange] {
  return [name, { from, to, falls: true }];
}
