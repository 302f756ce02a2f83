/**
 * Releases and disposes where the stack ends, at each frame of the way back from the limit, and prints the first fault;
 * see `test/mem/stack-exhaustion.ts`.
 */
import { Engine } from '../../src/index.ts';

const frames = 1500;
let frame = 0;
let fault: unknown;

function dive(attempt: () => void): void {
  try {
    dive(attempt);
  } catch {
    // The deepest frame; what follows is done in all.
  }
  if (frame++ > frames) return;
  try {
    attempt();
  } catch (error) {
    if (!(error instanceof RangeError)) fault ??= error;
  }
}

function check(name: string, isWhole: boolean): void {
  if (fault !== undefined) throw fault;
  if (!isWhole) throw new Error(name);
}

const sources = ['x + 1', 'sin(x) * 2', 'sum(i, 1, 10, i * x)', 'f(n) = n < 1 ? 0 : f(n - 1) + x; f(3)'];
for (let round = 0; round < Number(process.argv[2]); round++) {
  for (const backend of ['native', 'wasm', 'interpreter'] as const) {
    const engine = new Engine({ backend });
    // What functions of the math library take stays as long as the engine.
    using library = engine.compile('sin(x)', ['x']);
    library.map({ x: [1, 2] });
    library.release();
    const resident = engine.statistics().memory.allocationCount;
    const functions = sources.map((source) => engine.compile(source, ['x']));
    for (const f of functions) f.map({ x: Float64Array.of(1, 2, 3) });
    const kernel = engine.kernel({ outputs: { a: 'x + 1', b: 'x * 2' } }, ['x']);
    kernel.map({ x: [1, 2] });
    for (const thing of [...functions, kernel]) {
      frame = 0;
      dive(() => thing.release());
      thing.release();
      check('a release did not happen', thing.released);
    }
    const { functionCount, memory } = engine.statistics();
    check('functions are left', functionCount === 0);
    check('code is left', memory.allocationCount === resident);
    const last = engine.compile('x * x', ['x']);
    check('the engine is broken', last(3) === 9);
    frame = 0;
    dive(() => engine.dispose());
    engine.dispose();
    check('a function outlived its engine', last.released);
  }
}
console.log('whole');
