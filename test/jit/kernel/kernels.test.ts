import { expect } from 'chai';
import { isVectorKernel } from '../../../src/jit/generate-kernel.ts';
import {
  columnTypes,
  type KernelParameter,
  type KernelSpec,
  type OutputType,
  type ReductionKind,
} from '../../../src/jit/kernel/kernel-spec.ts';
import { reductions } from '../../../src/jit/kernel/reductions.ts';
import { differenceOf, expectedResult, main, moduleOf } from '../../support/kernel-oracle.ts';
import { Random } from '../../support/random.ts';
import { createElements, type Elements, NativeKernel } from '../../support/run-kernel.ts';
import { nativeLevels } from '../../support/run-native.ts';
import { specialValues } from '../../support/special-values.ts';

const outputTypes: readonly OutputType[] = [...columnTypes, 'u8c', 'mask'];
const kinds = Object.keys(reductions) as ReductionKind[];
const column = (type: (typeof columnTypes)[number] = 'f64'): KernelParameter => ({ kind: 'column', type });
const map = (parameters: readonly KernelParameter[], ...types: OutputType[]): KernelSpec => ({
  parameters,
  outputs: types.map((type) => ({ function: main, type })),
});

function randomElements(random: Random, type: OutputType, length: number): Elements {
  const elements = createElements(type, length);
  for (let i = 0; i < length; i++) elements[i] = random.double();
  return elements;
}

/** Longer than any loop takes at once, twice. */
const lengths = Array.from({ length: 68 }, (_, rows) => rows);

describe('kernels', () => {
  const random = new Random(20261123);

  for (const level of nativeLevels) {
    describe(level, () => {
      for (const source of [
        'x*y + y',
        'sqrt(x*x + y*y)',
        'x < y ? x*2 : y*y - 1',
        'floor(x*4 + 0.5)*0.25 + round(y)',
        'clamp(x*y, -1, 1) + max(x, y) - min(x, 0.5)',
        'bitxor(x, y) + shl(x, 3)',
        'x % y',
        'x',
        '3',
      ]) {
        it(`${source}: every length, at both ends of memory, in place`, () => {
          const module = moduleOf(source, ['x', 'y']);
          const spec = map([column(), column()], 'f64');
          using kernel = new NativeKernel(module, spec, { level });
          const columns = [0, 1].map(() => randomElements(random, 'f64', 68));
          for (const rows of lengths) {
            const expected = expectedResult(module, spec, { rows, columns });
            for (const placement of ['first', 'last'] as const) {
              for (const shift of [0, 1, 5]) {
                const difference = differenceOf(kernel.run({ rows, columns, placement, shift }), expected);
                expect(difference, `${rows} rows, ${placement}, shifted by ${shift}`).to.equal(undefined);
              }
            }
            for (const inPlace of [0, 1]) {
              const difference = differenceOf(kernel.run({ rows, columns, inPlace: [inPlace] }), expected);
              expect(difference, `${rows} rows in place of column ${inPlace}`).to.equal(undefined);
            }
          }
        });
      }

      it('takes every type of column, and gives every type of output', () => {
        for (const source of ['x', 'x * 1.75 - 3.5', 'pow(x, 1)']) {
          const module = moduleOf(source, ['x']);
          for (const input of columnTypes) {
            const spec = map([column(input)], ...outputTypes);
            using kernel = new NativeKernel(module, spec, { level });
            for (const rows of [1, 2, 3, 5, 7, 11, 67]) {
              for (const placement of ['first', 'last'] as const) {
                const run = { rows, columns: [randomElements(random, input, rows)], placement };
                const difference = differenceOf(kernel.run(run), expectedResult(module, spec, run));
                expect(difference, `${source}, ${input}, ${rows} rows`).to.equal(undefined);
              }
            }
          }
        }
      });

      it('converts special values to every type of output', () => {
        const values = specialValues.flatMap((value) => [value, value + 0.5, value - 0.5, value * 1.000001]);
        for (const source of ['x', 'sin(0) + x']) {
          const module = moduleOf(source, ['x']);
          const spec = map([column()], ...outputTypes);
          using kernel = new NativeKernel(module, spec, { level });
          const run = { rows: values.length, columns: [Float64Array.from(values)] };
          expect(differenceOf(kernel.run(run), expectedResult(module, spec, run))).to.equal(undefined);
        }
      });

      it('converts truth values to every type of output', () => {
        const module = moduleOf('x > 0', ['x']);
        const spec = map([column()], ...outputTypes);
        using kernel = new NativeKernel(module, spec, { level });
        for (const rows of lengths) {
          const run = { rows, columns: [randomElements(random, 'f64', rows)] };
          expect(differenceOf(kernel.run(run), expectedResult(module, spec, run))).to.equal(undefined);
        }
      });

      it('knows the index and the length', () => {
        for (const source of ['index / length', 'index * 2 + x', 'sin(index) + length * 0 + x * 0']) {
          const module = moduleOf(source, ['index', 'length', 'x', 'y']);
          const parameters: KernelParameter[] = [
            { kind: 'index' },
            { kind: 'length' },
            { kind: 'uniform' },
            column(),
          ];
          const spec = map(parameters, 'f64', 'i16');
          using kernel = new NativeKernel(module, spec, { level });
          for (const rows of lengths) {
            for (const firstRow of [0, 1, 6, 13]) {
              const columns = [createElements('f64', rows + firstRow)];
              const run = { rows, firstRow, columns, uniforms: [0.5] };
              const difference = differenceOf(kernel.run(run), expectedResult(module, spec, run));
              expect(difference, `${source}: ${rows} rows from ${firstRow}`).to.equal(undefined);
            }
          }
        }
      });

      for (const source of ['x', 'x * y + 0.25', 'x > y', 'hypot(x, y)']) {
        it(`${source}: every reduction, of every length`, () => {
          const module = moduleOf(source, ['x', 'y']);
          for (const kind of kinds) {
            const spec: KernelSpec = {
              parameters: [column(), column('f32')],
              outputs: [{ function: main, reduce: kind }],
            };
            using kernel = new NativeKernel(module, spec, { level, capacity: 80_000 });
            const values = [...lengths, 4095, 4096, 4097, 9001];
            const columns = [randomElements(random, 'f64', 9001), randomElements(random, 'f32', 9001)];
            for (let i = 0; i < 9001; i++)
              for (const elements of columns) elements[i] = (elements[i] as number) % 2 || 1;
            for (const rows of values) {
              const run = { rows, columns };
              const difference = differenceOf(kernel.run(run), expectedResult(module, spec, run));
              expect(difference, `${kind} of ${rows} rows`).to.equal(undefined);
            }
          }
        });
      }

      it('reduces special values', () => {
        const module = moduleOf('x', ['x']);
        for (const kind of kinds) {
          const spec: KernelSpec = { parameters: [column()], outputs: [{ function: main, reduce: kind }] };
          using kernel = new NativeKernel(module, spec, { level });
          for (let i = 0; i < 60; i++) {
            const rows = random.integer(1, 40);
            const few = random.pick([
              [0, -0],
              [0, -0, Number.NaN],
              [1, Number.POSITIVE_INFINITY, -1],
              specialValues,
            ]);
            const columns = [Float64Array.from({ length: rows }, () => random.pick(few))];
            const difference = differenceOf(
              kernel.run({ rows, columns }),
              expectedResult(module, spec, { rows, columns }),
            );
            expect(difference, `${kind} of ${columns[0]?.join()}`).to.equal(undefined);
          }
        }
      });

      it('does several things in one pass', () => {
        for (const source of ['sqrt(x*x + y*y)', 'atan2(y, x)']) {
          const module = moduleOf(source, ['x', 'y']);
          const spec: KernelSpec = {
            parameters: [column('i16'), column()],
            outputs: [
              { function: main, type: 'f64' },
              ...kinds.map((reduce) => ({ function: main, reduce })),
              { function: main, type: 'mask' },
            ],
          };
          using kernel = new NativeKernel(module, spec, { level });
          for (const rows of lengths) {
            const columns = [randomElements(random, 'i16', rows), randomElements(random, 'f64', rows)];
            const run = { rows, columns };
            expect(differenceOf(kernel.run(run), expectedResult(module, spec, run)), `${rows} rows`).to.equal(
              undefined,
            );
          }
        }
      });

      it('has more columns, outputs and constants than registers', () => {
        const names = Array.from({ length: 40 }, (_, i) => `c${i}`);
        const terms = names.map((name, i) => `${name} * ${i + 0.5} - ${1000 + i} / (${name} + ${i * i})`);
        const crossed = names.map((name, i) => `${name} * ${names[(i * 7 + 3) % 40]}`);
        const module = moduleOf(`{ let a = ${terms.join(' + ')}; a + ${crossed.join(' - ')} }`, names);
        const spec = map(
          names.map(() => column()),
          ...Array.from({ length: 12 }, (): OutputType => 'f64'),
        );
        expect(isVectorKernel(module, spec, level)).to.equal(true);
        using kernel = new NativeKernel(module, spec, { level });
        for (const rows of [0, 1, 19, 40]) {
          const columns = names.map(() => randomElements(random, 'f64', rows));
          const run = { rows, columns };
          expect(differenceOf(kernel.run(run), expectedResult(module, spec, run))).to.equal(undefined);
        }
      });
    });
  }
});
