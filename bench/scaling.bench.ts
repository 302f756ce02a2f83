import { Engine } from 'exprjit';
import { sourceFamilies } from '../test/support/source-families.ts';
import { median } from './support/statistics.ts';
import { formatRatio, formatTime, printTable } from './support/table.ts';

/** Parts of the longest source, and how often each is measured. */
const sizes = [
  { fraction: 1 / 16, rounds: 5 },
  { fraction: 1 / 4, rounds: 3 },
  { fraction: 1, rounds: 1 },
] as const;
const empty = new Float64Array(0);

interface Cost {
  /** Nanoseconds and bytes for each character of the source. */
  readonly time: number;
  readonly heap: number;
}

/** From text to a callable and its first kernel, which takes no rows. */
function measure(engine: Engine, source: string, parameters: readonly string[]): Cost {
  globalThis.gc?.();
  const heap = process.memoryUsage().heapUsed;
  const start = process.hrtime.bigint();
  const f = engine.compile(source, parameters);
  f.map(Object.fromEntries(parameters.map((name) => [name, empty])));
  const time = Number(process.hrtime.bigint() - start) / source.length;
  const grown = Math.max(process.memoryUsage().heapUsed - heap, 0) / source.length;
  f.release();
  return { time, heap: grown };
}

/** Whether long sources cost more per character than short ones: `compile` and the first `map`, under default limits. */
export function run(): void {
  using engine = new Engine({ backend: 'native' });
  const rows = sourceFamilies.map(({ name, parameters, most, source }) => {
    const costs = sizes.map(({ fraction, rounds }) => {
      const text = source(Math.ceil(most * fraction));
      const each = Array.from({ length: rounds }, () => measure(engine, text, parameters));
      return {
        time: median(each.map(({ time }) => time)),
        heap: median(each.map(({ heap }) => heap)),
      };
    });
    const [small, middle, large] = costs as [Cost, Cost, Cost];
    return [
      name,
      most.toLocaleString('en'),
      formatTime(small.time),
      formatTime(middle.time),
      formatTime(large.time),
      formatRatio(large.time / small.time),
      `${Math.round(large.heap)} B`,
    ];
  });
  printTable(
    'Compiling and the first kernel, for each character of the source',
    ['family', 'pieces', '1/16', '1/4', 'all', 'all to 1/16', 'heap'],
    rows,
  );
}
