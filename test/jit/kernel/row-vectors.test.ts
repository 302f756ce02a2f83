/** Functions with loops in kernels: several vectors of rows at a time, and one by one what is left or has to be. */
import { expect } from 'chai';
import type { IrModule } from '../../../src/jit/ir/function.ts';
import { printModule } from '../../../src/jit/ir/printer.ts';
import { generateKernel } from '../../../src/jit/kernel/generate-kernel.ts';
import {
  columnTypes,
  type KernelOutput,
  type KernelParameter,
  type KernelSpec,
  type OutputType,
} from '../../../src/jit/kernel/kernel-spec.ts';
import { type FeatureLevel, featureLevels } from '../../../src/jit/machine/feature-level.ts';
import { hostTarget } from '../../../src/jit/machine/host-target.ts';
import { optimize } from '../../../src/jit/opt/optimize.ts';
import { Trap } from '../../../src/native/frame.ts';
import { requireAddon } from '../../../src/native/loader.ts';
import { elementAt } from '../../../src/support/element.ts';
import { differenceOf, expectedResult, main, moduleOf } from '../../support/kernel-oracle.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';
import { randomModule } from '../../support/random-ir.ts';
import { createElements, KernelTrap, NativeKernel } from '../../support/run-kernel.ts';
import { anyKernel } from '../../support/simulator/simulated-kernel.ts';
import { specialValues } from '../../support/special-values.ts';
import { expectKernels } from './expect-kernels.ts';

const seed = seedFromEnvironment();
const asArray: KernelOutput = { function: main, type: 'f64' };

function columns(count: number): KernelParameter[] {
  return Array.from({ length: count }, () => ({ kind: 'column', type: 'f64' }));
}

/** Does the kernel have a function on lanes? */
function hasLanes(module: IrModule, spec: KernelSpec, level: FeatureLevel): boolean {
  return generateKernel(module, spec, hostTarget(requireAddon(), { level }), { check: true }).severalRows;
}

/** Rows leave the loop after different rounds, and take along how many these were. */
const mandelbrot =
  'm(a, b, x, y, n) = n >= 50 || x*x + y*y > 4 ? n : m(a, b, x*x - y*y + a, 2*x*y + b, n + 1); m(x, y, 0, 0, 0)';

const sources: readonly string[] = [
  'sum(i, 1, 20, x * i) + y',
  'sum(i, 1, 20, x / i) - y',
  'sum(i, x, y, i * x)',
  'prod(i, 1, min(x, 9), i + y)',
  mandelbrot,
  'x > 3 ? sum(i, 1, x, i * y) : y < 0 ? prod(i, 1, 5, y + i) : sum(i, 1, 7, sum(j, i, x, j * y))',
  'sum(i, 1, 20, x * i) > y',
  'sum(i, 1, y, round(x * i) + min(x, i) + max(i, y) + sign(x - 3) + floor(x / i) + ceil(-x) + trunc(y * i))',
  'sum(i, 1, 6, sum(j, 1, x, sum(k, 1, j, k * y) > i ? j : -i))',
  'gcd(a, b) = abs(b) < 0.5 ? a : gcd(b, a - b * floor(a / b)); gcd(floor(x) + 30, floor(y) + 12)',
  'f(n, a) = n <= 0 ? a : n > 5 && a > 20 ? f(n - 2, a / 2) : f(n - 1, a + x); f(min(y, 40), x)',
  'g(n, a) = n <= 0 ? a : g(n - 1, a + n); f(n, a) = n <= 0 ? a : f(n - 1, a + g(n, y)); f(min(x, 12), 0)',
  'sum(i, 1, x, bitand(x * i, 12) + shl(i, 3) - ushr(y * i, 2) + clz32(x))',
  'sum(i, 1, 5, bitxor(shl(x, i), shr(y, i)) + imul(x, y))',
  'sum(i, 1, x, (i > 2 and i < y) or (x > i and not (y == i)) ? copysign(i, y - 1) : abs(y))',
];

const xs = (rows: number) => Float64Array.from({ length: rows }, (_, row) => ((row * 7) % 23) - 3 + row / 8);
const ys = (rows: number) => Float64Array.from({ length: rows }, (_, row) => ((row * 5) % 17) - 1.5);

describe('kernels that call functions on lanes', () => {
  for (const source of sources) {
    it(`compute ${source}`, () => {
      const module = moduleOf(source, ['x', 'y']);
      const spec = { parameters: columns(2), outputs: [asArray] };
      for (const level of featureLevels) expect(hasLanes(module, spec, level), level).to.equal(true);
      const runs = [0, 1, 3, 15, 16, 17, 50].map((rows) => ({ rows, columns: [xs(50), ys(50)] }));
      // In slices they ask for fuel amid their loops.
      const sliced = runs.map((run) => ({ ...run, fuel: 1_000_000n, slice: 400 }));
      expectKernels(module, spec, [...runs, ...sliced]);
      expectKernels(module, { ...spec, outputs: [{ function: main, reduce: 'sum' }] }, runs);
    });
  }

  it('take columns of every type, numbers, the row and the length, and give every type', () => {
    const names = ['x', 'y', 'index', 'length'];
    const module = moduleOf(
      'sum(i, 1, 5 + bitand(index, 1), x * i - y) + index * 2 - length + sin(y)',
      names,
    );
    // The sine keeps it row by row; without it there are lanes.
    const lanes = moduleOf('sum(i, 0, x, i - y) + index * 2 - length', names);
    for (const type of columnTypes) {
      const parameters: KernelParameter[] = [
        { kind: 'column', type },
        { kind: 'uniform' },
        { kind: 'index' },
        { kind: 'length' },
      ];
      const outputTypes: readonly OutputType[] = ['f64', 'f32', 'i8', 'u16', 'i32', 'u8c', 'mask'];
      const outputs = outputTypes.map((output): KernelOutput => ({ function: main, type: output }));
      const column = createElements(type, 45);
      for (let row = 0; row < 45; row++) column[row] = (row * 3) % 40;
      for (const each of [module, lanes]) {
        expectKernels(each, { parameters, outputs }, [{ rows: 45, columns: [column], uniforms: [2.5] }]);
      }
    }
  });

  it('divide with a rest', () => {
    const module = moduleOf('x % y + sum(i, 1, 3, y % (x + i))', ['x', 'y']);
    const pairs = specialValues.flatMap((x) => specialValues.map((y) => [x, y] as const));
    const columnsOf = [0, 1].map((at) => Float64Array.from(pairs, (pair) => pair[at] as number));
    const spec = { parameters: columns(2), outputs: [asArray] };
    expectKernels(module, spec, [{ rows: pairs.length, columns: columnsOf }], { capacity: pairs.length * 8 });
  });

  it('take hundreds of columns, on fewer vectors or row by row', () => {
    for (const count of [40, 100, 255]) {
      const names = Array.from({ length: count }, (_, at) => `p${at}`);
      const module = moduleOf(`sum(i, 1, 2, ${names.map((name) => `${name} * i`).join(' + ')})`, names);
      const all = names.map((_, at) => Float64Array.from({ length: 20 }, (_, row) => at + row / 4));
      expectKernels(module, { parameters: columns(count), outputs: [asArray] }, [{ rows: 20, columns: all }]);
    }
  });

  it('keep more values than there are registers, with no fuel to spend', () => {
    // Every remainder is there until the last of them is known.
    const terms = Array.from({ length: 30 }, (_, at) => `let a${at} = x % (y + ${at});`);
    const uses = Array.from({ length: 30 }, (_, at) => `a${at} * a${29 - at}`).join(' + ');
    const module = moduleOf(`{ ${terms.join(' ')} ${uses} }`, ['x', 'y']);
    const spec = { parameters: columns(2), outputs: [asArray] };
    expect(hasLanes(module, spec, 'avx2')).to.equal(true);
    expectKernels(module, spec, [{ rows: 50, columns: [xs(50), ys(50)] }]);
  });

  it('keep what loops carry in memory where registers are few', () => {
    const names = Array.from({ length: 16 }, (_, at) => `p${at}`);
    const sums = names.map((name, at) => `a${at} + ${name} * i`).join(', ');
    const results = names.map((_, at) => `a${at} * ${at + 1}`).join(' + ');
    const carried = names.map((_, at) => `a${at}`).join(', ');
    const given = names.join(', ');
    const module = moduleOf(
      `f(i, ${carried}, ${given}) = i > 4 ? ${results} : f(i + 1, ${sums}, ${given}); f(1, ${names.map(() => 1).join(', ')}, ${given})`,
      names,
    );
    const spec = { parameters: columns(names.length), outputs: [asArray] };
    for (const level of featureLevels) expect(hasLanes(module, spec, level), level).to.equal(true);
    const all = names.map((_, at) => Float64Array.from({ length: 37 }, (_, row) => at - row / 4));
    expectKernels(module, spec, [{ rows: 37, columns: all }]);
  });

  it('combine what all rows give as single rows do', () => {
    const module = moduleOf('sum(i, 1, 3, x * i)', ['x']);
    const column = Float64Array.from({ length: 9000 }, (_, row) => Math.sin(row) * 1e3);
    for (const reduce of ['sum', 'prod', 'min', 'max', 'count', 'any', 'all', 'exact'] as const) {
      const spec = { parameters: columns(1), outputs: [{ function: main, reduce }] };
      const runs = [9000, 77].map((rows) => ({ rows, columns: [column] }));
      expectKernels(module, spec, runs, { capacity: column.byteLength });
    }
  });

  it('read all columns of a row before they write it', () => {
    const module = moduleOf('sum(i, 1, 4, x * i) - y', ['x', 'y']);
    const spec = { parameters: columns(2), outputs: [asArray, asArray] };
    const run = { rows: 37, columns: [xs(37), ys(37)] };
    for (const inPlace of [
      [0, 1],
      [1, 0],
    ]) {
      expectKernels(module, spec, [{ ...run, inPlace }]);
    }
  });

  for (const [source, most] of [
    ['sum(i, 1, x, 1)', 30],
    ['f(n, a) = n <= 0 ? a : f(n - 1, a + n); f(x, 0) + f(10 - x, 1)', 60],
    [
      'g(n, a) = n <= 0 ? a : g(n - 1, a + n); f(n, a) = n <= 0 ? a : f(n - 1, a + g(n, 0)); f(min(x, 7), 0)',
      90,
    ],
    ['x > 9 ? sum(i, 1, x, sum(j, 1, i, j)) : 0', 400],
  ] as const) {
    it(`trap at the row at which a single call would, for any fuel: ${source}`, () => {
      const module = moduleOf(source, ['x']);
      const spec = { parameters: columns(1), outputs: [asArray] };
      const column = Float64Array.from({ length: 41 }, (_, row) => (row * 7) % 29);
      for (const level of featureLevels) {
        using kernel = anyKernel(module, spec, { level });
        for (let fuel = 0; fuel < most; fuel += fuel < 40 ? 1 : 13) {
          for (const slice of [3, Number.MAX_SAFE_INTEGER]) {
            const run = { rows: 41, columns: [column], fuel: BigInt(fuel), slice };
            let trapped: number | undefined;
            try {
              expect(differenceOf(kernel.run(run), expectedResult(module, spec, run))).to.equal(undefined);
            } catch (error) {
              if (!(error instanceof KernelTrap)) throw error;
              expect(error.trap).to.equal(Trap.Fuel);
              trapped = error.row;
            }
            const wanted = firstDryRow(module, column, fuel);
            expect(trapped, `${level}, fuel ${fuel}, slice ${slice}`).to.equal(wanted);
          }
        }
      }
    });
  }

  it('end as soon as V8 ends what called them, though rows one by one have fuel left', () => {
    const module = moduleOf('sum(i, 1, 1000, x * i)', ['x']);
    const spec = { parameters: columns(1), outputs: [asArray] };
    expect(hasLanes(module, spec, 'sse2')).to.equal(true);
    using kernel = new NativeKernel(module, spec, { level: 'sse2' });
    // As the end of a script does, it leaves the addon no error that could be handled.
    const onRequest = () => {
      throw undefined;
    };
    let ended = false;
    try {
      kernel.run({ rows: 50, columns: [xs(50)], slice: 400, onRequest });
    } catch (error) {
      ended = error === undefined;
    }
    expect(ended).to.equal(true);
    expect(kernel.requests).to.equal(1);
  });

  it(`compute random functions (SEED=${seed})`, () => {
    const random = new Random(seed);
    let onLanes = 0;
    for (let i = 0; i < 120; i++) {
      const module = randomModule(random, { functions: 2, instructions: random.integer(5, 40) });
      if (random.chance(0.7)) optimize(module);
      for (const fn of module.functions) {
        const { parameters } = elementAt(fn.blocks, 0);
        const spec: KernelSpec = {
          parameters: parameters.map(
            (_, index): KernelParameter =>
              index > 0 && random.chance(0.3) ? { kind: 'uniform' } : { kind: 'column', type: 'f64' },
          ),
          outputs: [{ function: fn.name, type: 'f64' }],
        };
        if (printModule(module).includes('= callhost') || !hasLanes(module, spec, 'avx2')) continue;
        onLanes++;
        const special = () => random.pick(specialValues);
        const run = {
          rows: 21,
          columns: spec.parameters.flatMap(({ kind }) =>
            kind === 'column' ? [Float64Array.from({ length: 21 }, special)] : [],
          ),
          uniforms: spec.parameters.flatMap(({ kind }) => (kind === 'uniform' ? [special()] : [])),
        };
        expectKernels(module, spec, [run]);
      }
    }
    expect(onLanes).to.be.above(3);
  });
});

/** The first row whose call would run out of so much fuel. */
function firstDryRow(module: IrModule, column: Float64Array, fuel: number): number | undefined {
  const spec: KernelSpec = { parameters: columns(1), outputs: [asArray] };
  for (let row = 0; row < column.length; row++) {
    const run = { rows: 1, columns: [column.subarray(row, row + 1)] };
    try {
      expectedResult(module, spec, run, { fuel });
    } catch {
      return row;
    }
  }
  return undefined;
}
