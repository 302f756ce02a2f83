import { expect } from 'chai';
import { differentiate } from '../../../src/jit/differentiate/differentiate.ts';
import { IrBuilder } from '../../../src/jit/ir/builder.ts';
import { IrModule, type Value } from '../../../src/jit/ir/function.ts';
import { Interpreter } from '../../../src/jit/ir/interpreter.ts';
import { op, opcodes } from '../../../src/jit/ir/opcode.ts';
import { assertVerified } from '../../../src/jit/ir/verifier.ts';
import { mathFunctions } from '../../../src/jit/math/library.ts';
import { elementAt } from '../../../src/support/element.ts';
import { decimalFunctions, trueDerivative } from '../../support/true-derivative.ts';
import { ulpDistance } from '../../support/ulp.ts';

/** Of what `make` makes of so many numbers: the derivative by the one at `place`, as a function of all. */
function derivative(
  count: number,
  place: number,
  make: (builder: IrBuilder, args: readonly Value[]) => Value,
): (...args: number[]) => number {
  const module = new IrModule();
  const builder = new IrBuilder(module, 'main', new Array<'f64'>(count).fill('f64'), 'f64');
  const args = builder.block.parameters.map((value, index) =>
    index === place ? builder.emit(op.vary, value) : value,
  );
  builder.return(builder.emit(op.derive, make(builder, args), elementAt(args, place)));
  assertVerified(module, 'as built');
  differentiate(module);
  assertVerified(module, 'differentiated');
  const interpreter = new Interpreter(module);
  return (...values) => Number(interpreter.run('main', values));
}

/** Where each function of the math library is tried; 1.5 and the like, of which differences with steps of 2^-6 stay inside. */
const everywhere = [-20.5, -3.25, -1.5, -0.625, -0.046875, 0.03125, 0.375, 0.75, 1.625, 2.5, 7.25, 21.75];
const inside = [-0.9375, -0.5, -0.0625, 0.03125, 0.5, 0.90625];
const positive = everywhere.filter((x) => x > 0);
const points: Readonly<Record<string, readonly (readonly number[])[]>> = {
  ...Object.fromEntries(
    ['exp', 'exp2', 'expm1', 'sin', 'cos', 'tan', 'atan', 'sinpi', 'cospi', 'sinh', 'cosh', 'tanh', 'asinh']
      .concat(['sigmoid', 'softplus'])
      .map((name) => [name, everywhere.map((x) => [x])]),
  ),
  ...Object.fromEntries(
    ['log', 'log10', 'log2', 'cbrt', 'lgamma', 'gamma', 'fac'].map((name) => [
      name,
      positive.map((x) => [x]),
    ]),
  ),
  ...Object.fromEntries(['asin', 'acos', 'atanh'].map((name) => [name, inside.map((x) => [x])])),
  tanpi: everywhere.filter((x) => x % 0.5 !== 0).map((x) => [x]),
  erf: everywhere.filter((x) => Math.abs(x) < 8).map((x) => [x]),
  erfc: everywhere.filter((x) => Math.abs(x) < 8).map((x) => [x]),
  log1p: [-0.9375, -0.5, 0.03125, 3.5, 100.5].map((x) => [x]),
  acosh: [1.03125, 1.5, 8.25, 1000.5].map((x) => [x]),
  pow: [0.25, 1.5, 7.25].flatMap((x) => [-2.5, -1, 0.75, 1, 2, 3, 8.5].map((y) => [x, y])),
  atan2: [-3.25, -0.5, 0.75, 4.5].flatMap((y) => [-2.5, -0.25, 1.5, 30.25].map((x) => [y, x])),
  hypot: [
    [3.25, -4.5],
    [0.5, 0.25],
    [1.5, 2.5, -8.25],
    [100.5, 0.125, 3, 4],
  ],
};
/** Beside 3 ulp: where the rule has several operations of the library, or digits cancel. */
const ulps: Readonly<Record<string, number>> = { gamma: 20, fac: 40, lgamma: 20, erf: 40, erfc: 40, pow: 6 };

describe('jit/differentiate/rules', () => {
  describe('of the math library, against differences in seventy digits', () => {
    for (const { name } of mathFunctions.values()) {
      it(name, () => {
        const fn = decimalFunctions[name];
        const lists = points[name];
        if (fn === undefined || lists === undefined) throw new Error('not compared with anything');
        for (const args of lists) {
          for (const place of args.keys()) {
            const run = derivative(args.length, place, (builder, values) =>
              builder.callMath(name, ...values),
            );
            const truth = trueDerivative(fn, args, place).toNumber();
            const actual = run(...args);
            // Where it is 0 the differences leave a rest.
            const distance = Math.abs(truth) < 1e-40 ? ulpDistance(actual, 0) : ulpDistance(actual, truth);
            if (!(distance <= (ulps[name] ?? 4)))
              expect.fail(
                `by argument ${place} at ${args.join(', ')}: ${actual}, not ${truth}; ${distance} ulp`,
              );
          }
        }
      });
    }

    it('below zero, where gamma changes its sign', () => {
      for (const name of ['gamma', 'lgamma', 'fac'] as const) {
        const run = derivative(1, 0, (builder, [x]) => builder.callMath(name, x as Value));
        for (const x of [-0.625, -1.25, -2.5, -7.75, -20.375]) {
          const truth = trueDerivative(decimalFunctions[name] as never, [x], 0).toNumber();
          expect(Math.abs(run(x) / truth - 1), `${name}(${x})`).to.be.below(1e-13);
        }
      }
    });

    it('where formulas with the result alone would lose all digits', () => {
      const of = (name: string) => derivative(1, 0, (b, [x]) => b.callMath(name, x as Value));
      expect(of('tanh')(30)).to.be.closeTo(4 * Math.exp(-60), 1e-40);
      expect(of('expm1')(-50)).to.be.closeTo(Math.exp(-50), 1e-36);
      expect(of('sigmoid')(50)).to.be.closeTo(Math.exp(-50), 1e-36);
      expect(of('asinh')(1e200)).to.equal(1e-200);
      const byY = derivative(2, 0, (b, [y, x]) => b.callMath('atan2', y as Value, x as Value));
      expect(byY(3e-200, 4e-200)).to.be.closeTo(0.16e200, 1e185);
      expect(byY(3e200, 4e200)).to.be.closeTo(0.16e-200, 1e-215);
    });
  });

  it('digamma has the values that are known in closed form', () => {
    const euler = 0.5772156649015329;
    const digamma = derivative(1, 0, (b, [x]) => b.callMath('lgamma', x as Value));
    for (const [x, expected] of [
      [1, -euler],
      [2, 1 - euler],
      [5, 25 / 12 - euler],
      [0.5, -euler - 2 * Math.LN2],
      [0.25, -euler - Math.PI / 2 - 3 * Math.LN2],
      [0.75, -euler + Math.PI / 2 - 3 * Math.LN2],
      [-0.5, 2 - euler - 2 * Math.LN2],
      [100, 4.600161852738087],
      [1e10, 23.025850929890456],
    ] as const) {
      expect(digamma(x), String(x)).to.be.closeTo(expected, 2e-15 * Math.max(1, Math.abs(expected)));
    }
    // The zero of digamma (DLMF 5.4.19 ff.).
    expect(digamma(1.4616321449683622)).to.be.closeTo(0, 2e-15);
    expect(digamma(0)).to.equal(Number.NEGATIVE_INFINITY);
    expect(digamma(-0)).to.equal(Number.POSITIVE_INFINITY);
    expect(digamma(-3)).to.be.NaN;
    expect(digamma(Number.NaN)).to.be.NaN;
    expect(digamma(Number.POSITIVE_INFINITY)).to.equal(Number.POSITIVE_INFINITY);
  });

  it('of operations are those of the functions that they are', () => {
    const { fadd, fsub, fmul, fdiv, frem, fneg, fabs, fsqrt, fdemote, ffma, fmin, fmax, fcopysign } = op;
    const cases: readonly [
      opcode: (typeof opcodes)[number],
      args: number[],
      derivatives: (number | undefined)[],
    ][] = [
      [fadd, [3, 4], [1, 1]],
      [fsub, [3, 4], [1, -1]],
      [fmul, [3, 4], [4, 3]],
      [fdiv, [3, 4], [0.25, -3 / 16]],
      [frem, [7.5, 2], [1, -3]],
      [frem, [-7.5, 2], [1, 3]],
      [frem, [7.5, -2], [1, 3]],
      [frem, [1, Number.POSITIVE_INFINITY], [1, 0]],
      [frem, [3 * 2 ** 40, 3], [1, -(2 ** 40)]],
      [ffma, [3, 4, 5], [4, 3, 1]],
      [fneg, [3], [-1]],
      [fabs, [3], [1]],
      [fabs, [-3], [-1]],
      [fsqrt, [16], [0.125]],
      [fsqrt, [0], [Number.POSITIVE_INFINITY]],
      [fdemote, [0.1], [1]],
      [fmin, [1, 2], [1, 0]],
      [fmin, [2, 1], [0, 1]],
      [fmax, [1, 2], [0, 1]],
      [fmax, [2, 1], [1, 0]],
      [fcopysign, [-3, 2], [-1, 0]],
      [fcopysign, [3, -2], [-1, 0]],
      [op.ffloor, [1.5], [0]],
      [op.fceil, [1.5], [0]],
      [op.ftrunc, [1.5], [0]],
      [op.fround, [1.5], [0]],
      [op.fsign, [1.5], [0]],
    ];
    for (const [opcode, args, derivatives] of cases) {
      derivatives.forEach((expected, place) => {
        const run = derivative(args.length, place, (b, values) => b.emit(opcode, ...values));
        expect(run(...args), `${opcode.name} of ${args.join(', ')} by ${place}`).to.satisfy(
          (x: number) => x === expected,
        );
      });
    }
    const tried = new Set<unknown>([...cases.map(([opcode]) => opcode), op.select, op.callmath]);
    const ofNumbers = opcodes.filter(
      ({ operands, result, primitive }) =>
        !primitive && result === 'f64' && operands?.includes('f64') === true,
    );
    expect(ofNumbers.filter((opcode) => !tried.has(opcode))).to.deep.equal([]);
  });

  it('are to the right where the sides differ, whichever way the operand goes', () => {
    const ofSlope = (slope: number, make: (b: IrBuilder, u: Value) => Value) =>
      derivative(1, 0, (b, [x]) => make(b, b.emit(op.fmul, x as Value, b.number(slope))))(0);
    for (const slope of [1, -1, 2.5, -3]) {
      expect(ofSlope(slope, (b, u) => b.emit(op.fabs, u))).to.equal(Math.abs(slope));
      expect(ofSlope(slope, (b, u) => b.emit(op.fmax, u, b.number(0)))).to.equal(Math.max(slope, 0));
      expect(ofSlope(slope, (b, u) => b.emit(op.fmin, b.number(0), u))).to.equal(Math.min(slope, 0));
      expect(ofSlope(slope, (b, u) => b.callMath('hypot', u, b.number(0)))).to.equal(Math.abs(slope));
      expect(ofSlope(slope, (b, u) => b.callMath('hypot', u, u))).to.equal(Math.sqrt(2 * slope * slope));
      expect(ofSlope(slope, (b, u) => b.emit(op.fcopysign, u, b.number(-1)))).to.equal(-Math.abs(slope));
    }
  });

  it('of powers are the limits at the edges', () => {
    const byBase = derivative(2, 0, (b, [x, y]) => b.callMath('pow', x as Value, y as Value));
    const byExponent = derivative(2, 1, (b, [x, y]) => b.callMath('pow', x as Value, y as Value));
    expect(byBase(0, 0)).to.equal(0);
    expect(byBase(0, 1)).to.equal(1);
    expect(byBase(0, 2)).to.equal(0);
    expect(byBase(-2, 3)).to.equal(12);
    expect(byBase(0, 0.5)).to.equal(Number.POSITIVE_INFINITY);
    expect(byExponent(0, 2)).to.equal(0);
    expect(byExponent(0, 0)).to.equal(Number.NEGATIVE_INFINITY);
    expect(byExponent(1, 5)).to.equal(0);
    expect(byExponent(Number.POSITIVE_INFINITY, -1)).to.equal(0);
    expect(byExponent(-2, 3)).to.be.NaN;
  });

  it('of a selection do not meet the other side', () => {
    const run = derivative(1, 0, (b, [x]) => {
      const positive = b.emit(op.fgt, x as Value, b.number(0));
      return b.select(positive, b.emit(op.fsqrt, x as Value), b.number(7));
    });
    expect(run(0)).to.equal(0);
    expect(run(-1)).to.equal(0);
    expect(run(4)).to.equal(0.25);
  });
});
