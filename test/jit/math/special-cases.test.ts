import { expect } from 'chai';
import { evaluate, mathFunction } from '../../../src/jit/math/library.ts';
import { javascriptMath, type Transcendental, transcendentals } from '../../support/reference-library.ts';
import { specialValues } from '../../support/special-values.ts';
import { nextUp } from '../../support/ulp.ts';

const { MAX_VALUE: max, MIN_VALUE: min, NaN: nan, POSITIVE_INFINITY: infinity } = Number;

/** The value of a function of the library. */
function libraryValue(name: string, x: number, y = 0): number {
  return evaluate(mathFunction(name), x, y);
}

/** That the function gives just this: the same double, the same zero. */
function expectValue(name: string, args: readonly [x: number, y?: number], expected: number): void {
  const result = libraryValue(name, ...args);
  if (!Object.is(result, expected)) {
    expect.fail(`${name}(${args.map(shown).join(', ')}) is ${shown(result)}, not ${shown(expected)}`);
  }
}

function shown(x: number | undefined): string {
  return Object.is(x, -0) ? '-0' : String(x);
}

/** Zeros, infinities and NaN. */
function isLimit(x: number): boolean {
  return x === 0 || !Number.isFinite(x);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

describe('special cases of the math library', () => {
  const names = Object.keys(transcendentals) as Transcendental[];

  for (const name of names.filter((name) => transcendentals[name] === 1)) {
    it(`${name} of limits, and where it is one, is what ECMAScript says`, () => {
      for (const x of specialValues) {
        const expected = javascriptMath[name](x);
        if (isLimit(x) || isLimit(expected)) expectValue(name, [x], expected);
      }
    });
  }

  for (const name of names.filter((name) => transcendentals[name] === 2)) {
    it(`${name} of pairs with limits, and where it is one, is what ECMAScript says`, () => {
      for (const x of specialValues) {
        for (const y of specialValues) {
          const expected = javascriptMath[name](x, y);
          if (isLimit(x) || isLimit(y) || isLimit(expected)) expectValue(name, [x, y], expected);
        }
      }
    });
  }

  it('of powers of 1 and of the square root of -1 are those of ECMAScript, not of C', () => {
    for (const y of [nan, infinity, -infinity]) {
      expectValue('pow', [1, y], nan);
      expectValue('pow', [-1, y], nan);
    }
    expectValue('pow', [nan, 0], 1);
    expectValue('pow', [-1, 0.5], nan);
    expectValue('pow', [-infinity, 0.5], infinity);
  });

  const integers = range(-6, 6).filter((n) => n !== 0);

  it('of sinpi are those of C23', () => {
    for (const x of [0, -0]) expectValue('sinpi', [x], x);
    for (const x of [nan, infinity, -infinity]) expectValue('sinpi', [x], nan);
    for (const n of [...integers, 2 ** 52 + 1, 2 ** 53, max, -max])
      expectValue('sinpi', [n], Math.sign(n) * 0);
    for (const n of integers) expectValue('sinpi', [n + 0.5], n % 2 === 0 ? 1 : -1);
  });

  it('of cospi are those of C23', () => {
    for (const x of [0, -0]) expectValue('cospi', [x], 1);
    for (const x of [nan, infinity, -infinity]) expectValue('cospi', [x], nan);
    for (const n of [...integers, 2 ** 52 + 1, 2 ** 53, max, -max]) {
      expectValue('cospi', [n], n % 2 === 0 ? 1 : -1);
    }
    for (const n of integers) expectValue('cospi', [n + 0.5], 0);
  });

  it('of tanpi are those of C23', () => {
    for (const x of [0, -0]) expectValue('tanpi', [x], x);
    for (const x of [nan, infinity, -infinity]) expectValue('tanpi', [x], nan);
    for (const n of [...integers, 2 ** 52 + 1, 2 ** 53, max, -max]) {
      expectValue('tanpi', [n], Math.sign(n) * (n % 2 === 0 ? 0 : -0));
    }
    for (const n of integers) expectValue('tanpi', [n + 0.5], n % 2 === 0 ? infinity : -infinity);
    for (const n of integers) expectValue('tanpi', [n + 0.25], 1);
  });

  it('of gamma are those of C23', () => {
    expectValue('gamma', [0], infinity);
    expectValue('gamma', [-0], -infinity);
    expectValue('gamma', [infinity], infinity);
    for (const x of [nan, -infinity, -1, -2, -101, -102, -(2 ** 53), -max]) expectValue('gamma', [x], nan);
    expectValue('gamma', [min], infinity);
    expectValue('gamma', [-min], -infinity);
    expectValue('gamma', [max], infinity);
    expectValue('gamma', [-184.5], -0);
    expectValue('gamma', [-185.5], 0);
  });

  it('of lgamma are those of C23', () => {
    for (const x of [0, -0, infinity, -infinity, -1, -2, -101, -(2 ** 53), -max, max]) {
      expectValue('lgamma', [x], infinity);
    }
    for (const x of [1, 2]) expectValue('lgamma', [x], 0);
    expectValue('lgamma', [nan], nan);
  });

  it('of fac are those of gamma, one further, with a pole at -1 like the others', () => {
    expectValue('fac', [infinity], infinity);
    for (const x of [nan, -infinity, -1, -2, -3, -102, -(2 ** 53), -max]) expectValue('fac', [x], nan);
    for (const x of [0, -0, min, -min]) expectValue('fac', [x], 1);
    for (const x of [171, 1e10, max]) expectValue('fac', [x], infinity);
  });

  it('of erf and erfc are those of C23', () => {
    for (const x of [0, -0]) expectValue('erf', [x], x);
    for (const x of [6, 1e10, max, infinity]) {
      expectValue('erf', [x], 1);
      expectValue('erf', [-x], -1);
      expectValue('erfc', [-x], 2);
    }
    for (const x of [28, 1e10, max, infinity]) expectValue('erfc', [x], 0);
    for (const x of [0, -0]) expectValue('erfc', [x], 1);
    for (const name of ['erf', 'erfc']) expectValue(name, [nan], nan);
  });

  it('of sigmoid and softplus are their limits', () => {
    for (const x of [0, -0]) expectValue('sigmoid', [x], 0.5);
    for (const x of [40, 1e10, max, infinity]) expectValue('sigmoid', [x], 1);
    for (const x of [-746, -1e10, -max, -infinity]) {
      expectValue('sigmoid', [x], 0);
      expectValue('softplus', [x], 0);
    }
    for (const x of [40, 1e10, max, infinity]) expectValue('softplus', [x], x);
    for (const name of ['sigmoid', 'softplus']) expectValue(name, [nan], nan);
  });
});

describe('exact results of the math library', () => {
  it('are factorials', () => {
    let factorial = 1;
    for (const n of range(1, 22)) {
      factorial *= n;
      expectValue('fac', [n], factorial);
      expectValue('gamma', [n + 1], factorial);
    }
  });

  it('are cube roots of cubes', () => {
    for (const k of [...range(1, 500), ...range(208_000, 208_063)]) {
      for (const scale of [1, 2 ** -300, 2 ** 300]) {
        expectValue('cbrt', [(k * scale) ** 3], k * scale);
        expectValue('cbrt', [-((k * scale) ** 3)], -k * scale);
      }
    }
    for (const k of range(-358, 341)) expectValue('cbrt', [2 ** (3 * k)], 2 ** k);
  });

  it('are powers of two and their logarithms', () => {
    for (const k of range(-1074, 1023)) {
      expectValue('log2', [2 ** k], k);
      expectValue('exp2', [k], 2 ** k);
      expectValue('pow', [2, k], 2 ** k);
      expectValue('pow', [0.5, -k], 2 ** k);
    }
    expectValue('exp2', [1024], infinity);
    expectValue('exp2', [-1075], 0);
    expectValue('exp2', [nextUp(-1075)], min);
  });

  it('are powers of ten and their logarithms', () => {
    for (const k of range(0, 22)) expectValue('pow', [10, k], Number(`1e${k}`));
    for (const k of range(-307, 308)) expectValue('log10', [Number(`1e${k}`)], k);
  });

  it('are squares, cubes, roots and reciprocals', () => {
    for (const n of range(1, 300)) {
      for (const x of [n, -n, n / 16]) {
        expectValue('pow', [x, 1], x);
        expectValue('pow', [x, 2], x * x);
        expectValue('pow', [x, 3], x * x * x);
      }
      expectValue('pow', [n * n, 0.5], n);
      expectValue('pow', [2 ** (n - 150), -1], 2 ** (150 - n));
    }
  });

  it('are hypotenuses of Pythagorean triangles', () => {
    for (const m of range(2, 40)) {
      for (const n of range(1, m - 1)) {
        const [a, b, c] = [m * m - n * n, 2 * m * n, m * m + n * n];
        for (const scale of [1, 2 ** -1074, 2 ** -1040, 2 ** -530, 2 ** 500, 2 ** 1010]) {
          expectValue('hypot', [a * scale, b * scale], c * scale);
          expectValue('hypot', [-b * scale, a * scale], c * scale);
        }
      }
    }
  });

  it('are values at simple arguments', () => {
    expectValue('acos', [-1], Math.PI);
    expectValue('acos', [1], 0);
    expectValue('asin', [1], Math.PI / 2);
    expectValue('atan', [infinity], Math.PI / 2);
    expectValue('atan2', [1, 1], Math.PI / 4);
    expectValue('acosh', [1], 0);
    for (const name of ['log', 'log2', 'log10']) expectValue(name, [1], 0);
    for (const name of ['exp', 'exp2', 'cos', 'cosh']) expectValue(name, [0], 1);
  });

  it('are tiny arguments themselves', () => {
    const near = ['sin', 'tan', 'asin', 'atan', 'sinh', 'tanh', 'asinh', 'atanh', 'expm1', 'log1p'];
    for (const name of near) {
      for (const x of [min, 2 * min, 1e-310, 2 ** -1022, 1e-300, 2 ** -600]) {
        expectValue(name, [x], x);
        expectValue(name, [-x], -x);
      }
    }
  });
});
