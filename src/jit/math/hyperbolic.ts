/**
 * sinh and cosh.
 *
 * Problem. Half the difference and half the sum of e^y and e^-y, y = |x|: the difference cancels where y is small.
 *
 * Strategy. One reduction y = n step + r serves both powers: with S and S' near e^(n step) and e^(-n step), entries of the table,
 *   2 cosh y = (S + S') cosh r + (S - S') sinh r,
 *   2 sinh y = (S - S') cosh r + (S + S') sinh r.
 * cosh has S + S' as a pair, and adds the rest to it. sinh does as expm1 does (see expm1.ts): its S and S' have 26 bits, so that
 * products with the head r' of r are exact, and (S - S') + S r' + S' r' is summed without error.
 *
 * 1. Both depend on |x| only; sinh takes over the sign.
 * 2. Usual are magnitudes below 700, where e^-y is still normal. Beyond, the result is half of e^y.
 * 3. cosh rises by less than an ulp from one argument to the next, and must not fall. So r is multiplied by the small S - S',
 *    which makes roundings as small as the rise; e^r and e^-r by themselves would have roundings that are larger.
 *
 * ERROR BUDGET, in ulp of the result:
 *   cosh, at its largest where e^-y counts no more: the last addition 0.5; r, r + odd part, the product, and the sum with the even
 *     part: four roundings of 2^-60, 0.0312; polynomial, even part 0.0012; sum 0.5324
 *   sinh, near y = 0.022: the last addition 0.5; even and odd part, and sums they are in, for either power, as in expm1.ts, 0.028;
 *     sum 0.528
 *   rare, both: as exp, 0.5324
 * Measured over 10^6 points a range: cosh 0.5288 (usual), 0.5272 (rare); sinh 0.5090 (usual), 0.5256 (rare).
 */
import type { Algebra } from './algebra.ts';
import { fastTwoSum, withSign } from './double-double.ts';
import { clamp, type ExponentialSteps, growth, powerOfIndex, reduceBySteps, scaleOnce } from './exp.ts';
import { integerRounder } from './integers.ts';
import type { MathFunction } from './math-function.ts';
import { horner } from './polynomial.ts';
import { steps16, steps32 } from './tables/exp.ts';

/** What serves e^y and e^-y both. */
interface Opposites<N> {
  /** Of y. */
  readonly r: N;
  readonly rTail: N;
  /** Entries of the table, with the powers of two, and their relative tails. */
  readonly power: N;
  readonly tail: N;
  readonly opposite: N;
  readonly oppositeTail: N;
  /** cosh r - 1 and sinh r - r. */
  readonly even: N;
  readonly odd: N;
}

function opposites<N, W, B>(a: Algebra<N, W, B>, y: N, steps: ExponentialSteps): Opposites<N> {
  const reduction = reduceBySteps(a, y, steps);
  const { index, rest, restTail } = reduction;
  const oppositeIndex = a.wordOf(a.sub(a.number(integerRounder), reduction.steps));
  const r = a.sub(rest, restTail);

  const square = a.mul(r, r);
  const evens = steps.coefficients.filter((_, i) => i % 2 === 0);
  const odds = steps.coefficients.filter((_, i) => i % 2 === 1);
  return {
    r,
    rTail: a.sub(a.sub(rest, r), restTail),
    power: powerOfIndex(a, steps, index),
    tail: a.lookup(steps.table, index, 1),
    opposite: powerOfIndex(a, steps, oppositeIndex),
    oppositeTail: a.lookup(steps.table, oppositeIndex, 1),
    even: a.mul(square, horner(a, square, evens)),
    odd: a.mul(a.mul(square, r), horner(a, square, odds)),
  };
}

/** Half of e^y, for y of 700 or more; 711 and above overflow. NaN gives anything. */
function halfExponential<N, W, B>(a: Algebra<N, W, B>, y: N): N {
  const { steps, index, rest, restTail } = reduceBySteps(a, clamp(a, y, 0, 712), steps32);
  const rows = 2 ** steps32.log2Rows;
  const half = {
    steps: a.sub(steps, a.number(rows)),
    index: a.subWords(index, a.word(0, rows)),
  };
  return scaleOnce(a, steps32, half, growth(a, steps32, index, a.sub(rest, restTail)));
}

/** Usual: magnitudes below 700. */
export const cosh: MathFunction = {
  name: 'cosh',
  arity: 1,
  usual: (a, x) => {
    const magnitude = a.abs(x);
    const { r, power, tail, opposite, oppositeTail, even, odd } = opposites(a, magnitude, steps32);
    const sum = fastTwoSum(a, power, opposite);
    const tails = a.add(a.mul(power, tail), a.mul(opposite, oppositeTail));
    const ofEven = a.mul(sum.high, even);
    const ofOdd = a.mul(a.sub(power, opposite), a.add(r, odd));
    const twice = a.add(sum.high, a.add(ofOdd, a.add(ofEven, a.add(sum.low, tails))));
    return {
      value: a.mul(twice, a.number(0.5)),
      isUsual: a.less(magnitude, a.number(700)),
    };
  },
  rare: (a, x) => a.select(a.equal(x, x), halfExponential(a, a.abs(x)), x),
};

/** Usual: magnitudes below 700. */
export const sinh: MathFunction = {
  name: 'sinh',
  arity: 1,
  usual: (a, x) => {
    const magnitude = a.abs(x);
    const parts = opposites(a, magnitude, steps16);
    const { r, rTail, power, tail, opposite, oppositeTail, even, odd } = parts;
    const [beyond, oppositeBeyond] = [a.add(even, odd), a.sub(even, odd)];
    const rHead = a.head(r);
    const linear = a.add(a.sub(r, rHead), rTail);
    // What (1 + T) e^r and (1 + T') e^-r have beyond 1 + r' and 1 - r'.
    const small = a.add(a.add(linear, tail), a.add(beyond, a.mul(tail, a.add(r, beyond))));
    const oppositeSmall = a.add(
      a.sub(oppositeTail, linear),
      a.add(oppositeBeyond, a.mul(oppositeTail, a.sub(oppositeBeyond, r))),
    );

    const difference = fastTwoSum(a, power, a.sub(a.number(0), opposite));
    const first = fastTwoSum(a, difference.high, a.mul(power, rHead));
    const second = fastTwoSum(a, first.high, a.mul(opposite, rHead));
    const low = a.add(
      a.add(first.low, second.low),
      a.add(difference.low, a.sub(a.mul(power, small), a.mul(opposite, oppositeSmall))),
    );
    return {
      value: withSign(a, a.mul(a.add(second.high, low), a.number(0.5)), x),
      isUsual: a.less(magnitude, a.number(700)),
    };
  },
  rare: (a, x) => a.select(a.equal(x, x), withSign(a, halfExponential(a, a.abs(x)), x), x),
};
