import type { BlockInfo, MemoryLayout, Statistics } from '../../index.ts';
import { formatAddress, formatBytes, formatCount } from '../format.ts';
import type { Palette } from '../style.ts';

/** Something that is known to lie in memory. */
export interface Resident {
  readonly name: string;
  readonly address: number;
  /** Bytes. */
  readonly size: number;
}

/** Characters of a bar where there is room, and beside it in its line. */
const longestBar = 64;
const besideBar = 26;

/** How full the part of a block is that a character of a bar stands for: to the eighth. */
const fills = ['·', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'] as const;

/** Spans that are listed of each block. */
const mostSpans = 32;

/** Pools and blocks with bars of their occupancy, spans with the names of what lies in them, and totals. */
export function memoryView(
  { pools, blocks }: MemoryLayout,
  statistics: Statistics,
  residents: readonly Resident[],
  palette: Palette,
  columns = longestBar + besideBar,
): string {
  const barWidth = Math.max(Math.min(longestBar, columns - besideBar), 8);
  if (pools.length === 0) return 'no executable memory: this engine runs no machine code';
  const parts = pools.map(({ granularity }, index) => {
    const own = blocks.filter(({ pool }) => pool === index);
    const title = `pool ${index}, granularity ${granularity} bytes: ${plural(own.length, 'block')}`;
    return [palette.bold(title), ...own.map((block) => blockView(block, residents, palette, barWidth))].join(
      '\n',
    );
  });
  return [...parts, '', totals(blocks, statistics)].join('\n');
}

function blockView(
  block: BlockInfo,
  residents: readonly Resident[],
  palette: Palette,
  barWidth: number,
): string {
  const { address, rw, size, usedSize, spans, largePages } = block;
  const mapping = rw === address ? 'writable and executable' : `writable at ${formatAddress(rw)}`;
  const lines = [
    `  ${formatAddress(address)}  ${formatBytes(size)}, ${mapping}${largePages ? ', large pages' : ''}`,
    `  ${palette.green(occupancy(block, barWidth))}  ${percent(usedSize / size)} in ${plural(spans.length, 'span')}`,
  ];
  for (const { offset, size: spanSize } of spans.slice(0, mostSpans)) {
    const start = address + offset;
    const inside = residents.filter((item) => item.address >= start && item.address < start + spanSize);
    const names = inside.map(({ name, size: used }) => `${palette.cyan(name)} (${formatBytes(used)})`);
    const range = `+${offset.toString(16).padStart(5, '0')}`;
    lines.push(
      `    ${palette.dim(range)}  ${formatBytes(spanSize).padStart(10)}  ${names.join(', ')}`.trimEnd(),
    );
  }
  if (spans.length > mostSpans) lines.push(`    … and ${formatCount(spans.length - mostSpans)} more`);
  return lines.join('\n');
}

/** A bar whose characters each stand for an equal part of the block. */
function occupancy({ size, spans }: BlockInfo, barWidth: number): string {
  const cell = size / barWidth;
  const used = new Float64Array(barWidth);
  for (const span of spans) {
    const end = span.offset + span.size;
    const last = Math.min(Math.ceil(end / cell), barWidth);
    for (let i = Math.floor(span.offset / cell); i < last; i++) {
      used[i] = (used[i] as number) + Math.min(end, (i + 1) * cell) - Math.max(span.offset, i * cell);
    }
  }
  // What is not empty shows, however little it is.
  return Array.from(used, (bytes) => fills[Math.ceil((bytes / cell) * 8 - 1e-9)] ?? '█').join('');
}

function totals(blocks: readonly BlockInfo[], statistics: Statistics): string {
  const { usedSize, reservedSize, unusedSize, overheadSize, allocationCount } = statistics;
  const share = (size: number): string => (reservedSize === 0 ? '' : ` (${percent(size / reservedSize)})`);
  const free = blocks.flatMap(freeRuns);
  const total = free.reduce((sum, run) => sum + run, 0);
  const fragmentation = total === 0 ? 0 : 1 - Math.max(...free) / total;
  return [
    `used           ${formatBytes(usedSize)}${share(usedSize)} in ${plural(allocationCount, 'span')}`,
    `reserved       ${formatBytes(reservedSize)} in ${plural(blocks.length, 'block')}`,
    `unused         ${formatBytes(unusedSize)}${share(unusedSize)}`,
    `bookkeeping    ${formatBytes(overheadSize)}${share(overheadSize)}, outside of executable memory`,
    `fragmentation  ${percent(fragmentation)} of what is free lies outside of the largest run`,
  ].join('\n');
}

/** Sizes in bytes of the gaps between spans. */
function freeRuns({ size, spans }: BlockInfo): number[] {
  const runs: number[] = [];
  let end = 0;
  for (const span of spans) {
    if (span.offset > end) runs.push(span.offset - end);
    end = span.offset + span.size;
  }
  if (end < size) runs.push(size - end);
  return runs;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}
