import { expect } from 'chai';
import fc from 'fast-check';
import { tablePoints } from '../../../src/cli/repl/table-points.ts';

describe('tablePoints', () => {
  const cases: readonly (readonly [low: number, high: number, step: number, points: readonly number[]])[] = [
    [0, 0.3, 0.1, [0, 0.1, 0.2, 0.3]],
    [0, 0.35, 0.1, [0, 0.1, 0.2, 0.3]],
    [1, 1.00000000000003, 1e-14, [1, 1.00000000000001, 1.00000000000002, 1.00000000000003]],
    [2 ** 53, 2 ** 53 + 4, 2, [2 ** 53, 2 ** 53 + 2, 2 ** 53 + 4]],
    [1234567.0000001, 1234567.0000003, 1e-7, [1234567.0000001, 1234567.0000002, 1234567.0000003]],
    [0, 1.5e-323, 5e-324, [0, 5e-324, 1e-323, 1.5e-323]],
    [-1e308, 1e308, 1e308, [-1e308, 0, 1e308]],
    [0, Math.PI, Math.PI / 2, [0, Math.PI / 2, Math.PI]],
    [0, Number.MAX_VALUE, 5.992310449541053e307, [0, 5.992310449541053e307, 1.1984620899082105e308]],
    [0, 2 * Math.PI, Math.PI / 4, Array.from({ length: 9 }, (_, i) => (i * Math.PI) / 4)],
  ];
  for (const [low, high, step, points] of cases) {
    it(`from ${low} to ${high} by ${step}`, () => {
      expect(tablePoints({ low, high }, step)).to.deep.equal(points);
    });
  }

  it('rise from the low end, within the range, and are what is printed', () => {
    const property = fc.property(
      fc.double(),
      fc.double(),
      fc.integer({ min: 1, max: 100 }),
      (a, b, parts) => {
        fc.pre(Number.isFinite(a) && Number.isFinite(b) && a < b);
        const step = b / parts - a / parts;
        // A step that is itself rounded to few bits gives another number of points.
        fc.pre(step >= 2 ** -1022 && step < Number.POSITIVE_INFINITY && a + step / 2 > a && b - step / 2 < b);
        const points = tablePoints({ low: a, high: b }, step);
        expect(points[0]).to.equal(a === 0 ? 0 : a);
        expect(points).to.have.length.within(parts, parts + 2);
        for (const [i, x] of points.entries()) {
          expect(Number(String(x))).to.equal(x);
          if (i > 0) expect(x).to.be.greaterThan(points[i - 1] as number);
        }
        expect((points.at(-1) as number) / 2).to.be.at.most(b / 2 + step);
      },
    );
    fc.assert(property);
  });
});
