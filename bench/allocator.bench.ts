/**
 * Our allocator beside AsmJit's, on the same sequence of sizes and releases; see `allocator.workload.ts`.
 *
 * The two take turns, one run each, and each round gives one ratio a phase: their median counts. Ours runs
 * warm, in this process; the peer runs warm in its own. `--chart` also draws `docs/img/allocator.svg`.
 */
import { writeFileSync } from 'node:fs';
import { JitAllocator, JitAllocatorOptions } from '../src/mem/index.ts';
import { drawAllocatorChart } from './allocator.chart.ts';
import {
  type AllocatorRow,
  makeWorkload,
  phaseNames,
  phases,
  runWorkload,
  type Workload,
  type WorkloadResult,
} from './allocator.workload.ts';
import { AsmjitPeer } from './peers/allocator-asmjit.ts';
import { median } from './support/statistics.ts';
import { formatRatio, formatTime, printTable } from './support/table.ts';

interface Setting {
  readonly name: string;
  readonly options: number;
  readonly live: number;
  readonly rounds: number;
  /** The peer's refill takes long where many spans are live. */
  readonly peerRounds: number;
}

const { None, UseDualMapping, UseMultiplePools, FillUnusedMemory } = JitAllocatorOptions;
const seed = 1;

const settings: readonly Setting[] = [
  { name: 'default', options: None, live: 1_000, rounds: 201, peerRounds: 201 },
  { name: 'default', options: None, live: 10_000, rounds: 51, peerRounds: 51 },
  { name: 'default', options: None, live: 100_000, rounds: 11, peerRounds: 11 },
  { name: 'default', options: None, live: 1_000_000, rounds: 3, peerRounds: 1 },
  { name: 'dual mapping', options: UseDualMapping, live: 100_000, rounds: 5, peerRounds: 5 },
  { name: 'multiple pools', options: UseMultiplePools, live: 100_000, rounds: 11, peerRounds: 11 },
  {
    name: 'dual mapping, filled',
    options: UseDualMapping | FillUnusedMemory,
    live: 100_000,
    rounds: 3,
    peerRounds: 3,
  },
];

export async function run(flags: readonly string[]): Promise<void> {
  const peer = new AsmjitPeer();
  const rows: AllocatorRow[] = [];
  try {
    const missing = peer.build();
    if (missing !== undefined) console.log(`Without AsmJit: ${missing}`);
    warmUp();
    for (const setting of settings) {
      rows.push(await measure(setting, missing === undefined ? peer : undefined));
    }
  } finally {
    peer.close();
    for (const allocator of longLived.splice(0)) allocator[Symbol.dispose]();
  }
  for (const row of rows) printRow(row);
  printTargets(rows);
  if (flags.includes('--chart')) {
    writeFileSync(new URL('../docs/img/allocator.svg', import.meta.url), drawAllocatorChart(rows));
    console.log('\nWrote docs/img/allocator.svg');
  }
}

/**
 * Allocators that outlive the measurements, as they do in a program. Were there none between two rounds, a
 * garbage collection would take the classes' hidden maps, and with them the optimised code.
 */
const longLived: JitAllocator[] = [];

function warmUp(): void {
  const workload = makeWorkload(10_000, seed);
  for (const { options } of settings) {
    const allocator = new JitAllocator({ options });
    for (let size = 64; size <= 1024; size += 64) allocator.alloc(size);
    longLived.push(allocator);
  }
  for (const { options } of settings) for (let i = 0; i < 8; i++) runOurs(workload, options);
}

function runOurs(workload: Workload, options: number): WorkloadResult {
  const allocator = new JitAllocator({ options });
  try {
    return runWorkload(workload, allocator);
  } finally {
    allocator[Symbol.dispose]();
  }
}

async function measure(setting: Setting, peer: AsmjitPeer | undefined): Promise<AllocatorRow> {
  const { name, options, live, rounds, peerRounds } = setting;
  const workload = makeWorkload(live, seed);
  const process = peer?.start(live, options, seed);
  const ours: WorkloadResult[] = [];
  const theirs: WorkloadResult[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      ours.push(runOurs(workload, options));
      if (process !== undefined && round < peerRounds) theirs.push(await process.run());
    }
  } finally {
    await process?.close();
  }
  return {
    configuration: name,
    live,
    ours: medians(ours),
    peer: process && medians(theirs),
    ratios: process && ratiosOf(ours, theirs, live),
  };
}

function medians(results: readonly WorkloadResult[]): WorkloadResult {
  const of = (key: keyof WorkloadResult) => median(results.map((result) => result[key]));
  return {
    fill: of('fill'),
    releaseHalf: of('releaseHalf'),
    refill: of('refill'),
    releaseAll: of('releaseAll'),
    usedRatio: of('usedRatio'),
    overheadRatio: of('overheadRatio'),
  };
}

function ratiosOf(ours: readonly WorkloadResult[], theirs: readonly WorkloadResult[], live: number) {
  const ratio = (value: (result: WorkloadResult) => number) =>
    median(theirs.map((their, round) => value(ours[round] as WorkloadResult) / value(their)));
  return {
    fill: ratio(({ fill }) => fill),
    releaseHalf: ratio(({ releaseHalf }) => releaseHalf),
    refill: ratio(({ refill }) => refill),
    releaseAll: ratio(({ releaseAll }) => releaseAll),
    total: ratio((result) => totalOf(result, live)),
  };
}

/** Nanoseconds that the whole sequence took. */
function totalOf({ fill, releaseHalf, refill, releaseAll }: WorkloadResult, live: number): number {
  return live * (fill + releaseAll) + (live >> 1) * (releaseHalf + refill);
}

function printRow({ configuration, live, ours, peer, ratios }: AllocatorRow): void {
  const line = (label: string, own: string, other: string | undefined, ratio: number | undefined) => [
    label,
    own,
    other ?? '–',
    ratio === undefined ? '–' : formatRatio(ratio),
  ];
  const percent = (ratio: number) => `${(ratio * 100).toFixed(1)} %`;
  printTable(
    `Allocator, ${configuration}, ${live.toLocaleString('en')} live spans of 8 to 1031 bytes: time per operation`,
    ['phase', 'exprjit', 'AsmJit', 'ratio'],
    [
      ...phases.map((phase) =>
        line(phaseNames[phase], formatTime(ours[phase]), peer && formatTime(peer[phase]), ratios?.[phase]),
      ),
      line(
        'whole sequence',
        formatTime(totalOf(ours, live)),
        peer && formatTime(totalOf(peer, live)),
        ratios?.total,
      ),
      line(
        'used of reserved after refill',
        percent(ours.usedRatio),
        peer && percent(peer.usedRatio),
        undefined,
      ),
      line(
        'bookkeeping of reserved',
        percent(ours.overheadRatio),
        peer && percent(peer.overheadRatio),
        undefined,
      ),
    ],
  );
}

/** What the project holds itself to, and where it stands. */
function printTargets(rows: readonly AllocatorRow[]): void {
  const at = (live: number) =>
    rows.find((row) => row.configuration === 'default' && row.live === live) as AllocatorRow;
  const large = at(100_000);
  const pools = rows.find((row) => row.configuration === 'multiple pools');
  const target = (
    what: string,
    value: number | undefined,
    bound: number,
    isMet: (value: number) => boolean,
  ) => [
    what,
    value === undefined ? '–' : value.toPrecision(3),
    String(bound),
    value === undefined ? 'no peer' : isMet(value) ? 'met' : 'MISSED',
  ];
  const atMost = (what: string, value: number | undefined, bound: number) =>
    target(`${what}, at most`, value, bound, (actual) => actual <= bound);
  printTable(
    'Targets (ratios to AsmJit at 100,000 live spans unless it says otherwise)',
    ['', 'measured', 'target', ''],
    [
      atMost('fill', large.ratios?.fill, 2),
      atMost('release half', large.ratios?.releaseHalf, 2),
      atMost('refill', large.ratios?.refill, 0.2),
      atMost('release all', large.ratios?.releaseAll, 2),
      atMost('fill of multiple pools', pools?.ratios?.fill, 2),
      atMost('whole sequence', large.ratios?.total, 1),
      atMost(
        'our refill at 1,000,000 to that at 10,000',
        at(1_000_000).ours.refill / at(10_000).ours.refill,
        2,
      ),
      target('used of reserved, at least', large.ours.usedRatio, 0.8, (actual) => actual >= 0.8),
      atMost('bookkeeping of reserved', large.ours.overheadRatio, 0.02),
    ],
  );
}
