/**
 * Whole arrays: every peer computes the same workloads over columns of several lengths; see `kernels.workloads.ts`.
 *
 * Peers take turns in short samples of processor time, and the median of a peer's samples counts. Before anything is measured, all
 * must agree with the V8 loop on the first elements. `--chart` also draws `docs/img/kernels.svg`; `--loops` measures only
 * what has loops within each row, `--wasm` only WebAssembly beside the V8 loop.
 */
import { writeFileSync } from 'node:fs';
import { drawKernelChart, type KernelRow } from './kernels.chart.ts';
import { benchmarkThreads } from './kernels.threads.ts';
import {
  type KernelWorkload,
  kernelLengths,
  kernelWorkloads,
  loopLengths,
  loopWorkloads,
} from './kernels.workloads.ts';
import { exprjitPeers, exprjitWasmPeers } from './peers/kernels-exprjit.ts';
import { gccPeer } from './peers/kernels-gcc.ts';
import { numexprPeer } from './peers/kernels-numexpr.ts';
import type { KernelPeer } from './peers/kernels-peer.ts';
import { v8Peer } from './peers/kernels-v8.ts';
import { wasmPeer } from './peers/kernels-wasm.ts';
import { availablePeers, measureRow } from './support/measure-row.ts';
import { geometricMean, median } from './support/statistics.ts';
import { formatRatio, printTable } from './support/table.ts';

const baseline = v8Peer.name;
/** gcc contracts to FMA; exprjit may not. */
const gcc = gccPeer(
  'gcc',
  ['-O3', '-march=native', '-fno-math-errno', '-fno-trapping-math'],
  kernelWorkloads,
);
const wasmPeers: readonly KernelPeer[] = [wasmPeer, ...exprjitWasmPeers()];
const allPeers: readonly KernelPeer[] = [v8Peer, gcc, numexprPeer, ...wasmPeers, ...exprjitPeers()];

export async function run(flags: readonly string[]): Promise<void> {
  if (flags.includes('--loops')) {
    await measureLoops(await availablePeers(allPeers.filter(({ takesLoops }) => takesLoops)));
    return;
  }
  const peers = await availablePeers(flags.includes('--wasm') ? [v8Peer, ...wasmPeers] : allPeers);
  const rows: KernelRow[] = [];
  try {
    for (const length of kernelLengths) {
      rows.push(...(await measureRows(peers, kernelWorkloads, length)));
    }
    await measureLoops(peers.filter(({ takesLoops }) => takesLoops));
  } finally {
    for (const peer of peers) await peer.close?.();
  }
  printMeans(peers, rows);
  if (!flags.includes('--wasm')) await benchmarkThreads();
  if (flags.includes('--chart')) {
    const file = new URL('../docs/img/kernels.svg', import.meta.url);
    writeFileSync(file, drawKernelChart(rows, baseline));
    console.log('\nWrote docs/img/kernels.svg');
  }
}

async function measureLoops(peers: readonly KernelPeer[]): Promise<void> {
  for (const length of loopLengths) await measureRows(peers, loopWorkloads, length);
}

async function measureRows(
  peers: readonly KernelPeer[],
  workloads: readonly KernelWorkload[],
  length: number,
): Promise<KernelRow[]> {
  const rows: KernelRow[] = [];
  for (const workload of workloads) rows.push(await measureKernel(peers, workload, length));
  printLength(length, peers, rows);
  return rows;
}

async function measureKernel(
  peers: readonly KernelPeer[],
  workload: KernelWorkload,
  length: number,
): Promise<KernelRow> {
  const samples = await measureRow(peers, workload, length, { rounds: length > 1e6 ? 5 : 9 });
  return { workload, length, times: new Map([...samples].map(([name, times]) => [name, median(times)])) };
}

function printLength(length: number, peers: readonly KernelPeer[], rows: readonly KernelRow[]): void {
  const cells = rows.map(({ workload, times }) => [
    workload.name,
    ...peers.map(({ name }) => times.get(name)?.toPrecision(3) ?? '–'),
  ]);
  const title = `Kernels over ${length.toLocaleString('en')} elements: ns per element`;
  printTable(title, ['expression', ...peers.map(({ name }) => name)], cells);
}

/** How many times as fast as the baseline, as the geometric mean over the workloads that the peer can express. */
function printMeans(peers: readonly KernelPeer[], rows: readonly KernelRow[]): void {
  const cells = (['arithmetic', 'transcendental'] as const).flatMap((group) =>
    kernelLengths.map((length) => {
      const here = rows.filter((row) => row.workload.group === group && row.length === length);
      const speeds = peers.map(({ name }) => {
        const ratios = here.flatMap(({ times }) => {
          const own = times.get(name);
          return own === undefined ? [] : [(times.get(baseline) as number) / own];
        });
        return ratios.length === 0 ? '–' : formatRatio(geometricMean(ratios));
      });
      return [`${group}, n = ${length.toLocaleString('en')}`, ...speeds];
    }),
  );
  const title = `Kernels: speed in relation to the ${baseline}, geometric means`;
  printTable(title, ['workloads', ...peers.map(({ name }) => name)], cells);
}
