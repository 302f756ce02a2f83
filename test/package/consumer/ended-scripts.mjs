/** Scripts of `node:vm` that V8 ends by their timeout amid machine code. Prints the error of each, as JSON. */
import { Script } from 'node:vm';
import { Engine } from 'exprjit';

const engine = new Engine({ backend: 'native', limits: { fuel: 1e15 } });
const f = engine.compile('sum(i, 1, 1e15, i * x)', ['x']);
const recursive = engine.compile('f(n) = n < 2 ? n : f(n - 1) + f(n - 2); f(x)', ['x']);
const x = new Float64Array(1000).fill(1.5);

function endOf(action) {
  globalThis.action = action;
  try {
    new Script('action()').runInThisContext({ timeout: 200 });
    return 'returned';
  } catch (error) {
    return error.code;
  }
}

console.log(
  JSON.stringify({
    call: endOf(() => f(1)),
    recursion: endOf(() => recursive(100)),
    rows: endOf(() => f.map({ x })),
    reduction: endOf(() => f.reduce('sum', { x })),
    rowsOfRecursion: endOf(() => recursive.map({ x: x.fill(100) })),
    afterwards: engine.compile('x + 1', ['x']).map({ x: [4] })[0],
  }),
);
