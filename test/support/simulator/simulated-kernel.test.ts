import { expect } from 'chai';
import type { IrModule } from '../../../src/jit/ir/function.ts';
import type { KernelParameter, KernelSpec, OutputType } from '../../../src/jit/kernel/kernel-spec.ts';
import { sysv, win64 } from '../../../src/jit/machine/convention.ts';
import { featureLevels } from '../../../src/jit/machine/feature-level.ts';
import { Trap } from '../../../src/native/frame.ts';
import { elementAt } from '../../../src/support/element.ts';
import { differenceOf, expectedResult, main, moduleOf } from '../kernel-oracle.ts';
import { Random } from '../random.ts';
import { type KernelOptions, KernelTrap, NativeKernel, type RunnableKernel } from '../run-kernel.ts';
import { nativeLevels } from '../run-native.ts';
import { simulateKernel } from './simulated-kernel.ts';

const types = [
  'f64',
  'f32',
  'i32',
  'u32',
  'i16',
  'u8',
  'u8c',
  'mask',
] as const satisfies readonly OutputType[];
const parameters: readonly KernelParameter[] = [
  { kind: 'column', type: 'f64' },
  { kind: 'column', type: 'u16' },
  { kind: 'uniform' },
  { kind: 'index' },
];
const names = ['x', 'y', 'u', 'index'];
const spec: KernelSpec = {
  parameters,
  outputs: [...types.map((type) => ({ function: main, type })), { function: main, reduce: 'sum' }],
};
const sources = [
  'x * y + u',
  'x < y ? floor(x * u) : max(x, index) - min(y, u)',
  'bitxor(x, y) + clz32(index)',
  'x % y + sin(u)',
  'f(n) = n < 1 ? u : x + f(n - 1); f(y % 7)',
];
type MakeKernel = (module: IrModule, spec: KernelSpec, options: KernelOptions) => RunnableKernel;

const columnsOf = (rows: number) => {
  const random = new Random(rows);
  return [
    Float64Array.from({ length: rows }, () => random.double()),
    Uint16Array.from({ length: rows }, () => random.integer(0, 0xffff)),
  ];
};

describe('simulated kernels', () => {
  for (const source of sources) {
    it(`${source}: as on the CPU, at each level that it has`, () => {
      const module = moduleOf(source, names);
      for (const level of nativeLevels) {
        using native = new NativeKernel(module, spec, { level });
        using simulated = simulateKernel(module, spec, { level });
        for (const rows of [0, 1, 7, 40]) {
          const run = { rows, columns: columnsOf(rows), uniforms: [2.5] };
          expect(differenceOf(simulated.run(run), native.run(run)), `${level}, ${rows} rows`).to.equal(
            undefined,
          );
        }
      }
    });

    it(`${source}: as the interpreter, at each level and in each convention`, () => {
      const module = moduleOf(source, names);
      const runs = [3, 29].map((rows) => ({ rows, columns: columnsOf(rows), uniforms: [-3] }));
      const expected = runs.map((run) => expectedResult(module, spec, run));
      for (const level of featureLevels) {
        for (const convention of [sysv, win64]) {
          using kernel = simulateKernel(module, spec, { level, target: { convention } });
          const differences = runs.map((run, number) =>
            differenceOf(kernel.run(run), elementAt(expected, number)),
          );
          expect(differences, `${level}, ${convention.name}`).to.deep.equal([undefined, undefined]);
        }
      }
    });
  }

  it('reduce several blocks, from any of them on', () => {
    const module = moduleOf('x', ['x']);
    const sum: KernelSpec = {
      parameters: [{ kind: 'column', type: 'f64' }],
      outputs: [{ function: main, reduce: 'sum' }],
    };
    using kernel = simulateKernel(module, sum, { level: 'avx512' });
    const [column] = columnsOf(9000).map((elements) => elements.map((x) => x % 2 || 0.1));
    for (const [firstRow, rows] of [
      [0, 9000],
      [4096, 4097],
      [8192, 100],
    ] as const) {
      const run = { firstRow, rows, columns: [column ?? new Float64Array()] };
      expect(differenceOf(kernel.run(run), expectedResult(module, sum, run))).to.equal(undefined);
    }
  });

  it('ask for fuel, trap, and call the host as those on the CPU do', () => {
    const array: KernelSpec = {
      parameters: [{ kind: 'column', type: 'f64' }],
      outputs: [{ function: main, type: 'f64' }],
    };
    const run = { rows: 30, columns: [Float64Array.from({ length: 30 }, (_, row) => row)] };
    const outcome = (make: MakeKernel, source: string, fuel: bigint, slice: number): unknown => {
      const hosts = [
        (x: number): number => {
          if (x === 20) throw new RangeError('twenty');
          return x;
        },
      ];
      // As many rows at a time on both sides.
      const level = elementAt(nativeLevels, nativeLevels.length - 1);
      using kernel = make(moduleOf(source, ['x'], ['host']), array, { hosts, level });
      try {
        return [kernel.run({ ...run, fuel, slice }).outputs, kernel.requests];
      } catch (error) {
        return error instanceof KernelTrap ? [error.trap, error.row, kernel.requests] : `${error}`;
      }
    };
    const makeNative: MakeKernel = (...given) => new NativeKernel(...given);
    for (const [source, fuel, slice] of [
      ['sum(i, 1, x, 1)', 1000n, 10],
      ['sum(i, 1, x, 1)', 17n, 5],
      ['sum(i, 1, x, 1)', 17n, 1000],
      ['x % 3', 1000n, 4],
      ['f(n) = 1 + f(n + 1) * 2; x < 3 ? x : f(x)', 1_000_000_000n, 1_000_000_000],
      ['host(x)', 1000n, 1000],
      ['host(x * 2 + 1)', 1000n, 1000],
    ] as const) {
      expect(outcome(simulateKernel, source, fuel, slice), source).to.deep.equal(
        outcome(makeNative, source, fuel, slice),
      );
    }
    expect(outcome(simulateKernel, 'sum(i, 1, x, 1)', 17n, 5)).to.include(Trap.Fuel);
  });
});
