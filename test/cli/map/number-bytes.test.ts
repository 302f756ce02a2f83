import { expect } from 'chai';
import fc from 'fast-check';
import { mostNumberBytes, readDecimal, writeNumber } from '../../../src/cli/map/number-bytes.ts';

function read(text: string): number | undefined {
  const bytes = Buffer.from(`;${text};`);
  return readDecimal(bytes, 1, bytes.length - 1);
}

function written(value: number): string {
  const bytes = Buffer.alloc(mostNumberBytes + 2, ';');
  const end = writeNumber(bytes, 1, value);
  expect(bytes.toString('latin1', end)).to.match(/^;+$/);
  return bytes.toString('latin1', 1, end);
}

/** As the language writes numbers. */
function expected(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return Object.is(value, -0) ? '-0' : String(value);
}

/** Numbers as tables have them: few digits, and quotients of such. */
const plain = fc
  .tuple(fc.maxSafeInteger(), fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 99 }))
  .map(([digits, decimals, divisor]) => Math.trunc(digits / divisor ** 5) / 10 ** decimals);

describe('numbers as bytes', () => {
  it('reads the nearest double, or leaves it to others', () => {
    const texts = fc.stringMatching(/^[-+]?\d{0,17}(\.\d{0,17})?$/);
    const property = fc.property(texts, (text) => {
      const value = read(text);
      if (value !== undefined) expect(value).to.deep.equal(Number(text));
      else expect(text.replaceAll(/\D/g, '').length).to.satisfy((count: number) => count < 1 || count > 15);
    });
    fc.assert(property, { numRuns: 3000 });
    for (const text of ['-0', '0.1', '.5', '5.', '+7', '123456789012345', '0.00000000000001']) {
      expect(read(text), text).to.deep.equal(Number(text));
    }
    for (const text of ['', '.', '-', '--1', '1.2.3', '1e5', ' 1', '1-', '0x1', '"1"', '1234567890123456']) {
      expect(read(text), text).to.equal(undefined);
    }
  });

  it('writes the shortest text that is the number', () => {
    fc.assert(
      fc.property(fc.oneof(plain, fc.double(), fc.integer()), (value) => {
        expect(written(value)).to.equal(expected(value));
      }),
      { numRuns: 20_000 },
    );
    const edges = [
      0,
      -0,
      1,
      -1.5,
      0.1,
      0.3,
      0.1 + 0.2,
      1e-6,
      1.5e-6,
      1e-7,
      999999999.999999,
      1e9,
      1e21,
      5e-324,
    ];
    edges.push(123456.789012, 0.000001, 99999999.9999995, 1.005, 4.35, 2 ** 31, 2 ** 53, Number.MAX_VALUE);
    for (const value of [...edges, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(written(value)).to.equal(expected(value));
      expect(written(-value)).to.equal(expected(-value));
    }
  });
});
