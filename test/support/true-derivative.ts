/**
 * Derivatives to some thirty digits, by differences of functions that decimal.js computes: nothing of the rules of the compiler.
 *
 * Central differences with steps that are halved, extrapolated to 0 (Richardson): each column of the table takes away one more even
 * power of the step.
 */
import { Decimal } from 'decimal.js';

const Precise = Decimal.clone({ precision: 75 });

export type DecimalFunction = (...x: readonly Decimal[]) => Decimal;

const pi = Precise.acos(-1);
const one = new Precise(1);

/** The derivative by the argument at `place`, of what is analytic for a 32nd around it. */
export function trueDerivative(fn: DecimalFunction, args: readonly number[], place: number): Decimal {
  const at = args.map((x) => new Precise(x));
  const moved = (step: Decimal) => fn(...at.map((x, index) => (index === place ? x.plus(step) : x)));
  let column: Decimal[] = [];
  for (let level = 0; level < 8; level++) {
    const step = new Precise(2).pow(-level - 6);
    column.push(moved(step).minus(moved(step.neg())).div(step.times(2)));
  }
  for (let power = 4; column.length > 1; power *= 4) {
    column = column.slice(1).map((finer, index) => {
      const coarser = column[index] as Decimal;
      return finer.plus(finer.minus(coarser).div(power - 1));
    });
  }
  return column[0] as Decimal;
}

function errorFunction(x: Decimal): Decimal {
  let term = x;
  let sum = x;
  for (let n = 1; term.abs().gt(1e-65); n++) {
    term = term.times(x).times(x).neg().div(n);
    sum = sum.plus(term.div(2 * n + 1));
  }
  return sum.times(2).div(pi.sqrt());
}

const bernoulli = [
  [1, 12],
  [-1, 360],
  [1, 1260],
  [-1, 1680],
  [1, 1188],
  [-691, 360360],
  [1, 156],
] as const;

/** Stirling's series two hundred to the right; its first term left out is less than 1e-34 there. */
function logGamma(x: Decimal): Decimal {
  if (x.lt(0))
    return pi
      .div(Precise.sin(pi.times(x)).abs())
      .ln()
      .minus(logGamma(one.minus(x)));
  let shifted = x;
  let product = one;
  for (let n = 0; n < 200; n++) {
    product = product.times(shifted);
    shifted = shifted.plus(1);
  }
  const series = bernoulli.reduce(
    (sum, [p, q], k) => sum.plus(new Precise(p).div(q).div(shifted.pow(2 * k + 1))),
    new Precise(0),
  );
  const leading = shifted.minus(0.5).times(shifted.ln()).minus(shifted);
  return leading.plus(pi.times(2).ln().div(2)).plus(series).minus(product.ln());
}

function gamma(x: Decimal): Decimal {
  const magnitude = logGamma(x).exp();
  return x.lt(0) && x.floor().mod(2).abs().eq(1) ? magnitude.neg() : magnitude;
}

/** Of the math library's functions, by name. */
export const decimalFunctions: Readonly<Record<string, DecimalFunction>> = {
  cbrt: (x) => Precise.cbrt(x as Decimal),
  exp: (x) => Precise.exp(x as Decimal),
  exp2: (x) => new Precise(2).pow(x as Decimal),
  expm1: (x) => Precise.exp(x as Decimal).minus(1),
  log: (x) => Precise.ln(x as Decimal),
  log1p: (x) => Precise.ln((x as Decimal).plus(1)),
  log10: (x) => Precise.log10(x as Decimal),
  log2: (x) => Precise.log2(x as Decimal),
  pow: (x, y) => Precise.pow(x as Decimal, y as Decimal),
  hypot: (...x) => Precise.hypot(...x),
  sin: (x) => Precise.sin(x as Decimal),
  cos: (x) => Precise.cos(x as Decimal),
  tan: (x) => Precise.tan(x as Decimal),
  asin: (x) => Precise.asin(x as Decimal),
  acos: (x) => Precise.acos(x as Decimal),
  atan: (x) => Precise.atan(x as Decimal),
  atan2: (y, x) => Precise.atan2(y as Decimal, x as Decimal),
  sinpi: (x) => Precise.sin(pi.times(x as Decimal)),
  cospi: (x) => Precise.cos(pi.times(x as Decimal)),
  tanpi: (x) => Precise.tan(pi.times(x as Decimal)),
  sinh: (x) => Precise.sinh(x as Decimal),
  cosh: (x) => Precise.cosh(x as Decimal),
  tanh: (x) => Precise.tanh(x as Decimal),
  asinh: (x) => Precise.asinh(x as Decimal),
  acosh: (x) => Precise.acosh(x as Decimal),
  atanh: (x) => Precise.atanh(x as Decimal),
  sigmoid: (x) => one.div(one.plus(Precise.exp((x as Decimal).neg()))),
  softplus: (x) => one.plus(Precise.exp(x as Decimal)).ln(),
  erf: (x) => errorFunction(x as Decimal),
  erfc: (x) => one.minus(errorFunction(x as Decimal)),
  gamma: (x) => gamma(x as Decimal),
  lgamma: (x) => logGamma(x as Decimal),
  fac: (x) => gamma((x as Decimal).plus(1)),
};
