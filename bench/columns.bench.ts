/**
 * What columns are for: other rows, recurrences, missing values, groups and exact sums, each beside a loop that V8 compiles for it, and beside
 * numexpr and DuckDB where they are installed; see `columns.cases.ts`.
 *
 * Peers take turns in short samples of processor time. A ratio is the median of those within each round; the project has set itself bounds for
 * some. Before anything is measured, every number has to be that of V8's loop.
 */
import { type ColumnCase, columnCases, columnLengths } from './columns.cases.ts';
import { exprjitPeer, plainPeer, v8Peer } from './peers/columns-here.ts';
import { duckdbPeer, numexprPeer } from './peers/columns-python.ts';
import type { KernelPeer } from './peers/kernels-peer.ts';
import { availablePeers, measureRow, type Samples } from './support/measure-row.ts';
import { median, medianRatio } from './support/statistics.ts';
import { formatRatio, printTable } from './support/table.ts';

export async function run(): Promise<void> {
  const peers = await availablePeers([v8Peer, numexprPeer, duckdbPeer, plainPeer, exprjitPeer]);
  try {
    for (const each of columnCases) await measureCase(peers, each);
  } finally {
    for (const peer of peers) await peer.close?.();
  }
}

async function measureCase(peers: readonly KernelPeer<ColumnCase>[], each: ColumnCase): Promise<void> {
  const taken: { length: number; samples: Samples }[] = [];
  for (const length of columnLengths)
    taken.push({ length, samples: await measureRow(peers, each, length, { rounds: 15, warmUp: 3e8 }) });
  const names = peers.map(({ name }) => name).filter((name) => taken[0]?.samples.has(name));
  const reference = each.bound?.of ?? v8Peer.name;
  const rows = taken.map(({ length, samples }) => {
    const of = (name: string): readonly number[] => samples.get(name) ?? [];
    const ratio = medianRatio(of(exprjitPeer.name), of(reference));
    return [
      length.toLocaleString('en'),
      ...names.map((name) => median(of(name)).toPrecision(3)),
      formatRatio(ratio),
      verdict(each, length, ratio),
    ];
  });
  const title = `${each.name}: ${each.source}, ns per row`;
  printTable(title, ['rows', ...names, `of the time of ${reference}`, 'bound'], rows);
}

function verdict({ bound }: ColumnCase, length: number, ratio: number): string {
  if (bound === undefined || length < (bound.rows ?? 0)) return '–';
  return `${formatRatio(bound.most)} ${ratio <= bound.most ? 'kept' : 'missed'}`;
}
