import { expect } from 'chai';
import { copySign, fusedMultiplyAdd } from '../../src/support/float.ts';
import { Random, seedFromEnvironment } from './random.ts';
import { specialValues } from './special-values.ts';

/** A finite double as a fraction of a power of two; exact. */
function rational(x: number): { numerator: bigint; exponent: number } {
  let exponent = 0;
  let scaled = x;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    exponent++;
  }
  return { numerator: BigInt(scaled), exponent };
}

/** The sign of `a - b`, for a = p / 2^i and b = q / 2^j. */
function compare(p: bigint, i: number, q: bigint, j: number): number {
  const left = p << BigInt(Math.max(j - i, 0));
  const right = q << BigInt(Math.max(i - j, 0));
  return left < right ? -1 : left > right ? 1 : 0;
}

const bits = new DataView(new ArrayBuffer(8));

/** The next double in the direction of the sign. */
function neighbour(x: number, direction: 1 | -1): number {
  if (x === 0) return direction * Number.MIN_VALUE;
  bits.setFloat64(0, x);
  bits.setBigInt64(0, bits.getBigInt64(0) + BigInt(x > 0 === direction > 0 ? 1 : -1));
  return bits.getFloat64(0);
}

/** Is `result` a double nearest to the exact x * y + z? */
function isNearest(x: number, y: number, z: number, result: number): boolean {
  const [a, b, c, r] = [rational(x), rational(y), rational(z), rational(result)];
  const scale = Math.max(a.exponent + b.exponent, c.exponent);
  const exact =
    ((a.numerator * b.numerator) << BigInt(scale - a.exponent - b.exponent)) +
    (c.numerator << BigInt(scale - c.exponent));
  return ([1, -1] as const).every((direction) => {
    const other = rational(neighbour(result, direction));
    // The exact value lies on our side of the midpoint to the neighbour, or on it.
    const exponent = Math.max(r.exponent, other.exponent);
    const sum =
      (r.numerator << BigInt(exponent - r.exponent)) + (other.numerator << BigInt(exponent - other.exponent));
    return compare(exact, scale, sum, exponent + 1) * direction <= 0;
  });
}

describe('floating-point support', () => {
  const seed = seedFromEnvironment();

  it(`rounds x * y + z once (SEED=${seed})`, () => {
    const random = new Random(seed);
    const moderate = (): number => (random.fraction() * 2 - 1) * 2 ** random.integer(-60, 60);
    for (let round = 0; round < 4_000; round++) {
      const [x, y] = [moderate(), moderate()];
      // Often near cancellation, where two roundings differ most from one.
      const z = random.chance(0.5) ? moderate() : -x * y * (1 + random.integer(-2, 2) * 2 ** -52);
      const result = fusedMultiplyAdd(x, y, z);
      if (!isNearest(x, y, z, result)) expect.fail(`fma(${x}, ${y}, ${z}) = ${result}`);
    }
  });

  it('agrees with the plain operations where those are exact, and in all special cases', () => {
    for (const x of specialValues) {
      for (const y of [0, -0, 1, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]) {
        for (const z of [0, -0, 2, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]) {
          expect(fusedMultiplyAdd(x, y, z), `fma(${x}, ${y}, ${z})`).to.satisfy((result: number) =>
            Object.is(result, x * y + z),
          );
        }
      }
    }
  });

  it('knows where one rounding and two differ', () => {
    const x = 1 + 2 ** -27;
    expect(fusedMultiplyAdd(x, x, -1 - 2 ** -26)).to.equal(2 ** -54);
    expect(x * x - 1 - 2 ** -26).to.equal(0);
    expect(fusedMultiplyAdd(Number.MAX_VALUE, 2, -Number.MAX_VALUE)).to.equal(Number.MAX_VALUE);
    expect(fusedMultiplyAdd(2 ** -537, 2 ** -538, 0)).to.equal(0);
    expect(fusedMultiplyAdd(2 ** -537, 2 ** -537, 2 ** -1074)).to.equal(2 ** -1073);
    expect(fusedMultiplyAdd(2 ** -537, -(2 ** -538), 2 ** -1074)).to.equal(0);
    expect(fusedMultiplyAdd(2 ** -537, 3 * 2 ** -538, 0)).to.equal(2 ** -1073);
    expect(Object.is(fusedMultiplyAdd(2, 3, -6), 0)).to.equal(true);
    expect(fusedMultiplyAdd(2 ** 1000, 2 ** 1000, -1)).to.equal(Number.POSITIVE_INFINITY);
  });

  it('copies signs, also those of zeros', () => {
    for (const x of specialValues) {
      for (const y of [0, 1, Number.POSITIVE_INFINITY]) {
        expect(Object.is(copySign(x, y), Math.abs(x)), `${x}`).to.equal(true);
        expect(Object.is(copySign(x, -y), -Math.abs(x)), `${x}`).to.equal(true);
      }
    }
  });
});
