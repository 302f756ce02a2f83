/** What one call of each function takes in scalar code, beside the same loop of calls of glibc in C. */
import { judgeAtMost } from './math.bounds.ts';
import { isInC, scalarCalls, scalarWorkloads } from './math.workloads.ts';
import { gccPeer } from './peers/kernels-gcc.ts';
import { exprjitScalarPeer } from './peers/math-exprjit.ts';
import { availablePeers, measureRow, type Samples } from './support/measure-row.ts';
import { median } from './support/statistics.ts';
import { printTable } from './support/table.ts';

const timeBound = 1.35;

/** One element is `scalarCalls` calls; without built-ins, so that gcc neither vectorises a call nor knows it to be pure. */
export async function benchmarkScalarCalls(callFlags: readonly string[]): Promise<void> {
  const glibc = gccPeer('glibc', callFlags, scalarWorkloads.filter(isInC));
  const own = exprjitScalarPeer();
  const peers = await availablePeers([glibc, own]);
  const rows: string[][] = [];
  try {
    for (const workload of scalarWorkloads) {
      const samples = await measureRow(peers, workload, 1);
      const judgement = judgeAtMost(samples.get(own.name), samples.get(glibc.name), timeBound);
      rows.push([workload.name, perCall(samples, glibc.name), perCall(samples, own.name), ...judgement]);
    }
  } finally {
    for (const peer of peers) await peer.close?.();
  }
  const header = ['function', glibc.name, own.name, 'ratio', 'at most', 'met'];
  printTable('Scalar code: ns per call', header, rows);
}

function perCall(samples: Samples, name: string): string {
  const times = samples.get(name);
  return times === undefined ? '–' : (median(times) / scalarCalls).toPrecision(3);
}
