/** Fuel, timeouts and abort signals bound time, wherever it goes. Bounds are generous: the promise is 50 ms. */
import { expect } from 'chai';
import { Engine, type EngineOptions, TrapError } from '../../src/index.ts';
import { elementAt } from '../../src/support/element.ts';
import { eachBackend } from './each-backend.ts';

/** Milliseconds in which whatever is stopped has to end, on a busy machine. */
const soon = 1000;

/** Runs `body`, which must throw soon, and gives what it throws. */
function thrownSoon(body: () => unknown): unknown {
  const start = performance.now();
  let thrown: unknown;
  try {
    body();
  } catch (error) {
    thrown = error;
  }
  expect(performance.now() - start, String(thrown)).to.be.lessThan(soon);
  return thrown;
}

async function rejectedSoon(body: () => Promise<unknown>): Promise<unknown> {
  const start = performance.now();
  const thrown = await body().then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(performance.now() - start, String(thrown)).to.be.lessThan(soon);
  return thrown;
}

function expectTrap(thrown: unknown, code: TrapError['code'], functionName: string): void {
  expect(thrown).to.be.instanceOf(TrapError).that.includes({ code, functionName });
}

/** `a(x) = sin(x)`, and forty-one functions that call the one before twice. */
function exponentialChain(): string {
  const names = Array.from({ length: 42 }, (_, i) => `c${i}`);
  const definitions = names.map((name, i) =>
    i === 0 ? `${name}(x) = sin(x)` : `${name}(x) = ${names[i - 1]}(x) + ${names[i - 1]}(x + 1)`,
  );
  return `${definitions.join('; ')}; c41(x)`;
}

const remainders = Array.from({ length: 80 }, (_, k) => `(1e300 - i) % (i + ${k})`).join(' + ');
const dearLoop = `sum(i, 1, 1e9, ${remainders})`;
/** Good for many seconds whatever the backend: the timeouts are to end it. */
const plenty: EngineOptions = { limits: { fuel: 1e15 } };
const endless = 'sum(i, 1, 1e18, i * x)';
/** A vector kernel would take this: thousands of dear operations, and no loop. */
const longRow = Array.from({ length: 2000 }, (_, i) => `sin(x + ${i})`).join(' + ');

describe('fuel', () => {
  eachBackend((createEngine) => {
    it('bounds calls of functions that do not recurse', () => {
      for (const limits of [{ fuel: 1 }, { fuel: 1000 }]) {
        const f = createEngine({ limits }).compile(exponentialChain(), ['x']);
        expect(thrownSoon(() => f(1)))
          .to.be.instanceOf(TrapError)
          .with.property('code', 'E_FUEL');
      }
    });

    it('bounds loops over dear operations', () => {
      const f = createEngine({ limits: { fuel: 100_000 } }).compile(dearLoop, []);
      expectTrap(
        thrownSoon(() => f()),
        'E_FUEL',
        'main',
      );
    });

    it('bounds rows as it does calls, also those without loops', () => {
      const f = createEngine({ limits: { fuel: 100 } }).compile(longRow, ['x']);
      const x = new Float64Array(5000).fill(2);
      const out = new Float64Array(5000).fill(7);
      expectTrap(
        thrownSoon(() => f(2)),
        'E_FUEL',
        'main',
      );
      expectTrap(
        thrownSoon(() => f.map({ x }, { out })),
        'E_FUEL',
        'main',
      );
      expectTrap(
        thrownSoon(() => f.reduce('sum', { x })),
        'E_FUEL',
        'main',
      );
      expect(out.every((value) => value === 7)).to.equal(true);
      const enough = createEngine({ limits: { fuel: 1e6 } }).compile(longRow, ['x']);
      expect(elementAt(enough.map({ x: x.subarray(0, 3) }), 1)).to.equal(enough(2));
    });

    it('of the caller stays what it is while host functions run formulas', () => {
      const engine = createEngine({
        limits: { fuel: 5000 },
        functions: {
          inner: (x: number) => {
            const sums = f.map({ x: new Float64Array(3).fill(x) });
            return elementAt(sums, 0) + f(x) + f.reduce('sum', { x: [x] });
          },
        },
      });
      const f = engine.compile('sum(i, 1, 3000, x)', ['x']);
      const outer = engine.compile('sum(i, 1, n, inner(1))', ['n']);
      expect(outer(20)).to.equal(20 * 9000);
      expect(engine.compile('inner(2) + sum(i, 1, 3000, 1)', [])()).to.equal(18_000 + 3000);
      expect(() => engine.compile('inner(2) + sum(i, 1, 9000, 1)', [])()).to.throw(TrapError);
    });
  });
});

describe('a timeout', () => {
  eachBackend((createEngine) => {
    const timed = (timeout: number) => createEngine({ limits: { fuel: 1e15, timeout } });
    const column = new Float64Array(20_000).fill(1);

    it('of an engine ends calls, rows, reductions, and what is asynchronous', async () => {
      const engine = timed(40);
      const f = engine.compile(endless, ['x']);
      const isLong = engine.compilePredicate(`${endless} > 0`, ['x']);
      const kernel = engine.kernel({ outputs: { a: 'x + 1', b: endless } }, ['x']);
      const x = column;
      for (let i = 0; i < 2; i++) {
        for (const body of [
          () => f(1),
          () => f.map({ x }),
          () => f.reduce('max', { x }),
          () => isLong.select({ x }),
          () => kernel.map({ x }),
        ]) {
          expect(thrownSoon(body)).to.be.instanceOf(TrapError).with.property('code', 'E_TIMEOUT');
        }
        for (const body of [
          () => f.mapAsync({ x }),
          () => f.mapAsync({ x }, { threads: 3 }),
          () => f.reduceAsync('sum', { x }),
          () => kernel.mapAsync({ x }),
        ]) {
          expect(await rejectedSoon(body))
            .to.be.instanceOf(TrapError)
            .with.property('code', 'E_TIMEOUT');
        }
      }
      expectTrap(
        thrownSoon(() => f(1)),
        'E_TIMEOUT',
        'main',
      );
      const recursive = engine.compile('f(n) = n < 1 ? n : f(n + 1); f(x)', ['x']);
      expectTrap(
        thrownSoon(() => recursive(1)),
        'E_TIMEOUT',
        'f',
      );
      expect(engine.compile('x + 1', ['x'])(1)).to.equal(2);
      expect(elementAt(engine.compile('x + 1', ['x']).map({ x: [1, 1] }), 1)).to.equal(2);
    });

    it('of one run counts instead', async () => {
      const f = createEngine(plenty).compile(endless, ['x']);
      const x = column;
      const out = new Float64Array(x.length).fill(7);
      for (const body of [
        () => f.map({ x }, { timeout: 30 }),
        () => f.map({ x }, { out, timeout: 30 }),
        () => f.map({ x: 1 }, { timeout: 30, length: 9 }),
        () => f.reduce('sum', { x }, { timeout: 30 }),
      ]) {
        expectTrap(thrownSoon(body), 'E_TIMEOUT', 'main');
      }
      expectTrap(await rejectedSoon(() => f.mapAsync({ x }, { out, timeout: 30 })), 'E_TIMEOUT', 'main');
      expectTrap(await rejectedSoon(() => f.reduceAsync('sum', { x }, { timeout: 30 })), 'E_TIMEOUT', 'main');
      expect(out.every((value) => value === 7)).to.equal(true);
    });

    it('ends kernels of many rows that each cost little, but call', () => {
      let calls = 0;
      const wait = (x: number): number => {
        const start = performance.now();
        while (calls === 0 && performance.now() - start < 5);
        calls++;
        return x;
      };
      const f = createEngine({ functions: { wait } }).compile('wait(x)', ['x']);
      const x = new Float64Array(1_000_000);
      expectTrap(
        thrownSoon(() => f.map({ x }, { timeout: 1 })),
        'E_TIMEOUT',
        'main',
      );
      expect(calls).to.be.below(x.length);
    });

    it('ends kernels that have neither loops nor calls, and then nothing is written', async () => {
      const f = createEngine(plenty).compile(longRow, ['x']);
      const x = new Float64Array(3_000_000).fill(0.5);
      for (const out of [new Float64Array(x.length), new Float64Array(new SharedArrayBuffer(8 * x.length))]) {
        expectTrap(
          thrownSoon(() => f.map({ x }, { out, timeout: 20 })),
          'E_TIMEOUT',
          'main',
        );
        expectTrap(await rejectedSoon(() => f.mapAsync({ x }, { out, timeout: 20 })), 'E_TIMEOUT', 'main');
        expect(out.every((value) => value === 0)).to.equal(true);
      }
      expect(elementAt(f.map({ x: x.subarray(0, 5) }, { timeout: 60_000 }), 0)).to.equal(f(0.5));
    });

    it('bounds what host functions start, and theirs does not outlast it', async () => {
      const inner = createEngine({ limits: { fuel: 1e15, timeout: 60_000 } });
      const long = inner.compile(endless, ['x']);
      const seen: unknown[] = [];
      const note = (body: () => number): number => {
        try {
          return body();
        } catch (error) {
          seen.push(error);
          throw error;
        }
      };
      const outer = createEngine({
        limits: { fuel: 1e15, timeout: 40 },
        functions: {
          call: (x: number) => note(() => long(x)),
          map: (x: number) => note(() => elementAt(long.map({ x: [x] }, { timeout: 60_000 }), 0)),
          brief: (x: number) => {
            try {
              return elementAt(long.map({ x: [x] }, { timeout: 5 }), 0);
            } catch {
              return x + 1;
            }
          },
        },
      });
      for (const name of ['call', 'map']) {
        const f = outer.compile(`${name}(x)`, ['x']);
        expectTrap(
          thrownSoon(() => f(1)),
          'E_TIMEOUT',
          'main',
        );
        expectTrap(
          thrownSoon(() => f.map({ x: [1, 2] })),
          'E_TIMEOUT',
          'main',
        );
        expectTrap(await rejectedSoon(() => f.mapAsync({ x: [1, 2] })), 'E_TIMEOUT', 'main');
      }
      expect(seen.length).to.equal(6);
      for (const error of seen) expectTrap(error, 'E_TIMEOUT', 'main');
      // A shorter one inside leaves the rest of the outer one.
      expect(outer.compile('brief(x)', ['x'])(1)).to.equal(2);
      expectTrap(
        thrownSoon(() => outer.compile(`brief(x) + ${endless}`, ['x'])(1)),
        'E_TIMEOUT',
        'main',
      );
      // Nothing is left of it.
      expect(inner.compile('sum(i, 1, 1e5, x)', ['x'])(1)).to.equal(1e5);
    });

    it('must make sense', async () => {
      for (const timeout of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(() => createEngine({ limits: { timeout } }), String(timeout)).to.throw(
          RangeError,
          'limits.timeout',
        );
      }
      // @ts-expect-error not a number
      expect(() => createEngine({ limits: { timeout: '5' } })).to.throw(TypeError, 'limits.timeout');
      const engine = createEngine();
      const f = engine.compile('x', ['x']);
      const kernel = engine.kernel({ outputs: { a: 'x' } }, ['x']);
      const isTrue = engine.compilePredicate('x > 0', ['x']);
      for (const [timeout, Kind] of [
        [0, RangeError],
        [-5, RangeError],
        [Number.NaN, RangeError],
        ['5', TypeError],
        [null, TypeError],
      ] as const) {
        const options = { timeout } as { timeout: number };
        for (const body of [
          () => f.map({ x: [1] }, options),
          () => f.reduce('sum', { x: [1] }, options),
          () => kernel.map({ x: [1] }, options),
          () => isTrue.select({ x: [1] }, options),
        ]) {
          expect(body, String(timeout)).to.throw(Kind, 'timeout');
        }
        for (const body of [
          () => f.mapAsync({ x: [1] }, options),
          () => f.reduceAsync('sum', { x: [1] }, options),
          () => kernel.mapAsync({ x: [1] }, options),
        ]) {
          const error = await rejectedSoon(async () => body());
          expect(error, String(timeout))
            .to.be.instanceOf(Kind)
            .with.property('message')
            .that.contains('timeout');
        }
      }
    });
  });
});

describe('an abort', () => {
  eachBackend((createEngine) => {
    it('stops in the midst of a row', async () => {
      const f = createEngine(plenty).compile(endless, ['x']);
      for (const threads of [1, 4]) {
        for (const x of [new Float64Array(3).fill(1), new Float64Array(100_000).fill(1)]) {
          const reason = new Error('enough');
          for (const run of [
            (signal: AbortSignal) => f.mapAsync({ x }, { signal, threads }),
            (signal: AbortSignal) => f.reduceAsync('sum', { x }, { signal, threads }),
          ]) {
            const controller = new AbortController();
            setTimeout(() => controller.abort(reason), 30);
            expect(await rejectedSoon(() => run(controller.signal))).to.equal(reason);
          }
        }
      }
    });

    it('stops by a host function that machine code has called', async () => {
      const reason = new Error('enough');
      const controller = new AbortController();
      const engine = createEngine({
        ...plenty,
        functions: {
          stop: (x: number) => {
            controller.abort(reason);
            return x;
          },
        },
      });
      const f = engine.compile(`stop(x) + ${endless}`, ['x']);
      const { signal } = controller;
      expect(await rejectedSoon(() => f.mapAsync({ x: [1, 2, 3] }, { signal }))).to.equal(reason);
    });

    it('that comes before the start runs nothing', async () => {
      const f = createEngine(plenty).compile(endless, ['x']);
      const reason = new Error('no');
      const signal = AbortSignal.abort(reason);
      expect(await rejectedSoon(() => f.mapAsync({ x: [1] }, { signal }))).to.equal(reason);
    });

    it('lets others have the thread, and progress be seen, meanwhile', async () => {
      const engine = createEngine(plenty);
      const f = engine.compile('sum(i, 1, 5000, i * x)', ['x']);
      const x = new Float64Array(engine.statistics().backend === 'native' ? 2_000_000 : 30_000).fill(1);
      const shares: number[] = [];
      const onProgress = (share: number) => {
        shares.push(share);
      };
      const controller = new AbortController();
      const { signal } = controller;
      const reason = new Error('seen enough');
      let ticks = 0;
      // However fast the machine: the run would take seconds, and ends when others have had their turns.
      const timer = setInterval(() => {
        if (++ticks > 2 && shares.length > 2) {
          controller.abort(reason);
        }
      }, 1);
      const run = () => f.mapAsync({ x }, { signal, threads: 1, onProgress });
      try {
        expect(await rejectedSoon(run)).to.equal(reason);
      } finally {
        clearInterval(timer);
      }
      expect(shares).to.deep.equal([...shares].sort((a, b) => a - b));
      await f.mapAsync({ x: x.subarray(0, 10) }, { threads: 1, onProgress });
      expect(shares.at(-1)).to.equal(1);
    });
  });

  it('stops machine code that a host function of the run calls', async () => {
    const inner = new Engine({ backend: 'native', limits: { ...plenty.limits, timeout: 5000 } }).compile(
      endless,
      ['x'],
    );
    for (const call of [(x: number) => inner(x), (x: number) => elementAt(inner.map({ x: [x] }), 0)]) {
      const reason = new Error('enough');
      const controller = new AbortController();
      const abortAndCall = (x: number) => {
        controller.abort(reason);
        return call(x);
      };
      const outer = new Engine({ ...plenty, backend: 'native', functions: { abortAndCall } }).compile(
        'abortAndCall(x)',
        ['x'],
      );
      const { signal } = controller;
      expect(await rejectedSoon(() => outer.mapAsync({ x: [1] }, { signal }))).to.equal(reason);
    }
  });
});

describe('deep recursion', () => {
  eachBackend((createEngine) => {
    it('works while slices of fuel are used up, also beyond the stack of JavaScript', () => {
      const engine = createEngine(plenty);
      const depth = engine.statistics().backend === 'native' ? 25_000 : 9000;
      const f = engine.compile('f(n) = n < 1 ? sum(i, 1, 3e5, 1) : 1 + f(n - 1); f(x)', ['x']);
      expect(f(depth)).to.equal(3e5 + depth);
      const wave = engine.compile('f(n) = n < 1 ? 0 : 1 + f(n - 1); sum(i, 1, x, f(2000))', ['x']);
      expect(wave(100)).to.equal(200_000);
      expect(elementAt(f.map({ x: [depth, 3] }), 0)).to.equal(3e5 + depth);
    });
  });
});
