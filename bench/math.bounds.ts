/** What the math library has to reach over columns, and whether it does. */
import type { Samples } from './support/measure-row.ts';
import { median, medianRatio } from './support/statistics.ts';
import { formatRatio, printTable } from './support/table.ts';

interface Bounds {
  /** Time of the best level with FMA to that of libmvec with AVX2, at most. */
  readonly wide: number;
  /** Speed of that level to that of V8's loop, at least. */
  readonly speed: number;
}

const bounds: ReadonlyMap<string, Bounds> = new Map<string, Bounds>([
  ['exp', { wide: 1.15, speed: 10 }],
  ['log', { wide: 1.5, speed: 4.5 }],
  ['sin', { wide: 2.6, speed: 5 }],
  ['cos', { wide: 2.6, speed: 5 }],
  ['tanh', { wide: 1.1, speed: 5 }],
  ['atan2', { wide: 1.8, speed: 4.3 }],
  ['pow', { wide: 0.8, speed: 10 }],
]);

/** Time of SSE2 code to that of libmvec without AVX, at most. */
const narrowBound = 1.8;

/** Of NumPy with AVX-512 (SVML) on a Zen 4, ns per element: what lanes of eight are not to exceed. */
const numpyTimes: ReadonlyMap<string, number> = new Map([
  ['exp', 1.12],
  ['log', 0.77],
  ['sin', 1.25],
  ['pow', 2.6],
]);

/** Names under which peers were measured. */
export interface BoundedPeers {
  readonly v8: string;
  readonly libmvecWide: string;
  readonly libmvecNarrow: string;
  readonly ownNarrow: string;
  /** The levels that have FMA; none on a CPU without. */
  readonly ownWide: readonly string[];
}

/** Samples of the functions by name. */
export function printBounds(functions: ReadonlyMap<string, Samples>, peers: BoundedPeers): void {
  const rows = [...bounds].flatMap(([name, { wide, speed }]) => {
    const samples = functions.get(name);
    if (samples === undefined) return [];
    const best = fastest(samples, peers.ownWide);
    const narrow = samples.get(peers.ownNarrow);
    return [
      [
        name,
        ...judgeAtMost(best, samples.get(peers.libmvecWide), wide),
        ...judgeAtMost(narrow, samples.get(peers.libmvecNarrow), narrowBound),
        ...judgeAtLeast(samples.get(peers.v8), best, speed),
      ],
    ];
  });
  printTable(
    `exprjit: time to ${peers.libmvecWide}, of SSE2 code to ${peers.libmvecNarrow}; speed to the ${peers.v8}`,
    ['function', 'to AVX2', 'at most', 'met', 'to SSE', 'at most', 'met', 'to V8', 'at least', 'met'],
    rows,
  );
}

/** Samples of the functions by name; `own` is the name of AVX-512 code, if the CPU runs any. */
export function printWidest(functions: ReadonlyMap<string, Samples>, own: string | undefined): void {
  if (own === undefined) {
    console.log('\nNothing beside NumPy with AVX-512: the CPU has no avx512');
    return;
  }
  const rows = [...numpyTimes].map(([name, bound]) => {
    const time = median(functions.get(name)?.get(own) ?? []);
    return [name, time.toPrecision(3), String(bound), time <= bound ? 'yes' : 'NO'];
  });
  printTable(`${own}: ns per element beside NumPy's on a Zen 4`, ['function', own, 'NumPy', 'met'], rows);
}

/** Cells: the ratio of the times, the bound, and whether it is met. */
export function judgeAtMost(own: Times, peer: Times, bound: number): string[] {
  return judge(own, peer, bound, (ratio) => ratio <= bound);
}

function judgeAtLeast(peer: Times, own: Times, bound: number): string[] {
  return judge(peer, own, bound, (ratio) => ratio >= bound);
}

/** Of each round; undefined if the peer was not measured. */
type Times = readonly number[] | undefined;

function judge(times: Times, baseline: Times, bound: number, isMet: (ratio: number) => boolean): string[] {
  if (times === undefined || baseline === undefined) return ['–', formatRatio(bound), '–'];
  const ratio = medianRatio(times, baseline);
  return [formatRatio(ratio), formatRatio(bound), isMet(ratio) ? 'yes' : 'NO'];
}

function fastest(samples: Samples, names: readonly string[]): Times {
  const candidates = names.flatMap((name) => {
    const times = samples.get(name);
    return times === undefined ? [] : [times];
  });
  return candidates.sort((a, b) => median(a) - median(b)).at(0);
}
