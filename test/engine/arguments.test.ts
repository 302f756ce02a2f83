import { expect } from 'chai';
import { type CompiledFunction, ReleasedError } from '../../src/index.ts';
import { eachBackend } from './each-backend.ts';

/** Calls as JavaScript may, whatever the types say. */
function callWith(f: CompiledFunction, ...args: unknown[]): number {
  return Reflect.apply(f, undefined, args) as number;
}

/** One formula for each arity that has a closure of its own, and beyond: a + 2b + 4c + … */
function weightedSum(arity: number): string {
  return Array.from({ length: arity }, (_, index) => `${2 ** index} * p${index}`).join(' + ');
}

describe('arguments of compiled functions', () => {
  eachBackend((createEngine) => {
    for (const arity of [0, 1, 2, 3, 4, 5, 6, 7, 12]) {
      it(`of ${arity} parameters go where they belong`, () => {
        const f = createEngine().compile(arity === 0 ? '0' : weightedSum(arity));
        const args = Array.from({ length: arity }, (_, index) => 3 ** index);
        const expected = args.reduce((sum, value, index) => sum + value * 2 ** index, 0);
        expect(f(...args)).to.equal(expected);
        expect(callWith(f, ...args, 99, 'surplus')).to.equal(expected);
      });
    }

    it('that are missing are NaN, as in JavaScript', () => {
      const engine = createEngine();
      for (const arity of [1, 2, 3, 4, 5, 6, 7, 12]) {
        expect(callWith(engine.compile(weightedSum(arity)))).to.be.NaN;
        expect(callWith(engine.compile(weightedSum(arity)), 1)).to.satisfy((value: number) =>
          arity === 1 ? value === 1 : Number.isNaN(value),
        );
      }
    });

    it('are converted as JavaScript converts numbers', () => {
      const f = createEngine().compile('x', ['x']) as unknown as CompiledFunction;
      const values = [true, false, null, undefined, '', ' 12 ', 'x', [], [7], {}, new Date(5)];
      for (const value of values)
        expect(callWith(f, value)).to.satisfy((x: number) => Object.is(x, Number(value)));
    });

    it('that are no numbers at all throw what JavaScript throws, and nothing is called', () => {
      const engine = createEngine();
      for (const arity of [1, 2, 3, 4, 5, 9]) {
        const f = engine.compile(weightedSum(arity));
        const ones = Array.from({ length: arity - 1 }, () => 1);
        expect(() => callWith(f, ...ones, Symbol('s'))).to.throw(TypeError);
        expect(() => callWith(f, ...ones, 1n)).to.throw(TypeError);
        expect(() => callWith(f, ...ones, Object.create(null))).to.throw(TypeError);
        const problem = new Error('valueOf');
        const thrower = {
          valueOf() {
            throw problem;
          },
        };
        expect(() => callWith(f, ...ones, thrower)).to.throw(problem);
      }
    });

    it('may call compiled functions while they are converted', () => {
      const engine = createEngine();
      const inner = engine.compile('a * 100 + b', ['a', 'b']);
      for (const arity of [2, 3, 4, 5, 9]) {
        const f = engine.compile(weightedSum(arity));
        const reenter = { valueOf: () => inner(7, 8) };
        const args: unknown[] = Array.from({ length: arity }, () => reenter);
        expect(callWith(f, ...args)).to.equal(708 * (2 ** arity - 1));
      }
    });

    it('may release the very function that they are converted for', () => {
      for (const arity of [1, 2, 3, 4, 5, 9]) {
        const engine = createEngine();
        const f = engine.compile(weightedSum(arity));
        const ones = Array.from({ length: arity - 1 }, () => 1);
        const release = {
          valueOf() {
            f.release();
            // What is freed is used again at once.
            for (let i = 0; i < 20; i++) engine.compile(`x + ${i}`, ['x']);
            return 1;
          },
        };
        expect(() => callWith(f, ...ones, release)).to.throw(ReleasedError);
        expect(() => callWith(f, release, ...ones)).to.throw(ReleasedError);
      }
    });

    it('may dispose of the engine that they are converted for', () => {
      const engine = createEngine();
      const f = engine.compile('x + y', ['x', 'y']) as unknown as CompiledFunction;
      const dispose = {
        valueOf() {
          engine.dispose();
          return 1;
        },
      };
      expect(() => callWith(f, 1, dispose)).to.throw(ReleasedError);
    });

    it('keep every bit', () => {
      const f = createEngine().compile('x', ['x']);
      for (const x of [-0, 5e-324, -5e-324, 1.7976931348623157e308, 2 ** 53, Number.POSITIVE_INFINITY]) {
        expect(Object.is(f(x), x)).to.equal(true);
      }
      expect(f(Number.NaN)).to.be.NaN;
    });
  });
});
