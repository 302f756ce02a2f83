/** One thread of the soak: compiles, calls and releases, with a random set of functions alive at any time. */
import { parentPort, workerData } from 'node:worker_threads';
import type { CompiledFunction } from '../../src/engine/callables/compiled-function.ts';
import { Engine } from '../../src/engine/engine.ts';
import { lastOf } from '../../src/support/element.ts';
import { invariant } from '../../src/support/invariant.ts';
import { Random } from '../support/random.ts';
import type { SoakTask } from './soak.ts';

/** Shapes of small and large code; `k` is a number that makes each source and result its own. */
const sources: readonly ((k: number) => string)[] = [
  (k) => `x + ${k}`,
  (k) => `x*0 + sqrt(x*x) + ${k}`,
  (k) => `f(n) = n > 0 ? f(n - 1) : x + ${k}\nf(3)`,
  (k) => `sum(i, 1, x, 1) + ${k}`,
  (k) => `host(x) + ${k}`,
  (k) => `${Array.from({ length: 24 }, (_, index) => `sin(x*${index})*0`).join(' + ')} + x + ${k}`,
];

const mostAlive = 300;

function work({ seed, cycles }: SoakTask): void {
  const random = new Random(seed);
  using engine = new Engine({
    backend: 'native',
    functions: { host: (x) => x },
    cache: random.pick([0, 0, 20]),
  });
  const alive: { readonly f: CompiledFunction<readonly ['x']>; readonly k: number }[] = [];
  const releaseOne = () => {
    const index = random.integer(0, alive.length - 1);
    const last = alive.pop();
    invariant(last !== undefined, 'something is alive');
    const released = index < alive.length ? alive[index] : last;
    if (index < alive.length) alive[index] = last;
    invariant(released !== undefined && released.f(7) === 7 + released.k, 'the result is right to the end');
    released.f.release();
  };
  for (let cycle = 0; cycle < cycles; cycle++) {
    const k = random.integer(0, 1000);
    // The first is a line, the last a page; so it comes seldom.
    const source = random.chance(0.95) ? random.pick(sources.slice(0, -1)) : lastOf(sources);
    const f = engine.compile(source(k), ['x']);
    invariant(f(7) === 7 + k, `cycle ${cycle} computes correctly`);
    alive.push({ f, k });
    // The live set drifts up and down instead of settling.
    const target = (mostAlive / 2) * (1 + Math.sin(cycle / 500));
    while (alive.length > target) releaseOne();
    if (cycle % 100 === 99) parentPort?.postMessage(100);
  }
  while (alive.length > 0) releaseOne();
  invariant(engine.statistics().functionCount === 0, 'nothing is left alive');
}

work(workerData as SoakTask);
