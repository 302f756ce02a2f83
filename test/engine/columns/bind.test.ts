import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { type BoundMap, type Engine, KernelError, ReleasedError, TrapError } from '../../../src/index.ts';
import { invariant } from '../../../src/support/invariant.ts';
import { eachBackend } from '../each-backend.ts';
import { expectSame } from './bits.ts';

type LooseBind = (...args: unknown[]) => { run(): unknown };

describe('bind', () => {
  eachBackend((createEngine) => {
    const compile = (engine: Engine = createEngine()) => engine.compile('x*2 + y', ['x', 'y']);

    it('runs over columns into the array given, which it gives back', () => {
      const [x, y] = [Float64Array.of(1, 2), Float64Array.of(3, 4)];
      const out = new Float64Array(3).fill(-1);
      const bound: BoundMap<Float64Array> = compile().bind({ x, y }, { out });
      expect(bound.out).to.equal(out);
      expectSame(out, [-1, -1, -1]);
      for (let i = 0; i < 20; i++) {
        x[0] = i;
        expect(bound.run()).to.equal(out);
        expectSame(out, [2 * i + 3, 8, -1]);
      }
    });

    it('writes each row once, or throws and writes none, at the end of the stack', () => {
      const f = compile();
      for (let i = 0; i < 20; i++) f.bind({ x: new Float64Array(4), y: 1 }).run();
      for (let round = 0; round < 5; round++) {
        const x = new Float64Array(4).fill(1);
        const bound = f.bind({ x, y: 1 }, { out: x });
        let isDone = false;
        const deep = (): void => {
          try {
            deep();
          } catch {
            // From the end of the stack upwards.
          }
          if (isDone) return;
          try {
            bound.run();
            isDone = true;
          } catch {
            // Once more with more stack.
          }
        };
        deep();
        expectSame(x, [3, 3, 3, 3]);
      }
    });

    it('is asked of the arrays themselves, whoever is the iterator of lists', () => {
      const [x, out] = [Float64Array.of(1, 2), new Float64Array(2)];
      const f = compile();
      for (let i = 0; i < 20; i++) f.map({ x, y: 1 }, { out });
      const bound = f.bind({ x, y: 1 }, { out });
      const values = Reflect.get(Array.prototype, Symbol.iterator) as () => unknown;
      const seen: unknown[] = [];
      Reflect.set(Array.prototype, Symbol.iterator, function (this: readonly object[]) {
        if (this.length === 3 && typeof this[0] === 'object') seen.push(Object.keys(this[0] ?? {}));
        return Reflect.apply(values, this, []);
      });
      try {
        bound.run();
      } finally {
        Reflect.set(Array.prototype, Symbol.iterator, values);
      }
      expect(seen.flat()).to.not.include.members(['number']);
      structuredClone(x.buffer, { transfer: [x.buffer] });
      expect(() => bound.run())
        .to.throw(KernelError)
        .with.property('code', 'E_DETACHED');
      expect(() => Reflect.set(bound, 'out', x)).to.not.throw();
      expect(bound.out).to.equal(out);
    });

    it('makes an array of the type asked for, where none is given', () => {
      const f = compile();
      const bound = f.bind({ x: Float64Array.of(0, 1), y: 0 });
      expect(bound.out).to.be.instanceOf(Float64Array);
      expectSame(bound.run(), [0, 2]);
      expect(bound.run()).to.equal(bound.out);
      const mask = f.bind({ x: Float64Array.of(0, 7), y: 0 }, { type: 'mask' });
      const single: BoundMap<Float32Array> = f.bind({ x: 1, y: 2 }, { type: 'f32', length: 2 });
      for (let i = 0; i < 3; i++) {
        expectSame(mask.run(), [0, 1]);
        expectSame(single.run(), [4, 4]);
      }
    });

    it('takes whatever map takes: numbers, lists, rows by their number, many columns', () => {
      const engine = createEngine();
      const list = [1, 2];
      const bound = compile(engine).bind({ x: list, y: 5 });
      list[0] = 100;
      for (let i = 0; i < 3; i++) expectSame(bound.run(), [7, 9]);
      const rows = engine
        .compile('index + length*k', ['index', 'length', 'k'])
        .bind({ k: 10 }, { length: 3 });
      for (let i = 0; i < 3; i++) expectSame(rows.run(), [30, 31, 32]);
      const names = ['a', 'b', 'c', 'd', '__proto__'];
      const columns = Object.fromEntries(
        names.map((name, index) => [name, new Int8Array(2).fill(index + 1)]),
      );
      const many = engine.compile(names.join(' + '), names).bind(columns);
      for (let i = 0; i < 3; i++) expectSame(many.run(), [15, 15]);
    });

    it('reads what it is given once', () => {
      const x = Float64Array.of(1, 2);
      let reads = 0;
      const columns = {
        get x() {
          reads++;
          return x;
        },
        y: 1,
      };
      const options = {
        get out() {
          reads++;
          return x;
        },
      };
      const bound = compile().bind(columns, options);
      bound.run();
      columns.y = 1000;
      expectSame(bound.run(), [7, 11]);
      expect(reads).to.equal(2);
    });

    it('refuses what map refuses, at once', () => {
      const f = compile();
      const bind = f.bind as LooseBind;
      const x = new Float64Array(2);
      const refusals: readonly (readonly [given: unknown[], code: string])[] = [
        [[{ x }], 'E_MISSING_COLUMN'],
        [[{ x, y: 1, z: 1 }], 'E_UNKNOWN_COLUMN'],
        [[{ x, y: [1] }], 'E_LENGTH_MISMATCH'],
        [[{ x: 1, y: 1 }], 'E_LENGTH_UNKNOWN'],
        [[{ x, y: 1 }, { out: new Float64Array(1) }], 'E_OUT_TOO_SMALL'],
      ];
      for (const [given, code] of refusals) {
        expect(() => Reflect.apply(bind, f, given))
          .to.throw(KernelError)
          .with.property('code', code);
      }
      expect(() => Reflect.apply(bind, f, [{ x, y: 'a' }])).to.throw(TypeError, 'y must be');
      expect(() => Reflect.apply(bind, f, [{ x, y: 1 }, { outs: x }])).to.throw(TypeError, 'unknown name');
      expect(() => Reflect.apply(bind, f, [{ x, y: 1 }, null])).to.throw(TypeError, 'options must be');
      expect(() => Reflect.apply(bind, f, [{ x, y: 1 }, { timeout: -1 }])).to.throw(RangeError, 'timeout');
      expect(() => Reflect.apply(bind, () => 1, [{ x, y: 1 }])).to.throw(TypeError);
      const memory = new Float64Array(3);
      const overlapping = f.bind({ x: memory.subarray(0, 2), y: 1 }, { out: memory.subarray(1) });
      for (let i = 0; i < 3; i++) {
        expect(() => overlapping.run())
          .to.throw(KernelError)
          .with.property('code', 'E_OVERLAP');
      }
      f.release();
      expect(() => f.bind({ x, y: 1 })).to.throw(ReleasedError);
    });

    it('is that of every function for anything but an object of columns', () => {
      const f = compile();
      const bind = f.bind as unknown as (...args: unknown[]) => (...rest: number[]) => number;
      for (const receiver of [null, undefined, 1, 'x', () => 1, f]) {
        expect(Reflect.apply(bind, f, [receiver, 5])(3)).to.equal(13);
      }
      expect(Reflect.apply(bind, f, [])(5, 3)).to.equal(13);
      expect(Reflect.apply(bind, f, [{}, 5])(3)).to.equal(13);
      expect(f.bind(null, 5)(3)).to.equal(13);
      expect(f.bind(null)(5, 3)).to.equal(13);
    });

    it('runs what traps and what calls the host as map does', () => {
      let onCall = () => {};
      const engine = createEngine({
        functions: {
          h: (x) => {
            onCall();
            return x + 1;
          },
        },
        limits: { fuel: 1000 },
      });
      const x = Float64Array.of(1, 2);
      const out = new Float64Array(2);
      const bound = engine.compile('h(x)', ['x']).bind({ x }, { out });
      expectSame(bound.run(), [2, 3]);
      const error = new Error('of the host');
      onCall = () => {
        throw error;
      };
      out.fill(0);
      expect(() => bound.run()).to.throw(error);
      expectSame(out, [0, 0]);
      const dear = engine.compile('f(n) = n <= 0 ? 0 : 1 + f(n - 1)\nf(x)', ['x']).bind({ x: [1e9] });
      expect(() => dear.run()).to.throw(TrapError);
      const endless = createEngine().compile('sum(i, 1, 1e9, x*i)', ['x']);
      const limited = endless.bind({ x: Float64Array.of(1) }, { timeout: 5 });
      for (let i = 0; i < 2; i++) expect(() => limited.run()).to.throw(TrapError);
    });

    it('follows the definitions of a workspace', () => {
      const workspace = createEngine({ cache: 10 }).workspace();
      workspace.run('let k = 2');
      const bound = workspace.compile('x*k', ['x']).bind({ x: Float64Array.of(1, 2) });
      for (let i = 0; i < 3; i++) expectSame(bound.run(), [2, 4]);
      workspace.run('let k = 5');
      for (let i = 0; i < 3; i++) expectSame(bound.run(), [5, 10]);
      workspace.run('let k = 2');
      for (let i = 0; i < 3; i++) expectSame(bound.run(), [2, 4]);
    });

    it('keeps its function', async () => {
      const { gc } = globalThis;
      invariant(gc !== undefined, 'the tests need --expose-gc');
      const engine = createEngine();
      const bound = compile(engine).bind({ x: Float64Array.of(1, 2), y: 1 });
      for (let i = 0; i < 5; i++) {
        gc();
        await setTimeout(1);
        expectSame(bound.run(), [3, 5]);
      }
      expect(engine.statistics().functionCount).to.equal(1);
    });
  });
});
