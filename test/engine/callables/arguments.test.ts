import { expect } from 'chai';
import type { CompiledFunction } from '../../../src/index.ts';
import { eachBackend } from '../each-backend.ts';

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

    /** All kinds of functions of one parameter `x`. */
    const callables = (): [kind: string, f: CompiledFunction][] => {
      const engine = createEngine();
      const workspace = engine.workspace();
      workspace.run('double(x) = x * 2');
      return [
        ['compile', engine.compile('x * 2', ['x'])],
        ['with a loop', engine.compile('sum(i, 1, 2, x)', ['x'])],
        ['compilePredicate', engine.compilePredicate('x', ['x'])],
        ['module', engine.module('f(x) = x * 2').functions['f']],
        ['workspace.compile', workspace.compile('double(x)', ['x'])],
        ['workspace.function', workspace.function('double')],
      ] as unknown as [string, CompiledFunction][];
    };

    it('that are booleans are 1 and 0', () => {
      for (const [kind, f] of callables()) {
        expect(callWith(f, true), kind).to.equal(f(1));
        expect(callWith(f, false), kind).to.equal(f(0));
      }
      for (const arity of [1, 2, 3, 4, 5, 6, 7, 12]) {
        const f = createEngine().compile(weightedSum(arity));
        expect(callWith(f, ...new Array(arity).fill(true))).to.equal(2 ** arity - 1);
      }
    });

    it('that are missing, or undefined, throw and are named', () => {
      const engine = createEngine();
      for (const [kind, f] of callables()) {
        expect(() => callWith(f), kind).to.throw(TypeError, 'the argument x is missing');
        expect(() => callWith(f, undefined), kind).to.throw(TypeError, 'the argument x is missing');
      }
      for (const arity of [1, 2, 3, 4, 5, 6, 7, 12]) {
        const f = engine.compile(weightedSum(arity));
        const ones = new Array(arity - 1).fill(1);
        expect(() => callWith(f, ...ones)).to.throw(TypeError, `the argument p${arity - 1} is missing`);
        expect(() => callWith(f)).to.throw(TypeError, 'the argument p0 is missing');
      }
    });

    const refused: readonly [what: string, value: unknown][] = [
      ['a string', '3'],
      ['a string', ''],
      ['null', null],
      ['an object', {}],
      ['an object', new Date(5)],
      ['an object', new Number(3)],
      ['an object', Object.create(null)],
      ['an array', [7]],
      ['a function', () => 3],
      ['a bigint', 3n],
      ['a symbol', Symbol('s')],
    ];
    for (const [what, value] of refused) {
      it(`that are no numbers throw and are named: ${what} (${typeof value})`, () => {
        for (const [kind, f] of callables()) {
          expect(() => callWith(f, value), kind).to.throw(TypeError, `x must be a number, not ${what}`);
        }
        const engine = createEngine();
        for (const arity of [2, 3, 4, 5, 6, 7, 12]) {
          const f = engine.compile(weightedSum(arity));
          const ones = new Array(arity - 1).fill(1);
          const message = ` must be a number, not ${what}`;
          expect(() => callWith(f, value, ...ones)).to.throw(TypeError, `p0${message}`);
          expect(() => callWith(f, ...ones, value)).to.throw(TypeError, `p${arity - 1}${message}`);
          expect(f(...ones, 1)).to.equal(2 ** arity - 1);
        }
      });
    }

    it('may be surplus, as those of callbacks are', () => {
      const half = createEngine().compile('x / 2', ['x']);
      expect([2, 4, 6].map(half)).to.deep.equal([1, 2, 3]);
    });

    it('never run code of the caller, also with changed prototypes', () => {
      const engine = createEngine();
      let runs = 0;
      const spy = {
        valueOf: () => ++runs,
        toString: () => String(++runs),
        [Symbol.toPrimitive]: () => ++runs,
      };
      const proxy = new Proxy(
        {},
        {
          get: () => ++runs,
          has: () => ++runs > 0,
          getPrototypeOf: () => {
            runs++;
            return null;
          },
        },
      );
      for (const arity of [1, 2, 3, 4, 5, 6, 9]) {
        const f = engine.compile(weightedSum(arity));
        const ones = new Array(arity - 1).fill(1);
        for (const value of [spy, proxy]) expect(() => callWith(f, ...ones, value)).to.throw(TypeError);
      }
      Object.defineProperty(Array.prototype, 8, { get: () => ++runs, configurable: true });
      try {
        callWith(engine.compile(weightedSum(9)), ...new Array(8).fill(1));
      } catch {
      } finally {
        Reflect.deleteProperty(Array.prototype, 8);
      }
      expect(runs).to.equal(0);
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
