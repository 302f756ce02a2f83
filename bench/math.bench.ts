/**
 * The math library: each of its functions over columns that fit in the cache and alone in scalar code, beside V8's and glibc's,
 * and whether the ratios are within the bounds of `math.bounds.ts`. Peers take turns as in `kernels.bench.ts`, and must agree.
 */
import { type FeatureLevel, levelsOf, traitsOf } from '../src/jit/machine/feature-level.ts';
import { requireAddon } from '../src/native/loader.ts';
import { printBounds, printWidest } from './math.bounds.ts';
import { benchmarkScalarCalls } from './math.scalar.ts';
import { isInC, isInLibmvec, mathWorkloads } from './math.workloads.ts';
import { exprjitPeerName, exprjitPeers } from './peers/kernels-exprjit.ts';
import { gccPeer } from './peers/kernels-gcc.ts';
import type { KernelPeer } from './peers/kernels-peer.ts';
import { v8Peer } from './peers/kernels-v8.ts';
import { availablePeers, measureRow, type Samples } from './support/measure-row.ts';
import { median } from './support/statistics.ts';
import { printTable } from './support/table.ts';

const length = 4096;
const levels = levelsOf(requireAddon().cpuInfo().features);

/** Makes every element a call of glibc. */
const callFlags = ['-O2', '-fno-tree-vectorize', '-fno-builtin'];
/** What lets gcc call libmvec. */
const vectorFlags = ['-O3', '-ffast-math'];

/** JavaScript lacks some of the functions. */
const v8: KernelPeer = {
  ...v8Peer,
  prepare: (workload, rows) =>
    Object.hasOwn(Math, workload.name) ? v8Peer.prepare(workload, rows) : undefined,
};
const inLibmvec = mathWorkloads.filter(isInLibmvec);
const libmvecWide = onlyWith('avx2', gccPeer('libmvec AVX2', [...vectorFlags, '-mavx2', '-mfma'], inLibmvec));
/** Vectors of two; libmvec itself takes SSE4.1 where the CPU has it. */
const libmvecNarrow = gccPeer('libmvec SSE', vectorFlags, inLibmvec);
const glibc = gccPeer('glibc', callFlags, mathWorkloads.filter(isInC));

function onlyWith(level: FeatureLevel, peer: KernelPeer): KernelPeer {
  return {
    ...peer,
    unavailable: () => (levels.includes(level) ? peer.unavailable() : `the CPU has no ${level}`),
  };
}

export async function run(): Promise<void> {
  const peers = await availablePeers([v8, libmvecWide, libmvecNarrow, glibc, ...exprjitPeers()]);
  const functions = new Map<string, Samples>();
  try {
    for (const workload of mathWorkloads) {
      functions.set(workload.name, await measureRow(peers, workload, length));
    }
  } finally {
    for (const peer of peers) await peer.close?.();
  }
  printTimes(peers, functions);
  printBounds(functions, {
    v8: v8.name,
    libmvecWide: libmvecWide.name,
    libmvecNarrow: libmvecNarrow.name,
    ownNarrow: exprjitPeerName('sse2'),
    ownWide: levels.filter((level) => traitsOf(level).hasVex).map(exprjitPeerName),
  });
  printWidest(functions, levels.includes('avx512') ? exprjitPeerName('avx512') : undefined);
  await benchmarkScalarCalls(callFlags);
}

function printTimes(peers: readonly KernelPeer[], functions: ReadonlyMap<string, Samples>): void {
  const cells = [...functions].map(([name, samples]) => [
    name,
    ...peers.map((peer) => {
      const times = samples.get(peer.name);
      return times === undefined ? '–' : median(times).toPrecision(3);
    }),
  ]);
  const title = `Math functions over ${length.toLocaleString('en')} elements: ns per element`;
  printTable(title, ['function', ...peers.map(({ name }) => name)], cells);
}
