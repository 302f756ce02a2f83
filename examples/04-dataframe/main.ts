/**
 * Derived columns and aggregates over a table of 200,000 flights, by formulas from the command line.
 *
 *     node --import=tsx examples/04-dataframe/main.ts 'delay > 60 && distance < 500'
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { CompileError, compile, Engine } from 'exprjit';

interface Flight {
  /** In minutes, negative if early. */
  readonly delay: number;
  /** In miles. */
  readonly distance: number;
  /** Hours since midnight. */
  readonly time: number;
}

/** One typed array for each column. */
function readFlights(): { delay: Int16Array; distance: Uint16Array; time: Float32Array } {
  const module = createRequire(import.meta.url).resolve('vega-datasets');
  const file = join(dirname(module), '..', 'data', 'flights-200k.json');
  const flights = JSON.parse(readFileSync(file, 'utf8')) as Flight[];
  return {
    delay: Int16Array.from(flights, ({ delay }) => delay),
    distance: Uint16Array.from(flights, ({ distance }) => distance),
    time: Float32Array.from(flights, ({ time }) => time),
  };
}

const flights = readFlights();
const names = ['delay', 'distance', 'time'] as const;

using engine = new Engine();
// One pass over the table, three columns more.
using derived = engine.kernel(
  {
    outputs: {
      kilometers: 'distance * 1.609344',
      lateness: 'delay <= 0 ? 0 : delay < 15 ? 1 : delay < 60 ? 2 : 3',
      lost: 'max(delay, 0) / (distance / 8 + 30)',
    },
  },
  ['delay', 'distance'],
);
const { kilometers, lateness, lost } = derived.map(
  { delay: flights.delay, distance: flights.distance },
  { type: { kilometers: 'f32', lateness: 'u8' } },
);

using value = compile('x', ['x']);
console.log(`${flights.delay.length} flights`);
console.log(`mean distance ${value.reduce('mean', { x: kilometers }).toFixed(1)} km`);
console.log(`time lost to delays ${(100 * value.reduce('mean', { x: lost })).toFixed(1)} % of the flight`);
using isClass = compile('x == k', ['x', 'k']);
for (const [k, label] of ['on time', 'up to 15 min', 'up to 1 h', 'more'].entries()) {
  const count = isClass.reduce('count', { x: lateness, k });
  console.log(`${label.padEnd(13)}${((100 * count) / lateness.length).toFixed(1).padStart(5)} %`);
}

const condition = process.argv[2] ?? 'delay > 120 && distance > 1000 && time < 12';
try {
  using predicate = engine.compilePredicate(condition, names);
  const rows = predicate.select(flights);
  const delays = predicate.filter(flights, 'delay');
  console.log(`${condition}: ${rows.length} flights, the first in row ${rows[0] ?? '–'}`);
  if (rows.length > 0)
    console.log(`mean delay of these ${value.reduce('mean', { x: delays }).toFixed(1)} min`);
} catch (error) {
  if (!(error instanceof CompileError)) throw error;
  console.error(`${error.render()}\nThe columns are ${names.join(', ')}.`);
  process.exitCode = 1;
}
