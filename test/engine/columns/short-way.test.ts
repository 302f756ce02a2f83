import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { Engine, KernelError, ReleasedError } from '../../../src/index.ts';
import { elementAt } from '../../../src/support/element.ts';
import { invariant } from '../../../src/support/invariant.ts';
import { detach } from '../../fuzz/real-slots.ts';
import { startBundledWorker } from '../../support/bundled-worker.ts';
import { eachBackend } from '../each-backend.ts';
import { namedMappings } from '../memory-map.ts';
import { arrayTypes, expectSame } from './bits.ts';

/** Enough calls within a job for the arrays to be known (see `known-arrays.ts`). */
const often = 40;

/** Two columns and an array for results, used so often that a map goes the short way. */
function practised(
  engine: Engine,
  rows = 4,
  memory: (size: number) => ArrayBufferLike = (size) => new ArrayBuffer(size),
) {
  const f = engine.compile('x*2 + y', ['x', 'y']);
  const [x, y, out] = [0, 1, 2].map(() => new Float64Array(memory(rows * 8))) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  x.fill(1);
  y.fill(3);
  for (let i = 0; i < often; i++) {
    f.map({ x, y }, { out });
    f.reduce('sum', { x, y });
    f.map({ x, y });
  }
  expectSame(out, new Array(rows).fill(5));
  return { f, x, y, out };
}

interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): void;
}

const { Memory: wasmMemory } = Reflect.get(globalThis, 'WebAssembly') as {
  Memory: new (limits: { initial: number; maximum: number }) => WasmMemory;
};

type Resizable = ArrayBuffer & { resize(size: number): void };
const resizable = (size: number): Resizable =>
  Reflect.construct(ArrayBuffer, [size, { maxByteLength: 2 * size }]) as Resizable;

/** What a run gives, or the code of its error. */
function caught(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error instanceof KernelError ? error.code : error;
  }
}

function expectCode(run: () => unknown, code: string): void {
  expect(run).to.throw(KernelError).with.property('code', code);
}

describe('arrays that are used over and over', () => {
  eachBackend((createEngine) => {
    it('tell nobody who replaces built-in functions by which numbers the addon knows them', () => {
      const { register } = FinalizationRegistry.prototype;
      const { freeze } = Object;
      const seen: unknown[] = [];
      FinalizationRegistry.prototype.register = function (...given) {
        seen.push(given[1]);
        return Reflect.apply(register, this, given);
      };
      Object.freeze = ((value: object) => {
        if ('number' in value) seen.push(value.number);
        return freeze(value);
      }) as typeof freeze;
      try {
        practised(createEngine());
      } finally {
        FinalizationRegistry.prototype.register = register;
        Object.freeze = freeze;
      }
      expect(seen.filter((each) => typeof each === 'number')).to.deep.equal([]);
    });

    it('give the same results as at first, whatever their types', () => {
      const engine = createEngine();
      for (const names of [['x'], ['x', 'y'], ['x', 'y', 'z']]) {
        const f = engine.compile(names.map((name, index) => `${name}*${index + 2}`).join(' + '), names);
        for (const type of arrayTypes) {
          const columns = names.map((_, index) => new type([index, 7, 11, 5]));
          const expected = [0, 1, 2, 3].map((row) =>
            columns.reduce((sum, column, index) => sum + (column[row] as number) * (index + 2), 0),
          );
          for (const outType of [Float64Array, Float32Array, Int32Array]) {
            const out = new outType(6).fill(-1);
            const given = Object.fromEntries(names.map((name, index) => [name, columns[index]])) as never;
            for (let i = 0; i < often; i++) {
              out.fill(-1);
              expect(f.map(given, { out })).to.equal(out);
              expectSame(out, [...expected, -1, -1]);
              expectSame(f.map(given), expected);
              expect(f.reduce('sum', given)).to.equal(expected.reduce((sum, value) => sum + value));
            }
          }
        }
      }
    });

    it('may stand beside numbers', () => {
      const f = createEngine().compile('x*100 + y*10 + z', ['x', 'y', 'z']);
      const [a, b] = [Float64Array.of(1, 2), Float64Array.of(3, 4)];
      const out = new Float64Array(2);
      for (let i = 0; i < often; i++) {
        expectSame(f.map({ x: a, y: b, z: i }, { out }), [130 + i, 240 + i]);
        expectSame(f.map({ x: i, y: a, z: b }, { out }), [100 * i + 13, 100 * i + 24]);
        expectSame(f.map({ x: a, y: i, z: b }, { out }), [103 + 10 * i, 204 + 10 * i]);
        expectSame(f.map({ x: i, y: 2, z: b }, { out }), [100 * i + 23, 100 * i + 24]);
        expect(f.reduce('mean', { x: i, y: i, z: b })).to.equal(110 * i + 3.5);
        expect(f.reduce('any', { x: a, y: b, z: i })).to.equal(true);
      }
      for (let z = 0; z < often; z++) expectSame(f.map({ z, y: b, x: a }, { out }), [130 + z, 240 + z]);
    });

    it('may be the output too, but not overlap it', () => {
      const f = createEngine().compile('x + 1', ['x']);
      const memory = new Float64Array(10);
      const [x, shifted] = [memory.subarray(0, 8), memory.subarray(1, 9)];
      for (let i = 1; i <= often; i++) expectSame(f.map({ x }, { out: x }), new Array(8).fill(i));
      for (let i = 0; i < often; i++) {
        expectCode(() => f.map({ x }, { out: shifted }), 'E_OVERLAP');
        f.map({ x: 1 }, { out: shifted });
        f.map({ x: shifted });
      }
    });

    it('take no other type of result for the one that was asked for', () => {
      const f = createEngine().compile('x', ['x']);
      const x = Float64Array.of(2, 0);
      const [bytes, clamped] = [new Uint8Array(2), new Uint8ClampedArray(2)];
      for (let i = 0; i < often; i++) {
        expectSame(f.map({ x }, { out: bytes, type: 'mask' }), [1, 0]);
        expectSame(f.map({ x }, { out: bytes }), [2, 0]);
        expectSame(f.map({ x }, { out: clamped }), [2, 0]);
        expectSame(f.map({ x }, { type: 'mask' }), [1, 0]);
        expect(f.reduce('count', { x })).to.equal(1);
        expect(f.reduce('sum', { x })).to.equal(2);
      }
    });

    it('are refused as ever: names, lengths, values', () => {
      const { f, x, y, out } = practised(createEngine());
      const loose = f as unknown as { map(columns: unknown, options?: unknown): unknown };
      for (let i = 0; i < 3; i++) {
        expectCode(() => loose.map({ x, y, z: x }, { out }), 'E_UNKNOWN_COLUMN');
        expectCode(() => loose.map({ x }, { out }), 'E_MISSING_COLUMN');
        expectCode(() => loose.map({ x, y: undefined }, { out }), 'E_MISSING_COLUMN');
        expectCode(() => loose.map({ x, y: y.subarray(1) }, { out }), 'E_LENGTH_MISMATCH');
        expectCode(() => loose.map({ x, y }, { out: out.subarray(1) }), 'E_OUT_TOO_SMALL');
        expectCode(() => loose.map({ x, y }, { out, length: 3 }), 'E_LENGTH_MISMATCH');
        expect(() => loose.map({ x, y }, { output: out })).to.throw(TypeError, 'unknown name');
        expect(() => loose.map({ x, y: 'a' }, { out })).to.throw(TypeError, 'y must be');
        expect(() => loose.map({ x, y }, { out: [0, 0, 0, 0] })).to.throw(TypeError, 'out must be');
        expect(() => loose.map(undefined, { out })).to.throw(TypeError, 'columns must be');
        f.map({ x, y }, { out });
      }
    });

    it('are read once each, wherever they come from', () => {
      const { f, x, y, out } = practised(createEngine());
      class Hidden {
        reads = 0;
      }
      const own = (enumerable: boolean, value: unknown) => ({
        enumerable,
        get(this: Hidden) {
          this.reads++;
          return value;
        },
      });
      const hidden = () => Object.defineProperty(new Hidden(), 'reads', { enumerable: false });
      for (const enumerable of [true, false]) {
        for (const second of [y, [3, 3, 3, 3]]) {
          const given = Object.defineProperties(hidden(), { x: own(true, x), y: own(enumerable, second) });
          expectSame(f.map(given as never, { out }), [5, 5, 5, 5]);
          expect(given.reads).to.equal(2);
        }
      }
      const reads: string[] = [];
      const proxy = new Proxy(
        { y, x },
        {
          get(target, name) {
            reads.push(String(name));
            return Reflect.get(target, name) as unknown;
          },
        },
      );
      expectSame(f.map(proxy, { out }), [5, 5, 5, 5]);
      expect(reads.sort()).to.deep.equal(['x', 'y']);
      expectSame(f.map(Object.create({ x, y }), { out }), [5, 5, 5, 5]);
      expectSame(f.map(Object.assign(Object.create(null), { x, y }), { out }), [5, 5, 5, 5]);
    });

    it('may be bound with numbers, each bound run to its own', () => {
      const f = createEngine().compile('x*100 + y*10 + z', ['x', 'y', 'z']);
      const [a, b] = [Float64Array.of(1, 2), Float64Array.of(3, 4)];
      const out = new Float64Array(2);
      const given = [
        { columns: { x: a, y: b, z: 5 }, expected: [135, 245] },
        { columns: { x: 5, y: a, z: b }, expected: [513, 524] },
        { columns: { x: a, y: -0, z: b }, expected: [103, 204] },
        { columns: { x: 7, y: 8, z: a }, expected: [781, 782] },
        { columns: { x: a, y: a, z: a }, expected: [111, 222] },
      ];
      const runs = given.map(({ columns, expected }) => ({ bound: f.bind(columns, { out }), expected }));
      for (let i = 0; i < often; i++) {
        for (const { bound, expected } of runs) expectSame(bound.run(), expected);
        f.map({ x: i, y: i, z: a }, { out });
      }
      const signs = createEngine().compile('1/(x*y)', ['x', 'y']);
      const minus = signs.bind({ x: Float64Array.of(1), y: -0 });
      const plus = signs.bind({ x: Float64Array.of(1), y: 0 });
      for (let i = 0; i < often; i++) {
        expectSame(minus.run(), [Number.NEGATIVE_INFINITY]);
        expectSame(plus.run(), [Number.POSITIVE_INFINITY]);
      }
    });

    it('are run by none of the bound runs that were forgotten before', async () => {
      const f = createEngine().compile('x + y', ['x', 'y']);
      for (let round = 0; round < 4; round++) {
        for (let i = 0; i < 50; i++) {
          const bound = f.bind({ x: Float64Array.of(round, i), y: i });
          for (let run = 0; run < 3; run++) expectSame(bound.run(), [round + i, 2 * i]);
        }
        globalThis.gc?.();
        await setTimeout(1);
      }
    });

    it('are gone when they are gone, whatever prototypes and traps answer for them', () => {
      const everything = { get: () => 1, has: () => true, getOwnPropertyDescriptor: () => undefined };
      const lies: readonly ((array: Float64Array) => void)[] = [
        () => {},
        (array) => Object.setPrototypeOf(array, new Proxy({}, everything)),
        (array) => Object.setPrototypeOf(array, new Proxy(Float64Array.prototype, everything)),
        (array) => Object.setPrototypeOf(array, [1, 2, 3, 4]),
        (array) => Object.setPrototypeOf(array, new Float64Array(4)),
        (array) => Object.setPrototypeOf(array, null),
        (array) => Object.defineProperty(array, 'length', { value: 4 }),
      ];
      const shared = [
        Object.prototype,
        Float64Array.prototype,
        Object.getPrototypeOf(Float64Array.prototype),
      ];
      for (const lie of lies) {
        for (const position of [0, 1, 2]) {
          const { f, x, y, out } = practised(createEngine());
          const bound = f.bind({ x, y }, { out });
          for (let i = 0; i < often; i++) bound.run();
          const victim = elementAt([x, y, out], position);
          lie(victim);
          bound.run();
          f.map({ x, y }, { out });
          detach(victim);
          for (const each of shared) Object.defineProperty(each, 3, { value: 5, configurable: true });
          const codes = [
            caught(() => bound.run()),
            caught(() => f.map({ x, y }, { out })),
            caught(() => (victim === out ? f.map({ x, y }, { out }) : f.reduce('sum', { x, y }))),
          ];
          for (const each of shared) Reflect.deleteProperty(each, 3);
          expect(new Set(codes)).to.deep.equal(new Set(['E_DETACHED']));
        }
      }
    });

    it('stay when somebody else has a say in the names of columns and options', () => {
      const { f, x, y, out } = practised(createEngine());
      const loose = f as unknown as {
        map(columns: unknown, options?: unknown): unknown;
        reduce(kind: string, columns: unknown): unknown;
      };
      /** What runs give while all objects have a property more. */
      const polluted = (name: string, runs: readonly (() => unknown)[]): unknown[] => {
        Object.defineProperty(Object.prototype, name, {
          value: x,
          enumerable: true,
          configurable: true,
          writable: true,
        });
        try {
          return runs.map((run) => caught(run));
        } finally {
          Reflect.deleteProperty(Object.prototype, name);
        }
      };
      const columns = [
        () => loose.map({ x }, { out }),
        () => loose.reduce('sum', { x }),
        () => f.map({ x, y }, { out }),
      ];
      expect(polluted('y', columns)).to.deep.equal(['E_MISSING_COLUMN', 'E_MISSING_COLUMN', out]);
      const [made, given] = polluted('out', [() => loose.map({ x, y }, {}), () => f.map({ x, y }, { out })]);
      expect(made).to.deep.equal(out).but.not.equal(x);
      expect(given).to.equal(out);
      expect(loose.map({ x, y }, Object.create({ out }))).to.equal(out);
      const hidden = Object.defineProperty({ type: 'f32' }, 'out', { value: out });
      expect(() => loose.map({ x, y }, hidden)).to.throw(TypeError, 'elements of type f64');
    });

    it('are what their slots say', () => {
      const { f, x, y, out } = practised(createEngine());
      for (const array of [x, y, out]) {
        Object.defineProperty(array, 'length', { value: 1e9 });
        Object.setPrototypeOf(array, Uint8Array.prototype);
      }
      f.map({ x, y }, { out });
      expect([0, 1, 2, 3, 4].map((row) => out[row])).to.deep.equal([5, 5, 5, 5, undefined]);
      expect(f.reduce('sum', { x, y })).to.equal(20);
      class Lying extends Float64Array {
        override get length() {
          return 1e9;
        }
        override get [Symbol.toStringTag](): 'Float64Array' {
          return 'Int8Array' as 'Float64Array';
        }
      }
      const lying = new Lying(4).fill(2);
      for (let i = 0; i < often; i++) expectSame(f.map({ x: lying, y }), [7, 7, 7, 7]);
    });

    for (const [position, name] of ['x', 'y', 'out'].entries()) {
      it(`may be detached between two calls, as ${name}`, () => {
        const { f, ...arrays } = practised(createEngine());
        const bound = f.bind({ x: arrays.x, y: arrays.y }, { out: arrays.out });
        bound.run();
        bound.run();
        detach(elementAt(Object.values(arrays), position));
        for (let i = 0; i < 3; i++) {
          expectCode(() => f.map({ x: arrays.x, y: arrays.y }, { out: arrays.out }), 'E_DETACHED');
          expectCode(() => bound.run(), 'E_DETACHED');
        }
        const fresh = new Float64Array(4).fill(9);
        expectSame(f.map({ x: fresh, y: fresh }, { out: fresh }), [27, 27, 27, 27]);
      });

      it(`may be detached while the columns are read, as ${name}`, () => {
        const { f, ...arrays } = practised(createEngine());
        const { x, y, out } = arrays;
        const given = {
          x,
          get y() {
            const array = elementAt([x, y, out], position);
            if (array.buffer.byteLength > 0) detach(array);
            globalThis.gc?.();
            return y;
          },
        };
        expectCode(() => f.map(given, { out }), 'E_DETACHED');
      });

      it(`may shrink and grow, as ${name}`, () => {
        const { f, ...arrays } = practised(createEngine(), 4, resizable);
        const { x, y, out } = arrays;
        const bound = f.bind({ x, y }, { out });
        bound.run();
        const { buffer } = elementAt([x, y, out], position);
        (buffer as Resizable).resize(8);
        const code = name === 'out' ? 'E_OUT_TOO_SMALL' : 'E_LENGTH_MISMATCH';
        expectCode(() => f.map({ x, y }, { out }), code);
        expectCode(() => bound.run(), code);
        (buffer as Resizable).resize(32);
        out.fill(0);
        f.map({ x, y }, { out });
        bound.run();
        const lost = (array: Float64Array) => (array.buffer === buffer ? [1, 0, 0, 0] : [1, 1, 1, 1]);
        const expected = lost(x).map((kept, row) => 2 * kept + 3 * (lost(y)[row] as number));
        expectSame(out, expected);
      });
    }

    it('may lie in memory of WebAssembly that grows', () => {
      const memory = new wasmMemory({ initial: 1, maximum: 4 });
      const engine = createEngine();
      const f = engine.compile('x + 1', ['x']);
      const x = new Float64Array(memory.buffer, 64, 4);
      const out = new Float64Array(memory.buffer, 128, 4);
      for (let i = 0; i < often; i++) f.map({ x }, { out });
      memory.grow(1);
      expectCode(() => f.map({ x }, { out }), 'E_DETACHED');
      const [again, result] = [
        new Float64Array(memory.buffer, 64, 4),
        new Float64Array(memory.buffer, 128, 4),
      ];
      for (let i = 0; i < often; i++) expectSame(f.map({ x: again }, { out: result }), [1, 1, 1, 1]);
    });

    it('may be on shared memory, also such as grows', () => {
      for (const options of [[], [{ maxByteLength: 64 }]]) {
        const shared = (size: number) =>
          Reflect.construct(SharedArrayBuffer, [size, ...options]) as SharedArrayBuffer & {
            grow(size: number): void;
          };
        const { f, x, y, out } = practised(createEngine(), 4, shared);
        if (options.length > 0)
          for (const array of [x, y, out]) (array.buffer as ReturnType<typeof shared>).grow(64);
        const rows = options.length > 0 ? 8 : 4;
        expectSame(f.map({ x, y }, { out }).subarray(0, 4), [5, 5, 5, 5]);
        expect(f.map({ x, y })).to.have.lengthOf(rows);
      }
    });

    it('are not confused with others that come to lie where they lay', () => {
      const engine = createEngine();
      const f = engine.compile('x + 1', ['x']);
      const out = new Float64Array(100);
      for (let round = 0; round < 30; round++) {
        const x = new Float64Array(100).fill(round);
        for (let i = 0; i < often; i++) f.map({ x }, { out });
        expect(out[99]).to.equal(round + 1);
        if (round % 2 === 0) detach(x);
        if (round % 10 === 0) globalThis.gc?.();
      }
    });

    it('outlive neither their function nor its engine', () => {
      const engine = createEngine();
      const { f, x, y, out } = practised(engine);
      const bound = f.bind({ x, y }, { out });
      bound.run();
      const given = {
        x,
        get y() {
          f.release();
          return y;
        },
      };
      expect(() => f.map(given, { out })).to.throw(ReleasedError);
      expect(() => f.map({ x, y }, { out })).to.throw(ReleasedError);
      expect(() => bound.run()).to.throw(ReleasedError);
      const other = practised(engine);
      const ofOther = other.f.bind({ x: other.x, y: other.y }, { out: other.out });
      ofOther.run();
      engine.dispose();
      expect(() => ofOther.run()).to.throw(ReleasedError);
      expect(() => other.f.map({ x: other.x, y: other.y }, { out: other.out })).to.throw(ReleasedError);
    });

    it('work with two engines in turns', () => {
      const [first, second] = [createEngine(), createEngine()];
      const [f, g] = [first.compile('x + 1', ['x']), second.compile('x - 1', ['x'])];
      const [x, out] = [Float64Array.of(1, 2), new Float64Array(2)];
      for (let i = 0; i < often; i++) {
        expectSame(f.map({ x }, { out }), [2, 3]);
        expectSame(g.map({ x }, { out }), [0, 1]);
      }
      first.dispose();
      expectSame(g.map({ x }, { out }), [0, 1]);
    });

    it('follow their function when its kernels are pushed out', () => {
      const { f, x, y, out } = practised(createEngine());
      const bound = f.bind({ x, y }, { out });
      for (let round = 0; round < 3; round++) {
        for (const left of arrayTypes)
          for (const right of arrayTypes) f.map({ x: new left(2), y: new right(2) });
        out.fill(0);
        expectSame(bound.run(), [5, 5, 5, 5]);
        out.fill(0);
        expectSame(f.map({ x, y }, { out }), [5, 5, 5, 5]);
      }
    });

    it('are collected when nobody has them any more', async () => {
      const { gc } = globalThis;
      invariant(gc !== undefined, 'the tests need --expose-gc');
      const engine = createEngine();
      const f = engine.compile('x + 1', ['x']);
      const use = () => {
        const [x, out] = [new Float64Array(1000), new Float64Array(1000)];
        for (let i = 0; i < often; i++) f.map({ x }, { out });
        f.bind({ x }, { out }).run();
        return [new WeakRef(x), new WeakRef(out)];
      };
      const references = use();
      await setTimeout(1);
      // Who asks for one keeps it until the end of the job.
      for (let i = 0; i < 30; i++) {
        gc();
        if (references.every((reference) => reference.deref() === undefined)) return;
        await setTimeout(1);
      }
      expect.fail('something keeps them');
    });
  });

  it('are run over in workers, also when these are ended amid it', async () => {
    const before = namedMappings();
    const workers = [0, 1].map(() =>
      startBundledWorker(new URL('./mapping.worker.ts', import.meta.url), { workerData: { task: 'short' } }),
    );
    using engine = new Engine({ backend: 'native' });
    const { f, x, y, out } = practised(engine);
    const bound = f.bind({ x, y }, { out });
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    for (const worker of workers) {
      expectSame(bound.run(), [5, 5, 5, 5]);
      await worker.terminate();
      expectSame(bound.run(), [5, 5, 5, 5]);
    }
    engine.dispose();
    expect(namedMappings()).to.deep.equal(before);
  });
});
