/** Functions of the math library in lanes: the same bits as one by one, wherever lanes are outside of the usual range. */
import { expect } from 'chai';
import { op } from '../../../src/jit/ir/opcode.ts';
import type { KernelParameter, KernelSpec } from '../../../src/jit/kernel/kernel-spec.ts';
import { mathFunctions, usualArgument } from '../../../src/jit/math/library.ts';
import { numberAlgebra } from '../../../src/jit/math/number-algebra.ts';
import { elementAt } from '../../../src/support/element.ts';
import { main, moduleOf } from '../../support/kernel-oracle.ts';
import { legalKernel } from '../../support/legal-kernel.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';
import { simulateKernel } from '../../support/simulator/simulated-kernel.ts';
import { specialValues } from '../../support/special-values.ts';
import { expectKernels } from './expect-kernels.ts';

const seed = seedFromEnvironment();
const column: KernelParameter = { kind: 'column', type: 'f64' };
const names = ['x', 'y'];
const mostLanes = 8;

function specOf(parameters: readonly KernelParameter[]): KernelSpec {
  return {
    parameters,
    outputs: [
      { function: main, type: 'f64' },
      { function: main, reduce: 'sum' },
    ],
  };
}

/** Rows in which each pattern of eight lanes stands once: where its bit is set, a lane is rare. */
function patterns(rare: () => number, usual: () => number): Float64Array {
  return Float64Array.from({ length: 2 ** mostLanes * mostLanes }, (_, i) =>
    ((Math.floor(i / mostLanes) >> (i % mostLanes)) & 1) === 1 ? rare() : usual(),
  );
}

describe(`the math library in lanes (SEED=${seed})`, () => {
  for (const { name, arity, usual } of mathFunctions.values()) {
    const parameters = names.slice(0, arity);

    it(`${name}, of special values and random bits`, () => {
      const random = new Random(seed);
      const rows = 3 * specialValues.length;
      const columns = parameters.map((_, position) =>
        Float64Array.from({ length: rows }, (_, i) => {
          if (i % 3 === 0) return random.bitPattern();
          const special = elementAt(specialValues, (i * (position + 1)) % specialValues.length);
          return i % 3 === 1 ? special : 4 * random.fraction() - 2;
        }),
      );
      const module = moduleOf(`${name}(${parameters.join(', ')})`, parameters);
      expectKernels(module, specOf(parameters.map(() => column)), [{ rows, columns }]);
    });

    it(`${name} has a usual argument where guards put one`, () => {
      const x = usualArgument(name);
      expect(usual(numberAlgebra, x, x).isUsual).to.equal(true);
    });
  }

  const rareArguments: Readonly<Record<string, readonly number[]>> = {
    'sin(x)': [1e9, -1e300, Number.NaN, Number.POSITIVE_INFINITY],
    'exp(x) - log(x)': [-745, 710, -1, 0, Number.NaN],
    'pow(x, y)': [-2, 0, Number.NaN, 1e308],
    'atan2(x, y)': [1e308, 5e-324, Number.NaN],
  };
  for (const [source, rare] of Object.entries(rareArguments)) {
    it(`${source}, with rare lanes in every pattern`, () => {
      const random = new Random(seed);
      const columns = names.map(() =>
        patterns(
          () => random.pick(rare),
          () => 0.5 + random.fraction(),
        ),
      );
      const runs = [1000, 1048].map((rows, part) => ({
        rows,
        columns: columns.map((values) => values.slice(part * 1000, part * 1000 + rows)),
      }));
      expectKernels(moduleOf(source, names), specOf([column, column]), runs);
    });
  }

  it('in loops, of what all rows share, and beside conditions', () => {
    const random = new Random(seed);
    const columns = names.map(() =>
      Float64Array.from({ length: 77 }, () =>
        random.chance(0.1) ? random.bitPattern() : 9 * random.fraction(),
      ),
    );
    const parameters = [column, column, { kind: 'uniform' } as const];
    for (const source of [
      'sum(i, 1, clamp(x, 0, 5), sin(i*y) + exp(-x*i))',
      'sin(u)*x + cos(u)*y + log(u)',
      'x > 4 ? log(y - 4) : y < 2 ? exp(x*u) : sinh(y)',
      'hypot(x, y, u) + hypot(x) + hypot(u, x, y, 1)',
    ]) {
      const module = moduleOf(source, [...names, 'u']);
      const runs = [2.5, -1, 1e10].map((u) => ({ rows: 77, columns, uniforms: [u] }));
      expectKernels(module, specOf(parameters), runs);
    }
  });

  it('repairs no lane for rows that do not come to the call', () => {
    const rows = 64;
    const columns = [Float64Array.from({ length: rows }, (_, i) => (i % 3 === 0 ? -1 : i + 1))];
    for (const [source, repairs] of [
      ['log(x)', 22],
      ['x > 0 ? log(x) : 0', 0],
      ['x > 0 && log(x) > 1 ? 2 : sqrt(x)', 0],
      ['sum(i, 1, 3, x > 0 ? log(x*i) : i)', 0],
    ] as const) {
      using kernel = simulateKernel(moduleOf(source, ['x']), specOf([column]));
      kernel.run({ rows, columns });
      expect(kernel.repairedLanes, source).to.equal(repairs);
    }
  });

  it('computes once what functions of one argument have in common', () => {
    const lengthOf = (source: string): number => legalKernel(source, ['x']).length;
    const together = lengthOf('sin(x) + cos(x)');
    expect(together).to.be.below(lengthOf('sin(x)') + lengthOf('cos(x)') - 20);
  });

  it('leaves what is the same for all rows in front of the loop', () => {
    const inLoop = legalKernel('x + sin(u)', ['x', 'u'], ['u']);
    expect(inLoop.filter((value) => value.op === op.frepair)).to.deep.equal([]);
  });
});
