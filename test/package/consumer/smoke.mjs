/** Something of all that needs the addon and the OS, in any runtime. Prints what came of it, as JSON. */
import { Engine, hostReport } from 'exprjit';
import { Assembler, CodeHolder, JitRuntime, xmm0, xmm1 } from 'exprjit/jit';
import { JitAllocator, JitAllocatorOptions } from 'exprjit/mem';

/** The code of the error that the action ends in. */
function codeOf(action) {
  try {
    return action();
  } catch (error) {
    return error.code ?? error.message;
  }
}

/** A number that changes if any bit of any of the values does. */
function digest(values) {
  let hash = 0n;
  for (const word of new BigUint64Array(values.buffer)) hash = (hash * 31n + word) & 0xffff_ffff_ffffn;
  return Number(hash);
}

const columns = {
  x: Float64Array.from({ length: 1003 }, (_, i) => (i - 500) / 7),
  y: Float64Array.from({ length: 1003 }, (_, i) => 1.37 * (i % 40)),
};
const formula = 'sin(x) * exp(-x/50) + fma(x, y, -x*y) + x % 3 + atan2(y, x) ^ 0.3';

function sameBitsOnEveryLevel() {
  const levels = hostReport().cpu?.levels ?? [];
  return levels.map((cpu) => {
    const engine = new Engine({ backend: 'native', cpu });
    const f = engine.compile(formula, ['x', 'y']);
    const rows = Float64Array.from(columns.x, (x, i) => f(x, columns.y[i]));
    const digests = [digest(f.map(columns)), digest(rows)];
    engine.dispose();
    return digests;
  });
}

function assembled() {
  const holder = new CodeHolder();
  const a = new Assembler(holder);
  a.bind(holder.newLabel('add'));
  a.addsd(xmm0, xmm1);
  a.ret();
  const runtime = new JitRuntime();
  return runtime.callable(runtime.add(holder), 'add', 2)(1, 2);
}

function allocated() {
  const allocator = new JitAllocator({ options: JitAllocatorOptions.UseDualMapping });
  const span = allocator.alloc(100);
  allocator.write(span, 0, Uint8Array.of(1, 2, 3));
  allocator.release(span.rx);
  allocator.verify();
  return codeOf(() => allocator.release(span.rx));
}

/** How host functions fare, called by code at any depth of the stack: those of JavaScript end before those of machine code. */
function hostCallsAtAnyDepth(f) {
  const ends = new Set();
  for (let depth = 1; depth < 150_000; depth += 1009) {
    try {
      ends.add(f(depth) === depth + 2);
    } catch (error) {
      ends.add(error instanceof RangeError || error.code === 'E_STACK');
    }
  }
  return [...ends];
}

const engine = new Engine({
  functions: {
    twice: (x) => 2 * x,
    fail: (x) => {
      throw new Error(`thrown by the host for ${x}`);
    },
  },
});
const interpreted = new Engine({ backend: 'interpreter' });
const wasm = new Engine({ backend: 'wasm' });
const f = engine.compile('x*y + 1', ['x', 'y']);
const recursive = engine.compile('f(n) = n <= 0 ? 0 : 1 + f(n - 1); f(x)', ['x']);
const loop = engine.compile('f(n, a) = n <= 0 ? a : f(n - 1, a + n); f(x, 0)', ['x']);

console.log(
  JSON.stringify({
    backend: engine.statistics().backend,
    works: hostReport().memory?.strategies.filter(({ works }) => works).length > 0,
    map: Array.from(f.map({ x: [1, 2, 3], y: 2 })),
    mapAsync: Array.from(await f.mapAsync({ x: Float64Array.of(1, 2, 3), y: 2 })),
    reduce: f.reduce('sum', { x: Float64Array.of(1, 2, 3), y: 2 }),
    host: engine.compile('twice(x) + 1', ['x'])(20.5),
    hostThrows: codeOf(() => engine.compile('fail(x)', ['x'])(1)),
    deep: recursive(1000),
    hostDeep: hostCallsAtAnyDepth(engine.compile('f(n) = n <= 0 ? twice(1) : 1 + f(n - 1); f(x)', ['x'])),
    stack: codeOf(() => recursive(1e7)),
    asyncTrap: await recursive.mapAsync({ x: Float64Array.of(1e7) }).catch(({ code }) => code),
    fuel: codeOf(() => loop(1e15)),
    timeout: codeOf(() => loop.map({ x: Float64Array.of(1e6) }, { timeout: 1e-6 })),
    digests: sameBitsOnEveryLevel().flat(),
    interpreted: digest(interpreted.compile(formula, ['x', 'y']).map(columns)),
    wasm: digest(wasm.compile(formula, ['x', 'y']).map(columns)),
    assembled: assembled(),
    allocated: allocated(),
  }),
);
engine.dispose();
