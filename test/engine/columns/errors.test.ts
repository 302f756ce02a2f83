import { expect } from 'chai';
import {
  type ColumnInput,
  type CompiledFunction,
  KernelError,
  type KernelErrorCode,
  ReleasedError,
  TrapError,
} from '../../../src/index.ts';
import { eachBackend } from '../each-backend.ts';
import { expectSame } from './bits.ts';

type AnyColumns = Readonly<Record<string, unknown>>;

/** What a call refuses: the columns, the options, and an error's class or code and a part of its message. */
type Refusal = readonly [
  what: string,
  columns: unknown,
  options: unknown,
  error: KernelErrorCode | typeof TypeError | typeof RangeError,
  message: string,
];

const refusals: readonly Refusal[] = [
  ['a missing column', { x: [1] }, undefined, 'E_MISSING_COLUMN', 'lack y'],
  ['a column that is undefined', { x: [1], y: undefined }, undefined, 'E_MISSING_COLUMN', 'lack y'],
  ['an unknown column', { x: [1], y: [1], z: [1] }, undefined, 'E_UNKNOWN_COLUMN', 'z; there are x, y'],
  ['no columns', undefined, undefined, TypeError, 'columns must be an object'],
  ['null for columns', null, undefined, TypeError, 'not null'],
  ['a string for columns', 'xy', undefined, TypeError, 'not a string'],
  [
    'different lengths',
    { x: [1, 2], y: [1] },
    undefined,
    'E_LENGTH_MISMATCH',
    'y has 1 elements, and x has 2',
  ],
  [
    'different lengths of typed arrays',
    { x: new Int8Array(3), y: new Float64Array(4) },
    undefined,
    'E_LENGTH_MISMATCH',
    'y has 4',
  ],
  [
    'a length unlike that of the columns',
    { x: [1, 2], y: 1 },
    { length: 3 },
    'E_LENGTH_MISMATCH',
    'length is 3',
  ],
  ['no length at all', { x: 1, y: 2 }, undefined, 'E_LENGTH_UNKNOWN', 'how many rows'],
  ['a negative length', { x: 1, y: 2 }, { length: -1 }, RangeError, 'length must be'],
  ['a fractional length', { x: 1, y: 2 }, { length: 1.5 }, RangeError, 'not 1.5'],
  ['a length that is no number', { x: 1, y: 2 }, { length: '3' }, RangeError, 'not a string'],
  ['a length beyond all arrays', { x: 1, y: 2 }, { length: 2 ** 52 }, RangeError, 'length'],
  ['a string for a column', { x: 'abc', y: 1 }, undefined, TypeError, 'x must be'],
  ['a boolean for a column', { x: true, y: 1 }, undefined, TypeError, 'not a boolean'],
  ['null for a column', { x: null, y: 1 }, undefined, TypeError, 'not null'],
  ['a DataView', { x: new DataView(new ArrayBuffer(8)), y: 1 }, undefined, TypeError, 'a DataView'],
  [
    'what only claims to be a typed array',
    { x: Object.create(Float64Array.prototype), y: 1 },
    undefined,
    TypeError,
    'x must be',
  ],
  [
    'elements that are no numbers',
    { x: [1, '2'], y: 1 },
    undefined,
    TypeError,
    'x[1] must be a number or null, not a string',
  ],
  ['holes', { x: new Array(3), y: 1 }, undefined, TypeError, 'x[0] must be'],
  [
    'undefined among numbers',
    { x: [1, 2, undefined], y: 1 },
    undefined,
    TypeError,
    'x[2] must be a number or null, not undefined',
  ],
  [
    'a class whose name throws',
    {
      x: {
        get constructor() {
          throw new Error('hostile');
        },
      },
      y: 1,
    },
    undefined,
    TypeError,
    'not an object without a constructor',
  ],
  ['a Map for columns', new Map([['x', [1]]]), undefined, 'E_MISSING_COLUMN', 'lack x'],
  ['a list of columns', [[1], [2]], undefined, 'E_MISSING_COLUMN', 'lack x'],
  ['options that are none', { x: [1], y: 1 }, 7, TypeError, 'options must be'],
  ['null for options', { x: [1], y: 1 }, null, TypeError, 'options must be'],
  ['an unknown type', { x: [1], y: 1 }, { type: 'f17' }, RangeError, 'f64, f32'],
  ['a plain array for out', { x: [1], y: 1 }, { out: [0] }, TypeError, 'out must be'],
  [
    'a type unlike that of out',
    { x: [1], y: 1 },
    { out: new Int8Array(1), type: 'i16' },
    TypeError,
    'type asks for i16',
  ],
  ['a mask in floats', { x: [1], y: 1 }, { out: new Float32Array(1), type: 'mask' }, TypeError, 'mask'],
  [
    'an out that is too small',
    { x: [1, 2], y: 1 },
    { out: new Float64Array(1) },
    'E_OUT_TOO_SMALL',
    'out has 1 elements, and there are 2 rows',
  ],
];

const asyncRefusals: readonly [
  what: string,
  options: unknown,
  error: typeof TypeError | typeof RangeError,
][] = [
  ['no threads', { threads: 0 }, RangeError],
  ['too many threads', { threads: 65 }, RangeError],
  ['threads that are no number', { threads: '2' }, RangeError],
  ['a signal that is none', { signal: {} }, TypeError],
  ['a progress callback that is none', { onProgress: 1 }, TypeError],
];

function detached(length: number): Float64Array {
  const array = new Float64Array(length);
  structuredClone(array, { transfer: [array.buffer] });
  return array;
}

/** A typed array on a buffer that was shrunk away from it. */
function shrunk(): Float64Array {
  const Resizable = ArrayBuffer as unknown as new (
    size: number,
    options: object,
  ) => ArrayBuffer & {
    resize(size: number): void;
  };
  const buffer = new Resizable(64, { maxByteLength: 128 });
  const array = new Float64Array(buffer, 32, 4);
  buffer.resize(40);
  return array;
}

describe('kernels refuse', () => {
  eachBackend((createEngine) => {
    type Loose = {
      map(columns: unknown, options?: unknown): ArrayLike<number>;
      mapAsync(columns: unknown, options?: unknown): Promise<ArrayLike<number>>;
    };
    const loose = (f: CompiledFunction<readonly string[]>): Loose => f as unknown as Loose;

    /** Vectors, and row by row with limits. */
    const sources = ['x + y', 'sum(i, 1, 2, x + y)'];

    const check = (
      thrown: unknown,
      error: KernelErrorCode | typeof TypeError | typeof RangeError,
      message: string,
    ) => {
      if (typeof error === 'string')
        expect(thrown).to.be.instanceOf(KernelError).with.property('code', error);
      else expect(thrown).to.be.instanceOf(error);
      expect((thrown as Error).message).to.include(message);
    };

    for (const [what, columns, options, error, message] of refusals) {
      it(what, async () => {
        const engine = createEngine();
        for (const source of sources) {
          const f = loose(engine.compile(source, ['x', 'y']));
          let thrown: unknown;
          try {
            f.map(columns, options);
          } catch (caught) {
            thrown = caught;
          }
          check(thrown, error, message);
          const rejected = await f.mapAsync(columns, options).catch((caught: unknown) => caught);
          if (options !== null) check(rejected, error, message);
        }
      });
    }

    for (const [what, options, error] of asyncRefusals) {
      it(what, async () => {
        const f = loose(createEngine().compile('x + y', ['x', 'y']));
        const rejected = await f.mapAsync({ x: [1], y: 2 }, options).catch((caught: unknown) => caught);
        expect(rejected).to.be.instanceOf(error);
      });
    }

    it('detached and shrunk arrays', async () => {
      const engine = createEngine();
      for (const source of sources) {
        const f = engine.compile(source, ['x', 'y']);
        for (const gone of [detached(4), shrunk()]) {
          const attempts = [
            () => f.map({ x: gone, y: 1 }),
            () => f.map({ x: new Float64Array(4), y: gone }),
            () => f.map({ x: gone, y: gone }),
            () => f.map({ x: new Float64Array(4), y: 1 }, { out: gone }),
            () => f.map({ x: [], y: 1 }, { out: gone }),
            () => f.reduce('sum', { x: gone, y: 1 }),
            () => f.select({ x: gone, y: 1 }),
          ];
          for (const attempt of attempts) {
            expect(attempt).to.throw(KernelError).with.property('code', 'E_DETACHED');
          }
          const rejected = await f.mapAsync({ x: gone, y: 1 }).catch((error: unknown) => error);
          expect(rejected).to.be.instanceOf(KernelError);
        }
      }
    });

    it('nothing for a length that an array claims to have', async () => {
      const engine = createEngine({ functions: { h: (x) => x } });
      const f = engine.compile('h(x) + y', ['x', 'y']);
      for (const length of [undefined, 0, -1, 2 ** 40, Number.NaN, 'many']) {
        const x = new Float32Array(new SharedArrayBuffer(12));
        x.set([1, 2, 3]);
        const y = Float64Array.of(10, 20, 30);
        for (const array of [x, y]) Object.defineProperty(array, 'length', { value: length });
        expect([...f.map({ x, y })], `map, ${length}`).to.deep.equal([11, 22, 33]);
        expect([...(await f.mapAsync({ x, y }))], `mapAsync, ${length}`).to.deep.equal([11, 22, 33]);
        expect(f.reduce('sum', { x, y }), `reduce, ${length}`).to.equal(66);
      }
    });

    it('outputs that overlap a column without being it', async () => {
      const engine = createEngine();
      for (const source of sources) {
        const f = engine.compile(source, ['x', 'y']);
        const memory = new Float64Array(10).fill(3);
        const bytes = new Uint8Array(memory.buffer);
        const overlapping: [ColumnInput, Float64Array | Float32Array | Uint8Array][] = [
          [memory.subarray(0, 8), memory.subarray(1, 9)],
          [memory.subarray(1, 9), memory.subarray(0, 8)],
          [memory.subarray(0, 4), memory.subarray(3, 7)],
          [memory.subarray(0, 4), new Float32Array(memory.buffer, 0, 4)],
          [memory.subarray(0, 2), bytes.subarray(15, 17)],
        ];
        for (const [x, out] of overlapping) {
          expect(() => f.map({ x, y: 1 }, { out }))
            .to.throw(KernelError)
            .with.property('code', 'E_OVERLAP');
          const rejected = await f.mapAsync({ x, y: 1 }, { out }).catch((error: unknown) => error);
          expect(rejected).to.be.instanceOf(KernelError).with.property('code', 'E_OVERLAP');
          expectSame(memory, new Array(10).fill(3));
        }
        // Side by side, and beyond the rows, is no overlap.
        expectSame(f.map({ x: memory.subarray(0, 5), y: 1 }, { out: memory.subarray(5) }).slice(0, 1), [
          f(3, 1),
        ]);
        expectSame(f.map({ x: memory.subarray(0, 0), y: 1 }, { out: memory }), memory);
      }
    });

    it('outputs that overlap only where a long run of dear rows comes late', () => {
      const terms = Array.from({ length: 60 }, (_, i) => `hypot(x, ${i + 1})`);
      const f = createEngine().compile(terms.join('+'), ['x']);
      const rows = 20_000;
      const memory = new Float64Array(2 * rows).fill(3);
      const x = memory.subarray(0, rows);
      const out = memory.subarray(rows - 5, 2 * rows - 5);
      expect(() => f.map({ x }, { out }))
        .to.throw(KernelError)
        .with.property('code', 'E_OVERLAP');
      expect(memory.every((value) => value === 3)).to.equal(true);
    });

    it('names and kinds that are none', () => {
      const f = createEngine().compile('x + y', ['x', 'y']);
      const columns = { x: [1, 2], y: 3 };
      expect(() => f.reduce('mode' as 'sum', columns)).to.throw(RangeError, 'kind must be one of sum');
      expect(() => f.reduce('toString' as 'sum', columns)).to.throw(RangeError);
      // @ts-expect-error no kind
      expect(() => f.reduce(undefined, columns)).to.throw(RangeError, 'kind must be one of sum');
      f.reduce('sum', columns);
      // @ts-expect-error no kind
      expect(() => f.reduce(undefined, columns)).to.throw(RangeError, 'kind must be one of sum');
      expect(() => f.filter(columns, 'z' as 'x'))
        .to.throw(KernelError)
        .with.property('code', 'E_UNKNOWN_COLUMN');
      expect(() => f.filter(columns, 'y')).to.throw(TypeError, 'y must be an array');
      // @ts-expect-error not a name
      expect(() => f.filter(columns, 1)).to.throw(TypeError, 'must be a name, not 1');
    });

    it('to run after release', async () => {
      const f = createEngine().compile('x', ['x']);
      f.map({ x: [1] });
      f.release();
      const calls: (() => unknown)[] = [
        () => f.map({ x: [1] }),
        () => f.reduce('sum', { x: [1] }),
        () => f.select({ x: [1] }),
        () => f.filter({ x: [1] }, 'x'),
      ];
      for (const call of calls) expect(call).to.throw(ReleasedError);
      for (const promise of [f.mapAsync({ x: [1] }), f.reduceAsync('sum', { x: [1] })]) {
        expect(await promise.catch((error: unknown) => error)).to.be.instanceOf(ReleasedError);
      }
    });

    it('to run when reading the columns releases the function', () => {
      const engine = createEngine();
      const f = engine.compile('x', ['x']);
      const columns: AnyColumns = {
        get x() {
          f.release();
          return new Float64Array(4);
        },
      };
      expect(() => f.map(columns as { x: ColumnInput })).to.throw(ReleasedError);
    });

    it('to write anything when a row traps', async () => {
      const f = createEngine({ limits: { fuel: 1000 } }).compile('sum(i, 1, x, i)', ['x']);
      const x = new Float64Array(500).fill(3);
      x[400] = 1e9;
      for (const out of [
        new Float64Array(500).fill(-1),
        new Float64Array(new SharedArrayBuffer(4000)).fill(-1),
      ]) {
        expect(() => f.map({ x }, { out }))
          .to.throw(TrapError)
          .with.property('code', 'E_FUEL');
        const rejected = await f.mapAsync({ x }, { out, threads: 2 }).catch((error: unknown) => error);
        expect(rejected).to.be.instanceOf(TrapError).with.property('code', 'E_FUEL');
        expectSame(out, new Array(500).fill(-1));
      }
      expect(() => f.reduce('sum', { x })).to.throw(TrapError);
      // Fuel is for each row.
      expect(f.reduce('sum', { x: new Float64Array(5000).fill(900) })).to.equal(5000 * 405450);
    });
  });
});
