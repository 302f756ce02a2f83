/** What the benchmark of the math library computes, as data: each function over usual arguments, in columns and alone. */
import { mathFunctions } from '../src/jit/math/library.ts';
import { invariant } from '../src/support/invariant.ts';
import type { KernelWorkload } from './kernels.workloads.ts';
import { translateToC } from './peers/kernels-gcc.ts';

type Range = readonly [low: number, high: number];

interface UsualArguments {
  readonly x: Range;
  /** Of functions of two arguments. */
  readonly y?: Range;
}

/** The bounds of `math.bounds.ts` are for these. */
const usualArguments: ReadonlyMap<string, UsualArguments> = new Map<string, UsualArguments>([
  ['exp', { x: [-10, 10] }],
  ['exp2', { x: [-10, 10] }],
  ['expm1', { x: [-5, 5] }],
  ['log', { x: [1e-3, 1e3] }],
  ['log2', { x: [1e-3, 1e3] }],
  ['log10', { x: [1e-3, 1e3] }],
  ['log1p', { x: [-0.9, 10] }],
  ['pow', { x: [0.1, 10], y: [-5, 5] }],
  ['cbrt', { x: [-1e3, 1e3] }],
  ['hypot', { x: [-10, 10], y: [-10, 10] }],
  ['sin', { x: [-10, 10] }],
  ['cos', { x: [-10, 10] }],
  ['tan', { x: [-10, 10] }],
  ['asin', { x: [-1, 1] }],
  ['acos', { x: [-1, 1] }],
  ['atan', { x: [-10, 10] }],
  ['atan2', { x: [-5, 5], y: [-5, 5] }],
  ['sinpi', { x: [-10, 10] }],
  ['cospi', { x: [-10, 10] }],
  ['tanpi', { x: [-10, 10] }],
  ['sinh', { x: [-5, 5] }],
  ['cosh', { x: [-5, 5] }],
  ['tanh', { x: [-5, 5] }],
  ['asinh', { x: [-10, 10] }],
  ['acosh', { x: [1, 100] }],
  ['atanh', { x: [-1, 1] }],
  ['sigmoid', { x: [-10, 10] }],
  ['softplus', { x: [-10, 10] }],
  ['erf', { x: [-3, 3] }],
  ['erfc', { x: [-3, 6] }],
  ['gamma', { x: [0.1, 20] }],
  ['lgamma', { x: [0.1, 100] }],
  ['fac', { x: [0, 20] }],
]);

const notInC: ReadonlySet<string> = new Set(['sinpi', 'cospi', 'tanpi', 'sigmoid', 'softplus', 'fac']);
const notInLibmvec: ReadonlySet<string> = new Set([...notInC, 'gamma', 'lgamma']);

/** The functions that the library has, in its order. */
const functions = [...mathFunctions.keys()].map((name) => {
  const usual = usualArguments.get(name);
  invariant(usual !== undefined, `no usual arguments of ${name}`);
  return { name, ...usual };
});

/** Each function over columns. */
export const mathWorkloads: readonly KernelWorkload[] = functions.map(({ name, x, y }) => ({
  name,
  group: 'transcendental',
  outputs: { r: y === undefined ? `${name}(x)` : `${name}(x, y)` },
  columns: y === undefined ? { x } : { x, y },
}));

/** Calls in one run of a scalar workload. */
export const scalarCalls = 1000;

/** Each function in a loop within a row; columns hold where its arguments start, and how far each is from the one before. */
export const scalarWorkloads: readonly KernelWorkload[] = functions.map(({ name, x, y }) => {
  const call = y === undefined ? `${name}(x + i*c)` : `${name}(x + i*c, y + i*d)`;
  return {
    name,
    group: 'loops',
    outputs: { r: `sum(i, 1, ${scalarCalls}, ${call})` },
    c: `double r = 0; for (int i = 1; i <= ${scalarCalls}; i++) r += ${translateToC(call)};`,
    columns: {
      ...{ x: only(x[0]), c: only(step(x)) },
      // The second argument takes a part of its range, so that the two are not in proportion.
      ...(y && { y: only(y[0]), d: only(0.75 * step(y)) }),
    },
  };
});

export function isInC({ name }: KernelWorkload): boolean {
  return !notInC.has(name);
}

/** As of glibc 2.35. */
export function isInLibmvec({ name }: KernelWorkload): boolean {
  return !notInLibmvec.has(name);
}

/** The bounds of a column whose elements are all the same. */
function only(value: number): Range {
  return [value, value];
}

/** Between the arguments of a run; none of them is a bound of the range, where some functions are infinite. */
function step([low, high]: Range): number {
  return (high - low) / (scalarCalls + 1);
}
