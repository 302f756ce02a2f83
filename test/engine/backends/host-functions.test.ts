import { expect } from 'chai';
import { type CompiledFunction, ReleasedError, TrapError } from '../../../src/index.ts';
import { eachBackend } from '../each-backend.ts';

describe('host functions', () => {
  eachBackend((createEngine) => {
    it('get the arguments as numbers, in order', () => {
      const seen: number[][] = [];
      const engine = createEngine({
        functions: {
          note(a, b, c) {
            seen.push([a as number, b as number, c as number]);
            return (a as number) + (b as number) * (c as number);
          },
        },
      });
      expect(engine.compile('note(x, 2, y + 1) * 10', ['x', 'y'])(1, 3)).to.equal(90);
      expect(seen).to.deep.equal([[1, 2, 4]]);
    });

    it('take as many arguments as the option says', () => {
      const engine = createEngine({
        functions: {
          total: { arity: 12, call: (...args: number[]) => args.reduce((sum, value) => sum + value, 0) },
        },
      });
      const list = Array.from({ length: 12 }, (_, index) => index + 1).join(', ');
      expect(engine.compile(`total(${list})`, [])()).to.equal(78);
      expect(() => engine.compile('total(1)')).to.throw('12 arguments');
    });

    it('give numbers, and booleans as 1 and 0', () => {
      const engine = createEngine({
        functions: { yes: () => true, no: () => false, nothing: () => Number.NaN },
      });
      expect(engine.compile('yes() * 10 + no()', [])()).to.equal(10);
      expect(engine.compile('nothing()', [])()).to.be.NaN;
    });

    const impossible: readonly [what: string, result: () => unknown][] = [
      ['a promise', () => Promise.resolve(7)],
      ['a promise', () => Object.fromEntries([['then', () => 7]])],
      ['a string', () => '7'],
      ['an object', () => ({ valueOf: () => 7 })],
      ['an object', () => new Number(7)],
      ['an array', () => [7]],
      ['a function', () => () => 7],
      ['a symbol', () => Symbol('s')],
      ['a bigint', () => 7n],
      ['null', () => null],
      ['undefined', () => undefined],
    ];
    for (const [what, result] of impossible) {
      it(`that return ${what} (${result}) throw in the call, by name`, async () => {
        let answer: () => unknown = () => 1;
        const engine = createEngine({ functions: { rate: () => answer() as number } });
        const message = `the host function 'rate' returned ${what}; host functions must return a number or a boolean`;
        const f = engine.compile('1 + rate() * x', ['x']);
        const isTrue = engine.compilePredicate('rate() > x', ['x']);
        const workspace = engine.workspace();
        const formula = workspace.compile('rate() + x', ['x']);
        answer = result;
        expect(() => f(1)).to.throw(TypeError, message);
        expect(() => isTrue(1)).to.throw(TypeError, message);
        expect(() => formula(1)).to.throw(TypeError, message);
        expect(() => workspace.evaluate('rate()')).to.throw(TypeError, message);
        const out = new Float64Array(3);
        expect(() => f.map({ x: [1, 2, 3] }, { out })).to.throw(TypeError, message);
        const rejected = await f.mapAsync({ x: [1, 2, 3] }, { out }).catch((error: unknown) => error);
        expect(rejected).to.be.instanceOf(TypeError).with.property('message', message);
        expect(out).to.deep.equal(new Float64Array(3));
        answer = () => 2;
        expect(f(1)).to.equal(3);
      });
    }

    it('that are asynchronous, or generators, are refused before any call', () => {
      const functions: readonly object[] = [
        async () => 1,
        function* () {
          yield 1;
        },
        { arity: 0, call: async () => 1 },
      ];
      for (const rate of functions) {
        expect(() => createEngine({ functions: { rate: rate as () => number } })).to.throw(
          TypeError,
          'functions.rate must return a number or a boolean',
        );
      }
    });

    it('have no object as `this`', () => {
      let seen: unknown = 'nothing';
      function host(this: unknown) {
        seen = this;
        return 1;
      }
      createEngine({ functions: { h: { arity: 0, call: host } } }).compile('h()', [])();
      expect(seen).to.equal(undefined);
    });

    it('are called once for each call, in order, and only where the language evaluates', () => {
      const order: number[] = [];
      const note = (x: number) => {
        order.push(x);
        return x;
      };
      const engine = createEngine({ functions: { note } });
      engine.compile('note(1) + note(2) * note(3) + note(1)', [])();
      expect(order.splice(0)).to.deep.equal([1, 2, 3, 1]);
      engine.compile('x > 0 ? note(4) : note(5)', ['x'])(-1);
      expect(order.splice(0)).to.deep.equal([5]);
      engine.compile('x > 0 && note(6)', ['x'])(-1);
      expect(order).to.deep.equal([]);
    });

    it('keep the values around their calls', () => {
      const engine = createEngine({ functions: { h: (x) => x } });
      const names = Array.from({ length: 24 }, (_, index) => `p${index}`);
      const f = engine.compile(`h(1) + ${names.map((name) => `${name} * h(${name})`).join(' + ')}`, names);
      expect(f(...names.map((_, index) => index))).to.equal(1 + (23 * 24 * 47) / 6);
    });

    it('throw through to the caller, the same object', () => {
      const problems: unknown[] = [new RangeError('no'), 'text', undefined, null, { code: 1 }];
      for (const problem of problems) {
        const engine = createEngine({
          functions: {
            fail() {
              throw problem;
            },
          },
        });
        const f = engine.compile('g(n) = n > 0 ? g(n - 1) + 1 : fail(); g(5) + x', ['x']);
        let caught: unknown = 'nothing';
        try {
          f(1);
        } catch (error) {
          caught = error;
        }
        expect(caught).to.equal(problem);
        expect(engine.compile('x + 1', ['x'])(1)).to.equal(2);
      }
    });

    it('may call compiled functions, nested to any depth', () => {
      let f: CompiledFunction<['n']> | undefined;
      const engine = createEngine({ functions: { down: (n) => (n > 0 && f ? f(n - 1) : 0) } });
      f = engine.compile('n * 1000 + down(n) + n', ['n']);
      const expected = (n: number): number => n * 1000 + (n > 0 ? expected(n - 1) : 0) + n;
      expect(f(100)).to.equal(expected(100));
    });

    it('may catch what a nested call throws', () => {
      const inner = createEngine({
        functions: {
          fail() {
            throw new Error('inner');
          },
        },
        limits: { fuel: 1000 },
      });
      const failing = inner.compile('fail() + 1', []);
      const runaway = inner.compile('f(n) = f(n + 1); f(0)', []);
      const engine = createEngine({
        functions: {
          careful() {
            expect(() => failing()).to.throw('inner');
            expect(() => runaway()).to.throw(TrapError);
            return 5;
          },
        },
      });
      expect(engine.compile('careful() * x + careful()', ['x'])(3)).to.equal(20);
    });

    it('leave the fuel of their caller alone', () => {
      const inner = createEngine({ limits: { fuel: 50 } }).compile('sum(i, 1, 40, i)', []);
      const engine = createEngine({ functions: { h: () => inner() }, limits: { fuel: 1000 } });
      expect(engine.compile('sum(i, 1, 900, i * 0 + h() / 820)', [])()).to.equal(900);
      expect(() => engine.compile('sum(i, 1, 1100, i * 0 + h())', [])()).to.throw(TrapError);
    });

    it('may release the function that is calling them: it ends well, and cannot be called again', () => {
      let f: CompiledFunction<['x']> | undefined;
      const engine = createEngine({
        functions: {
          drop(x) {
            f?.release();
            for (let i = 0; i < 50; i++) engine.compile(`x * ${i} + 12345`, ['x'])(1);
            return x;
          },
        },
      });
      f = engine.compile('drop(x) * 2 + sin(x) * 0 + x', ['x']);
      expect(f(21)).to.equal(63);
      expect(() => f?.(1)).to.throw(ReleasedError);
    });

    it('may dispose of the engine that is calling them', () => {
      const engine = createEngine({
        functions: {
          end(x) {
            engine.dispose();
            return x;
          },
        },
      });
      const f = engine.compile('end(x) * 2 + x', ['x']);
      expect(f(21)).to.equal(63);
      expect(() => f(1)).to.throw(ReleasedError);
      expect(() => engine.compile('1')).to.throw(ReleasedError);
    });

    it('of two engines do not mix', () => {
      const one = createEngine({ functions: { h: () => 1, k: () => 10 } });
      const two = createEngine({ functions: { k: () => 20, h: () => 2 } });
      const f = one.compile('h() + k()', []);
      const g = two.compile('h() + k()', []);
      expect([f(), g(), f()]).to.deep.equal([11, 22, 11]);
      const outer = createEngine({ functions: { both: () => f() * 100 + g(), h: () => 3 } });
      expect(outer.compile('both() + h() * 10000', [])()).to.equal(31122);
    });

    it('that run out of stack give an error that can be caught', () => {
      let f: CompiledFunction<['n']> | undefined;
      const engine = createEngine({ functions: { again: (n) => f?.(n + 1) ?? 0 } });
      f = engine.compile('again(n) + 1', ['n']);
      const g = engine.compile('n + 1', ['n']);
      for (let i = 0; i < 3; i++) {
        expect(() => f?.(0)).to.throw();
        expect(g(1)).to.equal(2);
      }
    });

    it('that are called from deep in the stack of compiled code run, or are an error that can be caught', () => {
      const engine = createEngine({ functions: { one: () => 1 } });
      const deep = engine.compile('f(n) = n <= 0 ? one() : 1 + f(n - 1); f(n)', ['n']);
      expect(deep(100)).to.equal(101);
      const depths = Array.from({ length: 150 }, (_, i) => 1000 * (i + 1));
      for (const depth of depths) {
        try {
          expect(deep(depth)).to.equal(depth + 1);
        } catch (error) {
          expect(error instanceof RangeError || error instanceof TrapError, String(error)).to.equal(true);
        }
      }
      expect(deep(100)).to.equal(101);
    });

    it('are those of the caller also after calls of others ran out of stack', () => {
      const other = createEngine({ functions: { other: () => 666 } }).compile('other() + x', ['x']);
      const exhaust = (): void => {
        try {
          exhaust();
        } catch {}
        try {
          other(1);
        } catch {}
      };
      const exhausted = (x: number) => {
        exhaust();
        return x;
      };
      const engine = createEngine({ functions: { exhausted, thousand: () => 1000 } });
      const f = engine.compile('exhausted(x) + thousand()', ['x']);
      for (let i = 0; i < 3; i++) expect(f(1)).to.equal(1001);
    });

    it('must be functions', () => {
      // @ts-expect-error not a function
      expect(() => createEngine({ functions: { h: 5 } })).to.throw(TypeError, 'functions.h');
      // @ts-expect-error not a function
      expect(() => createEngine({ functions: { h: null } })).to.throw(TypeError, 'functions.h');
      expect(() => createEngine({ functions: { h: { arity: -1, call: () => 1 } } })).to.throw(
        RangeError,
        'arity',
      );
      expect(() => createEngine({ functions: { sin: () => 1 } })).to.throw(TypeError, 'sin');
      expect(() => createEngine({ functions: { 'a b': () => 1 } })).to.throw(TypeError, 'a b');
    });
  });
});
