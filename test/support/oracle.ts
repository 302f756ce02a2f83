/**
 * The true values of the transcendental functions, to some sixty decimal digits.
 *
 * decimal.js computes them; what is added here is what a general library cannot know: exact reduction of huge
 * angles, series where subtraction would cancel, and an early answer where the result is out of range anyway.
 */
import { Decimal } from 'decimal.js';
import type { Transcendental } from './reference-library.ts';
import { nextUp, ulpOf } from './ulp.ts';

const Precise = Decimal.clone({ precision: 64, minE: -9e15, maxE: 9e15 });
/** 309 digits of the largest double before the point and the precision behind it. */
const Wide = Decimal.clone({ precision: 420, minE: -9e15, maxE: 9e15 });

const pi = Precise.acos(-1);
const halfPi = Wide.acos(-1).div(2);
const ln2 = Precise.ln(2);
const ln10 = Precise.ln(10);
/** Beyond any double, and not the limit of any: stands for whatever overflows. */
const overflow = new Precise('1e400');
const underflow = new Precise('1e-400');

/** Below this magnitude two terms of a Taylor series at zero are the function. */
const tiny = 1e-20;
/** Where the exponential of the argument is out of range, whatever is added. */
const huge = 1000;

type OddFunction = 'asin' | 'asinh' | 'atan' | 'atanh' | 'sin' | 'sinh' | 'tan' | 'tanh';

/** The coefficient of the cube in the Taylor series at zero of `x + c x^3 + …`, as one over it. */
const cubic: Readonly<Record<OddFunction, number>> = {
  asin: 6,
  asinh: -6,
  atan: -3,
  atanh: 3,
  sin: -6,
  sinh: 6,
  tan: 3,
  tanh: -3,
};

/** The double as a decimal. Its constructor would take the shortest decimal that rounds to the double instead. */
function decimalOf(x: number, kind = Precise): Decimal {
  let exponent = 0;
  let mantissa = x;
  while (!Number.isSafeInteger(mantissa)) {
    const down = Math.abs(mantissa) >= 2 ** 53;
    mantissa *= down ? 0.5 : 2;
    exponent += down ? 1 : -1;
  }
  return new kind(mantissa).times(new kind(2).pow(exponent));
}

/**
 * The true value of the function, or undefined where it has none that a double merely approximates: for arguments
 * that are not finite or outside the domain, and where the value is zero. There JavaScript's answer is the definition.
 */
export function trueValue(name: Transcendental, args: readonly number[]): Decimal | undefined {
  if (!args.every(Number.isFinite)) return undefined;
  const exact = Math[name] as (...args: readonly number[]) => number;
  if (Number.isNaN(exact(...args)) || args.every((x) => x === 0)) return undefined;
  const value = compute(name, args);
  return value === undefined || !value.isFinite() || value.isZero() ? undefined : value;
}

/** How far the result is from the truth, in units of the last place of the truth. */
export function errorInUlps(result: number, truth: Decimal): number {
  if (Number.isNaN(result)) return Number.POSITIVE_INFINITY;
  const limit = new Precise(2).pow(1024);
  if (!Number.isFinite(result)) {
    if (truth.isNegative() !== result < 0) return Number.POSITIVE_INFINITY;
    return truth.abs().gte(limit)
      ? 0
      : limit
          .minus(truth.abs())
          .div(decimalOf(ulpOf(result)))
          .toNumber();
  }
  const nearest = Math.abs(truth.toNumber());
  const below = truth.abs().lt(nearest) ? -nextUp(-nearest) : nearest;
  return decimalOf(result)
    .minus(truth)
    .abs()
    .div(decimalOf(ulpOf(below)))
    .toNumber();
}

function compute(name: Transcendental, args: readonly number[]): Decimal | undefined {
  const [first, second] = args as [number, number];
  const x = decimalOf(first);
  if (Math.abs(first) < tiny && name in cubic) {
    return x.plus(x.pow(3).div(cubic[name as OddFunction]));
  }
  switch (name) {
    case 'sin':
    case 'cos':
    case 'tan':
      return circular(name, first);
    case 'asin':
    case 'acos':
    case 'acosh':
    case 'cbrt':
    case 'tanh':
      return Math.abs(first) > huge && name === 'tanh' ? new Precise(Math.sign(first)) : x[name]();
    case 'asinh':
      return x.abs().asinh().times(Math.sign(first));
    case 'atanh':
      return Math.abs(first) === 1 ? undefined : x.atanh();
    case 'atan':
      return arctangent(x);
    case 'atan2':
      return arctangent2(x, decimalOf(second));
    case 'exp':
      return exponential(x);
    case 'expm1':
      if (Math.abs(first) < tiny) return x.plus(x.pow(2).div(2)).plus(x.pow(3).div(6));
      return exponential(x).minus(1);
    case 'sinh':
      return exponential(x).minus(exponential(x.neg())).div(2);
    case 'cosh':
      return exponential(x).plus(exponential(x.neg())).div(2);
    case 'log':
      return first === 0 ? undefined : x.ln();
    case 'log2':
      return first === 0 ? undefined : x.ln().div(ln2);
    case 'log10':
      return first === 0 ? undefined : x.ln().div(ln10);
    case 'log1p':
      if (Math.abs(first) < tiny) return x.minus(x.pow(2).div(2)).plus(x.pow(3).div(3));
      return first === -1 ? undefined : x.plus(1).ln();
    case 'hypot':
      return args.reduce((sum, each) => sum.plus(decimalOf(each).pow(2)), new Precise(0)).sqrt();
    case 'pow':
      return power(first, second);
  }
}

function circular(name: 'sin' | 'cos' | 'tan', angle: number): Decimal {
  const wide = decimalOf(angle, Wide);
  const quarters = wide.div(halfPi).round();
  const rest = new Precise(wide.minus(quarters.times(halfPi)).toSignificantDigits(Precise.precision));
  const quarter = ((quarters.mod(4).toNumber() % 4) + 4) % 4;
  const sine = rest.abs().lt(tiny) ? rest : rest.sin();
  const cosine = rest.cos();
  if (name === 'tan') return quarter % 2 === 0 ? sine.div(cosine) : cosine.div(sine).neg();
  const turned = name === 'sin' ? quarter : (quarter + 1) % 4;
  const value = turned % 2 === 0 ? sine : cosine;
  return turned < 2 ? value : value.neg();
}

function arctangent(x: Decimal): Decimal {
  if (x.isZero()) return x;
  if (x.abs().lt(tiny)) return x.minus(x.pow(3).div(3));
  if (x.abs().gt(1 / tiny)) return pi.div(2).times(x.s).minus(new Precise(1).div(x));
  return x.atan();
}

function arctangent2(y: Decimal, x: Decimal): Decimal | undefined {
  if (x.isZero()) return pi.div(2).times(y.s);
  // A zero's sign decides; the value is zero or pi, and the latter is a double of its own choosing.
  if (y.isZero()) return x.s > 0 ? undefined : pi.times(y.s);
  const angle = arctangent(y.div(x));
  return x.s > 0 ? angle : angle.plus(pi.times(y.s));
}

function exponential(x: Decimal): Decimal {
  if (x.gt(huge)) return overflow;
  return x.lt(-huge) ? underflow : x.exp();
}

function power(base: number, exponent: number): Decimal | undefined {
  if (base === 0 || exponent === 0) return undefined;
  const magnitude = exponential(decimalOf(Math.abs(base)).ln().times(decimalOf(exponent)));
  const odd = Math.abs(exponent) < 2 ** 53 && exponent % 2 !== 0;
  return base < 0 && odd ? magnitude.neg() : magnitude;
}
