import { expect } from 'chai';
import { parseModule } from '../../../src/jit/ir/parser.ts';
import {
  type ColumnType,
  columnTypes,
  type KernelParameter,
  type KernelSpec,
  type OutputType,
  type ReductionKind,
} from '../../../src/jit/kernel/kernel-spec.ts';
import { reductions } from '../../../src/jit/kernel/reductions.ts';
import { rowBody } from '../../../src/jit/kernel/row-body.ts';
import { isVectorKernel } from '../../support/is-vector-kernel.ts';
import { main, moduleOf } from '../../support/kernel-oracle.ts';
import { Random } from '../../support/random.ts';
import { createElements, type Elements, type KernelRun } from '../../support/run-kernel.ts';
import { specialValues } from '../../support/special-values.ts';
import { expectKernels } from './expect-kernels.ts';

const outputTypes: readonly OutputType[] = [...columnTypes, 'u8c', 'mask'];
const kinds = Object.keys(reductions) as ReductionKind[];
const placements = ['first', 'last'] as const;
/** Up to what is longer than any loop takes at once, twice. */
const lengths = Array.from({ length: 68 }, (_, rows) => rows);
const random = new Random(20261123);

const column = (type: ColumnType = 'f64'): KernelParameter => ({ kind: 'column', type });
const map = (parameters: readonly KernelParameter[], ...types: OutputType[]): KernelSpec => ({
  parameters,
  outputs: types.map((type) => ({ function: main, type })),
});
const reduce = (parameters: readonly KernelParameter[], kind: ReductionKind): KernelSpec => ({
  parameters,
  outputs: [{ function: main, reduce: kind }],
});

function randomElements(type: OutputType, length: number): Elements {
  const elements = createElements(type, length);
  for (let i = 0; i < length; i++) elements[i] = random.double();
  return elements;
}

describe('kernels', () => {
  for (const source of [
    'x*y + y',
    'sqrt(x*x + y*y)',
    'x < y ? x*2 : y*y - 1',
    'floor(x*4 + 0.5)*0.25 + round(y)',
    'clamp(x*y, -1, 1) + max(x, y) - min(x, 0.5)',
    'bitxor(x, y) + shl(x, 3)',
    '((((x*0.1 + 0.2)*x - 0.3)*x + 0.4)*x - 0.5)*y + 0.6',
    'max(x, -0.0) / 3 + max(y, 0)',
    'x % y',
    'x',
    '3',
  ]) {
    it(`${source}: every length, at both ends of memory, in place`, () => {
      const columns = [0, 1].map(() => randomElements('f64', 68));
      const runs = lengths.flatMap((rows): KernelRun[] => [
        ...placements.flatMap((placement) => [0, 1, 5].map((shift) => ({ rows, columns, placement, shift }))),
        { rows, columns, inPlace: [0] },
        { rows, columns, inPlace: [1] },
      ]);
      expectKernels(moduleOf(source, ['x', 'y']), map([column(), column()], 'f64'), runs);
    });
  }

  for (const type of ['f64', 'f32'] as const) {
    it(`outputs that exchange their columns, of ${type}`, () => {
      const module = parseModule(`
function first(f64, f64): f64 {
b0(v0: f64, v1: f64):
  return v0
}

function second(f64, f64): f64 {
b0(v0: f64, v1: f64):
  return v1
}`);
      const spec: KernelSpec = {
        parameters: [column(type), column(type)],
        outputs: [
          { function: 'second', type },
          { function: 'first', type },
        ],
      };
      const columns = [randomElements(type, 68), randomElements(type, 68)];
      expectKernels(
        module,
        spec,
        lengths.map((rows) => ({ rows, columns, inPlace: [0, 1] })),
      );
    });
  }

  for (const source of ['x', 'x * 1.75 - 3.5', 'pow(x, 1)']) {
    it(`${source}: every type of column, and of output`, () => {
      for (const type of columnTypes) {
        const runs = [1, 2, 3, 5, 7, 11, 67].flatMap((rows) => {
          const columns = [randomElements(type, rows)];
          return placements.map((placement) => ({ rows, columns, placement }));
        });
        expectKernels(moduleOf(source, ['x']), map([column(type)], ...outputTypes), runs);
      }
    });
  }

  for (const source of ['x', 'sin(0) + x', 'x > 0']) {
    it(`${source}: special values to every type of output`, () => {
      const near = specialValues.flatMap((value) => [value, value + 0.5, value - 0.5, value * 1.000001]);
      const columns = [Float64Array.from(near)];
      const runs = [...lengths, near.length].map((rows) => ({ rows, columns }));
      expectKernels(moduleOf(source, ['x']), map([column()], ...outputTypes), runs);
    });
  }

  for (const source of ['index / length', 'index * 2 + x', 'sin(index) + length * 0 + x * 0']) {
    it(`${source}: knows the row and how many there are`, () => {
      const parameters: KernelParameter[] = [
        { kind: 'index' },
        { kind: 'length' },
        { kind: 'uniform' },
        column(),
      ];
      const columns = [createElements('f64', 80)];
      const runs = lengths.flatMap((rows) =>
        [0, 1, 6, 13]
          .filter((firstRow) => rows + firstRow <= 80)
          .map((firstRow) => ({ rows, firstRow, columns, uniforms: [0.5] })),
      );
      expectKernels(moduleOf(source, ['index', 'length', 'x', 'y']), map(parameters, 'f64', 'i16'), runs);
    });
  }

  for (const source of ['x', 'x * y + 0.25', 'x > y', 'index * y', 'hypot(x, y)']) {
    it(`${source}: every reduction, of every length`, () => {
      const names = ['x', 'y', 'index'];
      const module = moduleOf(source, names);
      const small = () => (random.double() % 2) + random.fraction();
      const columns = [
        Float64Array.from({ length: 9001 }, small),
        Float32Array.from({ length: 9001 }, small),
      ];
      const runs = [...lengths, 4095, 4096, 4097, 9001].map((rows) => ({ rows, columns }));
      const parameters: KernelParameter[] = [column(), column('f32'), { kind: 'index' }];
      for (const kind of [...kinds, 'exact'] as const) {
        expectKernels(module, reduce(parameters, kind), runs, { capacity: 80_000 });
      }
    });
  }

  it('reduces special values', () => {
    const module = moduleOf('x', ['x']);
    const sets = [[0, -0], [0, -0, Number.NaN], [1, Number.POSITIVE_INFINITY, -1], specialValues];
    const runs = Array.from({ length: 60 }, () => {
      const rows = random.integer(1, 40);
      const few = random.pick(sets);
      return { rows, columns: [Float64Array.from({ length: rows }, () => random.pick(few))] };
    });
    for (const kind of [...kinds, 'exact'] as const) expectKernels(module, reduce([column()], kind), runs);
  });

  it('adds exactly what is far apart, cancels, overflows or is tiny', () => {
    const module = moduleOf('x', ['x']);
    const anyDouble = () =>
      Math.abs(random.double()) ** random.integer(-3, 3) * (random.integer(0, 1) * 2 - 1);
    const finite = () => {
      for (;;) {
        const x = random.integer(0, 3) === 0 ? anyDouble() : random.double();
        if (Number.isFinite(x)) return x;
      }
    };
    const cancelling = (count: number): Float64Array => {
      const half = Float64Array.from({ length: count }, finite);
      return Float64Array.from({ length: 2 * count + 1 }, (_, row) =>
        row === 2 * count
          ? 2 ** -1074
          : row % 2 === 0
            ? (half[row >> 1] as number)
            : -(half[row >> 1] as number),
      );
    };
    const most = Number.MAX_VALUE;
    const columns = [
      Float64Array.from({ length: 5000 }, finite),
      Float64Array.from({ length: 4200 }, () => random.double() * 2 ** -1020),
      cancelling(2500),
      Float64Array.of(most, most, 1, -most, -most),
      new Float64Array(4500).fill(most).fill(-most, 2250),
      Float64Array.of(2 ** 1000, 2 ** -1074, -(2 ** 1000)),
      Float64Array.of(1, 2 ** -53, 2 ** -1074),
      Float64Array.of(1, -(2 ** -54), -(2 ** -1074)),
      new Float64Array(4096).fill(2 ** 1023),
      // Batches with other bins than those before them.
      Float64Array.from(
        { length: 9000 },
        (_, row) => (row % 2048 < 1000 ? 1e-200 : 1e200) * random.fraction(),
      ),
      Float64Array.from({ length: 9000 }, (_, row) => 2 ** (row % 2048)),
    ];
    const runs = columns.map((values) => ({ rows: values.length, columns: [values] }));
    expectKernels(module, reduce([column()], 'exact'), runs, { capacity: 80_000 });
  });

  it('finds infinities and NaN in exact sums, and nothing else', () => {
    const module = moduleOf('x', ['x']);
    const runs = [
      [Number.POSITIVE_INFINITY],
      [Number.POSITIVE_INFINITY, Number.MAX_VALUE, -Number.MAX_VALUE],
      [Number.NEGATIVE_INFINITY],
      [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
      [Number.NaN],
    ].flatMap((specials) =>
      [0, 1, 2047, 2048, 4095, 5000].map((at) => {
        const values = Float64Array.from({ length: 6000 }, () => random.fraction() * Number.MAX_VALUE);
        specials.forEach((value, i) => {
          values[at + i] = value;
        });
        return { rows: 6000, columns: [values] };
      }),
    );
    expectKernels(module, reduce([column()], 'exact'), runs, { capacity: 80_000 });
  });

  it('starts a reduction at any block', () => {
    const columns = [Float64Array.from({ length: 9000 }, () => random.fraction())];
    // The partial results of blocks before the first row are zero here: those of a sum do not matter.
    const runs = [0, 4096, 8192].map((firstRow) => ({ rows: 9000 - firstRow, firstRow, columns }));
    for (const source of ['x', 'cos(x)']) {
      for (const kind of ['sum', 'exact'] as const) {
        expectKernels(moduleOf(source, ['x']), reduce([column()], kind), runs, { capacity: 80_000 });
      }
    }
  });

  for (const source of ['sqrt(x*x + y*y)', 'atan2(y, x)']) {
    it(`${source}: arrays and reductions in one pass`, () => {
      const spec: KernelSpec = {
        parameters: [column('i16'), column()],
        outputs: [
          { function: main, type: 'f64' },
          ...kinds.map((kind) => ({ function: main, reduce: kind })),
          { function: main, type: 'mask' },
        ],
      };
      const columns = [randomElements('i16', 68), randomElements('f64', 68)];
      expectKernels(
        moduleOf(source, ['x', 'y']),
        spec,
        lengths.map((rows) => ({ rows, columns })),
      );
    });
  }

  it('leaves what needs too much of the stack to scalar code', () => {
    const many = (count: number, term: (i: number) => string): string =>
      `{ ${Array.from({ length: count }, (_, i) => `let a${i} = ${term(i)}`).join('; ')};
        ${Array.from({ length: count }, (_, i) => `a${i} / a${(i * 3 + 1) % count}`).join(' + ')} }`;
    const spec = map([column(), { kind: 'uniform' }], 'f64');
    const run = { rows: 3, columns: [Float64Array.of(0.5, 7, 9)], uniforms: [3] };
    // What all rows share takes a lane only.
    for (const [name, fits] of [
      ['x', false],
      ['y', true],
    ] as const) {
      const term = (i: number): string => `sqrt(${name} * ${i} + 1)`;
      const large = moduleOf(many(1100, term), ['x', 'y']);
      expect(isVectorKernel(large, spec, 'avx512')).to.equal(fits);
      expectKernels(large, spec, [run]);
      const smaller = moduleOf(many(300, term), ['x', 'y']);
      expect(isVectorKernel(smaller, spec, 'avx512')).to.equal(true);
      expectKernels(smaller, spec, [run]);
    }
  });

  it('leaves what would be too long on vectors to scalar code', () => {
    const spec = map([column(), column()], 'f64');
    const terms = (count: number, joint: string, term: (i: number) => string): string =>
      Array.from({ length: count }, (_, i) => term(i)).join(joint);
    const sources = [
      [terms(20, ' + ', (i) => `hypot(x, y, ${i})`), true],
      [terms(1000, ' + ', (i) => `hypot(x, y, ${i})`), false],
      [`hypot(${terms(2000, ', ', (i) => `x * ${i}`)})`, false],
      [terms(800, ' + ', (i) => `x * ${i}.5`), true],
      [terms(5000, ' + ', (i) => `x * ${i}.5`), false],
      [terms(2000, ' + ', (i) => `clz32(x * ${i})`), false],
      [terms(50, ' && ', (i) => `x > ${i} - y`), true],
      [terms(1900, ' && ', (i) => `x > ${i} - y`), false],
    ] as const;
    for (const [source, onVectors] of sources) {
      const module = moduleOf(source, ['x', 'y']);
      expect(isVectorKernel(module, spec, 'avx2'), source.slice(0, 40)).to.equal(onVectors);
    }
  });

  it('computes once what several functions have in common', () => {
    const module = parseModule(`
function length(f64, f64): f64 {
b0(v0: f64, v1: f64):
  v2 = fmul v0, v0
  v3 = fmul v1, v1
  v4 = fadd v2, v3
  v5 = fsqrt v4
  return v5
}

function scaled(f64, f64): f64 {
b0(v0: f64, v1: f64):
  v2 = fmul v1, v1
  v3 = fmul v0, v0
  v4 = fadd v3, v2
  v5 = fsqrt v4
  v6 = fdiv v0, v5
  return v6
}`);
    const spec: KernelSpec = {
      parameters: [column(), column('f32')],
      outputs: [
        { function: 'length', type: 'f64' },
        { function: 'scaled', type: 'f64' },
        { function: 'length', reduce: 'max' },
      ],
    };
    const body = rowBody(module, spec, true);
    const count = (name: string) => body?.instructions.filter(({ op }) => op?.name === name).length;
    expect([count('fsqrt'), count('fmul'), count('fdiv')]).to.deep.equal([1, 2, 1]);
    const columns = [randomElements('f64', 68), randomElements('f32', 68)];
    expectKernels(
      module,
      spec,
      lengths.map((rows) => ({ rows, columns })),
    );
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
    expect(isVectorKernel(module, spec, 'sse2')).to.equal(true);
    const columns = names.map(() => randomElements('f64', 40));
    expectKernels(
      module,
      spec,
      [0, 1, 19, 40].map((rows) => ({ rows, columns })),
    );
  });
});
