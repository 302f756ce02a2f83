/**
 * Attacks that got through once, one by one: `known-faults.child.ts <name>`. Each prints what came of it as JSON; that it
 * gets that far is the first thing to be asked.
 */
import { createRequire } from 'node:module';
import { compile, Engine } from '../../src/index.ts';
import { packageCopies } from './package-copies.ts';
import { detach } from './real-slots.ts';

/** As large as memory that the C library maps on its own, so that it is gone when it is freed. */
const rows = 2 ** 20;

/** An array that has an own property of another value; `get` makes one. */
function lying<T extends object>(array: T, name: string, get: () => unknown): T {
  return Object.defineProperty(array, name, { get });
}

/** An engine with a host function `h`, whose tenth call takes something away. */
function hostThat(act: () => void): Engine {
  let calls = 0;
  const call = (x: number): number => {
    if (++calls === 10) act();
    return x;
  };
  return new Engine({ functions: { h: { arity: 1, call } } });
}

const attacks: Readonly<Record<string, () => unknown>> = {
  /** The request of a kernel for bytes is described, and rewritten in between by one for doubles. */
  lengthThatRuns() {
    const f = compile('x + 1', ['x']);
    const bytes = new Uint8Array(rows).fill(5);
    const doubles = new Float64Array(rows).fill(3);
    const out = new Uint8Array(rows);
    f.map({ x: bytes }, { out });
    const running = {
      valueOf: () => {
        f.map({ x: doubles }, { out: doubles.slice() });
        return rows;
      },
    };
    const liar = lying(bytes.slice(), 'length', () => running);
    return only(() => f.map({ x: liar }, { out }), 6);
  },

  outThatReleases() {
    const engine = new Engine();
    const f = engine.compile('x + 1', ['x']);
    const x = new Float64Array(1000).fill(5);
    f.map({ x });
    const out = lying(new Float64Array(1000), 'length', () => {
      f.release();
      // Takes the place of the code that is gone.
      for (let i = 0; i < 8; i++) engine.compile(`x + ${100 + i}`, ['x']).map({ x });
      return 1000;
    });
    return only(() => f.map({ x }, { out }), 6);
  },

  /** As many other signatures as are kept push the kernel out that is about to run. */
  outThatEvicts() {
    const f = compile('x + y', ['x', 'y']);
    const types = [Float64Array, Float32Array, Int8Array, Uint8Array, Int16Array, Uint16Array];
    const x = new Float64Array(1000).fill(5);
    f.map({ x, y: x });
    const out = lying(new Float64Array(1000), 'length', () => {
      for (const first of types) for (const second of types) f.map({ x: new first(9), y: new second(9) });
      return 1000;
    });
    return only(() => f.map({ x, y: x }, { out }), 10);
  },

  /** Claims to be shared, so that nobody copies it. */
  sharedByName() {
    const y = lying(new Float64Array(rows).fill(5), 'buffer', () => new SharedArrayBuffer(8));
    const f = hostThat(() => free(y)).compile('h(x) + y', ['x', 'y']);
    return only(() => f.map({ x: new Float64Array(rows).fill(1), y }), 6);
  },

  /** The same in slices: taken away after the run has started. */
  async sharedByNameInSlices() {
    const y = lying(new Float64Array(rows).fill(5), 'buffer', () => new SharedArrayBuffer(8));
    const f = hostThat(() => free(y)).compile('h(x) + y', ['x', 'y']);
    return only(() => f.mapAsync({ x: new Float64Array(rows).fill(1), y }), 6);
  },

  /** Threads of the pool write results where they are asked for if that is shared. */
  async sharedByNameInThreads() {
    const f = compile('sin(x) + cos(x) + tan(x) + exp(x) + x^2.5', ['x']);
    const x = new Float64Array(8 * rows).fill(1);
    const out = lying(new Float64Array(x.length), 'buffer', () => new SharedArrayBuffer(8));
    const run = f.mapAsync({ x }, { out, threads: 4 });
    free(out);
    return only(() => run, f(1));
  },

  filterThatDetaches() {
    const x = new Float64Array(1000).fill(5);
    const f = hostThat(() => detach(x)).compile('h(x) > 0', ['x']);
    return only(() => f.filter({ x }, 'x'), 5);
  },

  filterThatShrinks() {
    const buffer = Reflect.construct(ArrayBuffer, [8000, { maxByteLength: 8000 }]) as ArrayBuffer;
    const x = new Float64Array(buffer).fill(5);
    const f = hostThat(() => (buffer as unknown as { resize(size: number): void }).resize(0)).compile(
      'h(x) > 0',
      ['x'],
    );
    return only(() => f.filter({ x }, 'x'), 5);
  },

  /** The frame passes by when the arguments of a host function are taken from it. */
  capturedFrame() {
    const f = hostThat(() => {}).compile('h(x) + y', ['x', 'y']);
    const captured = new Set<ArrayBufferView>();
    const prototype = Object.getPrototypeOf(Float64Array.prototype) as Float64Array;
    const { subarray } = prototype;
    prototype.subarray = function (this: Float64Array, ...range) {
      captured.add(this);
      return Reflect.apply(subarray, this, range) as Float64Array<ArrayBuffer>;
    };
    const before = f(1, 2);
    prototype.subarray = subarray;
    for (const array of captured) free(array);
    return { before, after: outcomeOf(() => f(3, 4)) };
  },

  /** Whatever memory the addon shows to those who find it in the cache of modules. */
  cachedFrame() {
    const f = hostThat(() => {}).compile('h(x) + sum(i, 1, 3, i*y)', ['x', 'y']);
    const g = compile('x + 1', ['x']);
    const column = new Float64Array(1000).fill(5);
    const before = [f(1, 2), only(() => g.map({ x: column }), 6)];
    const modules = Object.values(createRequire(import.meta.url).cache);
    const views = modules.flatMap((module) =>
      Object.values(Object(module?.exports)).filter(ArrayBuffer.isView),
    );
    for (const view of views) outcomeOf(() => free(view));
    return { before, after: [outcomeOf(() => f(3, 4)), only(() => g.map({ x: column }), 6)] };
  },

  sizesThatLie() {
    const f = compile('x + y', ['x', 'y']);
    const honest = new Float64Array(1000).fill(5);
    const claims = [-1, 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, 1e9, 999, '1000', {}, undefined];
    return claims.flatMap((claim) => {
      const liar = (): Float64Array => lying(new Float64Array(1000).fill(5), 'length', () => claim);
      return [
        only(() => f.map({ x: liar(), y: 5 }), 10),
        only(() => f.map({ x: honest, y: liar() }), 10),
        only(() => f.map({ x: honest, y: honest }, { out: liar() }), 10),
        outcomeOf(() => f.reduce('sum', { x: liar(), y: liar() })),
      ];
    });
  },

  /** What the compiler uses compiles in turn, at any moment of a compilation. */
  compilingWhileCompiling() {
    const engine = new Engine();
    const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
    const owners: readonly (readonly [object, string])[] = [
      [typedArray, 'set'],
      [typedArray, 'subarray'],
      [Number, 'isSafeInteger'],
      [Array.prototype, 'push'],
      [Math, 'max'],
    ];
    return owners.map(([owner, key]) => {
      let moments = Number.POSITIVE_INFINITY;
      for (let moment = 1; moment <= Math.min(moments, 200); moment++) {
        let reached = 0;
        const restore = patch(owner, key, () => {
          if (++reached === moment) engine.compile('y*7 + 1000', ['y'])(1);
        });
        const value = outcomeOf(() => engine.compile('x*3 + sin(x)*0', ['x'])(2));
        restore();
        moments = reached;
        if (value !== 6) return `wrong: ${value} instead of 6 at moment ${moment} of ${key}`;
      }
      return 'right';
    });
  },

  /** The arguments of a host function stand where those of the next call will stand. */
  callingWhileCalling() {
    const functions = { h: (x: number) => x, g: (x: number) => x + 100 };
    const engine = new Engine({ functions });
    const f = engine.compile('h(x) + g(x)', ['x']);
    const other = engine.compile('g(x) + h(x)', ['x']);
    const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
    const owners: readonly (readonly [object, PropertyKey])[] = [
      [typedArray, Symbol.iterator],
      [typedArray, 'subarray'],
      [Array, 'from'],
    ];
    return owners.map(([owner, key]) => {
      const restore = patch(owner, key, () => other(7));
      const value = outcomeOf(() => f(1));
      restore();
      return value === 102 ? 'right' : `wrong: ${value} instead of 102 by ${String(key)}`;
    });
  },

  async twoEvaluations() {
    const values: unknown[] = [];
    const copies = await packageCopies(2);
    const functions = copies.map((copy, index) => {
      const call = (x: number): number => x + 10 ** index;
      return new copy.Engine({ functions: { h: { arity: 1, call } } }).compile('h(x) + sum(i, 1, 2, h(i))', [
        'x',
      ]);
    });
    const column = new Float64Array(100).fill(1);
    for (const index of [0, 1, 0, 1]) {
      const f = functions[index];
      if (f === undefined) continue;
      const right = 4 + 3 * 10 ** index;
      values.push(
        outcomeOf(() => f(1)) === right,
        only(() => f.map({ x: column }), right),
        await only(() => f.mapAsync({ x: column }), right),
      );
    }
    return values;
  },
};

/** Puts code in front of a function, which does not run within itself. Gives what undoes it. */
function patch(owner: object, key: PropertyKey, act: () => void): () => void {
  const original = Reflect.get(owner, key) as (...args: unknown[]) => unknown;
  const { apply } = Reflect;
  let isBusy = false;
  const patched = function (this: unknown, ...args: unknown[]): unknown {
    if (!isBusy) {
      isBusy = true;
      try {
        act();
      } finally {
        isBusy = false;
      }
    }
    return apply(original, this, args);
  };
  const define = (value: unknown): boolean =>
    Reflect.defineProperty(owner, key, { configurable: true, writable: true, value });
  define(patched);
  return () => define(original);
}

/** Takes the memory away, fills it, and lets go of it: whoever still uses it reads what is not there, or nothing. */
function free(array: ArrayBufferView): void {
  new Uint8Array(detach(array)).fill(0xff);
  globalThis.gc?.();
}

/** A value, or the name of the error and its code. */
function outcomeOf(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return nameOf(error);
  }
}

function nameOf(error: unknown): string {
  const { name, code } = error as { name: string; code?: string };
  return code === undefined ? name : `${name} ${code}`;
}

/** `right` if what comes out is an array of nothing but that value. */
function only(action: () => unknown, value: number): unknown {
  const outcome = outcomeOf(action);
  if (outcome instanceof Promise) return outcome.then((array) => only(() => array, value), nameOf);
  if (!ArrayBuffer.isView(outcome)) return outcome;
  const wrong = Array.from(outcome as Float64Array).find((each) => each !== value);
  return wrong === undefined ? 'right' : `wrong: ${wrong} instead of ${value}`;
}

const attack = attacks[process.argv[2] ?? ''];
if (attack === undefined) throw new RangeError(`no attack is called ${process.argv[2]}`);
console.log(JSON.stringify(await attack()));
