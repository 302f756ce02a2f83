/**
 * `node --import=tsx scripts/math-vectors/generate.ts [name...]` writes test/jit/math/vectors/<name>.bin for all functions, or those
 * named: arguments and true values of functions of the math library. It needs gcc and MPFR 4.2 (Debian: gcc, libmpfr-dev).
 * Each run of the same version of Node gives the same files. test/jit/math/vectors.ts documents the format and reads it.
 *
 * A file has all arguments that are certain, some drawn, and as many as its size then allows of the hardest among many drawn.
 * Half of these are those whose true values are closest to the middle between two doubles: they tell most of how often a
 * result is the nearest double. An error there is little more than half an ulp, however. So the others are those where the second
 * nearest double is barely beyond the function's bound: nothing but the nearest one is good enough there.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { elementAt } from '../../src/support/element.ts';
import { invariant } from '../../src/support/invariant.ts';
import { bounds } from '../../test/jit/math/bounds.ts';
import { Random } from '../../test/support/random.ts';
import { type Arguments, argumentsByName } from './arguments.ts';
import type { Pair } from './binary-arguments.ts';
import { compileOracle, type Oracle } from './oracle.ts';

const folder = new URL('../../test/jit/math/vectors/', import.meta.url);

/** Points of one function. */
const size = {
  all: 1000,
  drawn: 200,
  bits: 50,
  /** At least, also where the others take more room. */
  hard: 250,
  /** Drawn to find these. */
  searched: 60_000,
};
/** Outside of the domain of a function of one argument: more of them say nothing new. */
const mostNaNs = 16;

interface Vector {
  readonly x: number;
  readonly y: number;
  readonly nearest: number;
  readonly rest: number;
}

function vectorsAt(oracle: Oracle, name: string, points: readonly Pair[]): Vector[] {
  const truth = oracle.truth(name, Float64Array.from(points.flat()));
  return points.map(([x, y], i) => ({
    x,
    y,
    nearest: elementAt(truth, 2 * i),
    rest: elementAt(truth, 2 * i + 1),
  }));
}

function makeVectors(
  name: string,
  bound: number,
  { arity, certain, draw, bits }: Arguments,
  seed: number,
  oracle: Oracle,
): Vector[] {
  const random = new Random(seed);
  const at = (points: readonly Pair[]): Vector[] => vectorsAt(oracle, name, points);
  const times = (count: number, point: (random: Random) => Pair): Pair[] =>
    Array.from({ length: count }, () => point(random));
  const vectors = new Map<string, Vector>();
  let nans = 0;
  const add = (vector: Vector): void => {
    const key = [vector.x, vector.y].map((x) => (Object.is(x, -0) ? '-0' : x)).join();
    if (vectors.has(key)) return;
    if (arity === 1 && Number.isNaN(vector.nearest) && ++nans > mostNaNs) return;
    vectors.set(key, vector);
  };
  for (const vector of at([...certain, ...times(size.bits, bits), ...times(size.drawn, draw)])) add(vector);
  const total = Math.max(size.all, vectors.size + size.hard);
  // Exact middles are no trouble: they are exact results.
  const searched = at(times(size.searched, draw)).filter(({ rest }) => Math.abs(rest) < 0.5);
  const middle = ({ rest }: Vector): number => 0.5 - Math.abs(rest);
  // What the error would be, if the result were the second nearest double.
  const beyond = ({ rest }: Vector): number => 1 - Math.abs(rest) - bound;
  const critical = searched.filter((vector) => beyond(vector) > 0.001);
  const half = (vectors.size + total) >> 1;
  for (const [least, limit, candidates] of [
    [beyond, half, critical],
    [middle, total, searched],
  ] as const) {
    for (const vector of candidates.sort((a, b) => least(a) - least(b))) {
      if (vectors.size >= limit) break;
      add(vector);
    }
  }
  return [...vectors.values()];
}

function pack(vectors: readonly Vector[], arity: 1 | 2): Uint8Array {
  const columns = [
    vectors.map(({ x }) => x),
    ...(arity === 2 ? [vectors.map(({ y }) => y)] : []),
    vectors.map(({ nearest }) => nearest),
  ];
  const file = new DataView(new ArrayBuffer(8 + vectors.length * (8 * columns.length + 2)));
  file.setUint32(0, vectors.length, true);
  file.setUint32(4, arity, true);
  let offset = 8;
  for (const value of columns.flat()) {
    file.setFloat64(offset, value, true);
    offset += 8;
  }
  for (const { rest } of vectors) {
    file.setInt16(offset, Math.min(0x7fff, Math.round(rest * 0x1_0000)), true);
    offset += 2;
  }
  return new Uint8Array(file.buffer);
}

const oracle = compileOracle();
if (typeof oracle === 'string') {
  console.error(oracle);
  process.exit(1);
}
mkdirSync(folder, { recursive: true });
const wanted = process.argv.slice(2);
let bytes = 0;
let seed = 0;
for (const [name, bound] of bounds) {
  const choice = argumentsByName.get(name);
  invariant(choice !== undefined, `it is known which arguments of ${name} are of interest`);
  seed++;
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const vectors = makeVectors(name, bound, choice, seed, oracle);
  const packed = pack(vectors, choice.arity);
  writeFileSync(new URL(`${name}.bin`, folder), packed);
  bytes += packed.length;
  console.log(`${name}: ${vectors.length} vectors, ${packed.length} bytes`);
}
console.log(`${bytes} bytes in all`);
