/**
 * `npm run accuracy [-- options] [name...]`: the errors of the functions of the math library, of all or of those named, beside those
 * of V8's `Math` and of the C library, in ulps of the true value; and neighbours whose values are out of order.
 *
 * - `--points=100000`: how many random points, besides the vectors; they need gcc and MPFR, as the C library does
 * - `--neighbours=1000000`: how many pairs of neighbours, of the functions that are monotone
 * - `--bits=100000`: at how many points, every other one a random pattern of bits, machine code is held against the definition
 * - `--seed=1`: repeats a run, as `SEED=1` does
 *
 * Ends with status 1 if a function exceeds its bound, breaks its order, or has other bits somewhere.
 */
import { parseArgs } from 'node:util';
import { type Arguments, argumentsByName } from '../../scripts/math-vectors/arguments.ts';
import { compileOracle, type Oracle } from '../../scripts/math-vectors/oracle.ts';
import { evaluate, mathFunctions } from '../../src/jit/math/library.ts';
import { elementAt } from '../../src/support/element.ts';
import { bounds, monotoneRanges } from '../../test/jit/math/bounds.ts';
import { violations } from '../../test/jit/math/neighbours.ts';
import { readVectors, type Truth } from '../../test/jit/math/vectors.ts';
import { Random, seedFromEnvironment } from '../../test/support/random.ts';
import { differences, machineWays } from './machine-ways.ts';
import { cLibrary, library, pairsOf, v8, type Way } from './ways.ts';
import { noError, type WorstError, worse, worstError } from './worst-error.ts';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    points: { type: 'string', default: '100000' },
    neighbours: { type: 'string', default: '1000000' },
    bits: { type: 'string', default: '100000' },
    seed: { type: 'string' },
  },
});
const points = Number(options.points);
const neighbours = Number(options.neighbours);
const bitPoints = Number(options.bits);
const seed = options.seed === undefined ? seedFromEnvironment() : Number(options.seed) | 0;

const unknown = positionals.filter((name) => !bounds.has(name));
if (unknown.length > 0 || ![points, neighbours, bitPoints].every((count) => count >= 0)) {
  console.error(
    unknown.length > 0 ? `There is no function ${unknown.join(', ')}.` : 'Counts are numbers from 0.',
  );
  process.exit(2);
}

/** What stored rests lack. */
const resolution = 2 ** -16;
/** Points in memory at a time. */
const batch = 1 << 16;
/** Of these, one in so many is a random pattern of bits. */
const bitsEvery = 8;

const oracle = compileOracle();
const ways: readonly Way[] = [library, v8, ...(typeof oracle === 'string' ? [] : [cLibrary(oracle)])];

/** Worst errors, one for each way; undefined where it lacks the function. */
type Errors = (WorstError | undefined)[];

function errorsAt(name: string, xs: Float64Array, ys: Float64Array, truth: Truth): Errors {
  return ways.map((way) => {
    const results = way.evaluate(name, xs, ys);
    return results && worstError(name, results, truth, xs, ys);
  });
}

function errorsAtVectors(name: string): Errors {
  const { xs, ys, truth } = readVectors(name);
  return errorsAt(name, xs, ys, truth);
}

/** Arguments by chance, of which one in `every` is a pattern of bits. */
function drawn(
  count: number,
  every: number,
  choice: Arguments,
  random: Random,
): { readonly xs: Float64Array; readonly ys: Float64Array } {
  const xs = new Float64Array(count);
  const ys = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const [x, y] = i % every === 0 ? choice.bits(random) : choice.draw(random);
    xs[i] = x;
    ys[i] = y;
  }
  return { xs, ys };
}

function errorsAtRandom(name: string, oracle: Oracle): Errors {
  const random = new Random(seed);
  const choice = argumentsByName.get(name);
  if (choice === undefined) return [];
  let errors: Errors = [];
  for (let rest = points; rest > 0; rest -= batch) {
    const { xs, ys } = drawn(Math.min(rest, batch), bitsEvery, choice, random);
    const answers = oracle.truth(name, pairsOf(xs, ys));
    const truth = {
      nearest: xs.map((_, i) => elementAt(answers, 2 * i)),
      rests: xs.map((_, i) => elementAt(answers, 2 * i + 1)),
    };
    const more = errorsAt(name, xs, ys, truth);
    errors = more.map((error, way) => error && worse(errors[way] ?? noError, error));
  }
  return errors;
}

function disorder(name: string): string {
  const range = monotoneRanges.get(name);
  const fn = mathFunctions.get(name);
  if (range === undefined || fn === undefined) return '';
  const found = violations((x) => evaluate(fn, x), range, neighbours, new Random(seed));
  if (found.length === 0) return '0';
  broken.push(`${name} breaks its order ${found.length} times, first after ${found[0]?.x}`);
  return String(found.length);
}

/** At how many points any machine code gives other bits than the definition. */
function differing(name: string): string {
  const choice = argumentsByName.get(name);
  if (choice === undefined) return '-';
  const random = new Random(seed);
  let count = 0;
  for (let rest = bitPoints; rest > 0; rest -= batch) {
    const { xs, ys } = drawn(Math.min(rest, batch), 2, choice, random);
    const defined = library.evaluate(name, xs, ys);
    for (const way of machineWays) {
      const results = way.evaluate(name, xs, ys);
      const different = defined && results ? differences(defined, results) : xs.length;
      if (different > 0) broken.push(`${name} has other bits in ${different} cases: ${way.name}`);
      count += different;
    }
  }
  return String(count);
}

const broken: string[] = [];

/** All that the table says of a function. */
function rowOf(name: string, bound: number): string[] {
  const vectors = errorsAtVectors(name);
  const random = typeof oracle === 'string' ? [] : errorsAtRandom(name, oracle);
  const own = [vectors[0], random[0]].filter((error) => error !== undefined);
  const worst = own.reduce(worse, noError);
  const isMet = own.length > 0 && worst.ulps <= bound + resolution;
  if (own.length === 0) broken.push(`${name} is not there`);
  else if (!isMet) {
    const place = mathFunctions.get(name)?.arity === 2 ? `(${worst.x}, ${worst.y})` : `(${worst.x})`;
    broken.push(`${name}${place} is off by ${shown(worst)} ulp, where ${bound} is the bound`);
  }
  const columns = ways.flatMap((_, way) => [shown(vectors[way]), shown(random[way])]);
  return [name, String(bound), isMet ? 'yes' : 'NO', ...columns, disorder(name), differing(name)];
}

function shown(error: WorstError | undefined): string {
  if (error === undefined) return '-';
  return error.ulps < 1000 ? error.ulps.toFixed(4) : error.ulps.toExponential(1);
}

const width = 10;

function print(cells: readonly string[]): void {
  console.log(
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(width) : cell.padStart(width)))
      .join(' ')
      .trimEnd(),
  );
}

console.log(
  `SEED=${seed}, ${points} random points, ${neighbours} pairs of neighbours of functions that are monotone`,
);
if (typeof oracle === 'string') console.log(`Vectors only, and nothing of the C library: ${oracle}`);
print(['', '', '', ...ways.flatMap((way) => [way.name, '']), 'out of', 'other']);
print(['function', 'bound', 'met', ...ways.flatMap(() => ['vectors', 'random']), 'order', 'bits']);
for (const [name, bound] of bounds) {
  if (positionals.length === 0 || positionals.includes(name)) print(rowOf(name, bound));
}
for (const line of broken) console.log(line);
process.exitCode = broken.length > 0 ? 1 : 0;
