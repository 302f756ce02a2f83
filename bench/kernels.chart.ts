import type { KernelWorkload } from './kernels.workloads.ts';

/** All measurements of one workload at one length. */
export interface KernelRow {
  readonly workload: KernelWorkload;
  readonly length: number;
  /** Nanoseconds per element, by the name of the peer; those that cannot express the workload are absent. */
  readonly times: ReadonlyMap<string, number>;
}

const peerColors = ['#9aa0a6', '#e37400', '#5f6368', '#a142f4'];
/** From the lowest feature level to the highest. */
const ourColors = ['#aecbfa', '#669df6', '#1a73e8', '#174ea6'];
const barHeight = 9;
const rowGap = 10;
const labelWidth = 170;
const plotWidth = 560;
/** The length whose rows are drawn: columns that fit in the cache, so that computing counts and not memory. */
const drawnLength = 4096;

/** Bars of how many times as fast as the baseline each peer is, per workload, on a logarithmic scale. */
export function drawKernelChart(rows: readonly KernelRow[], baseline: string): string {
  const drawn = rows.filter((row) => row.length === drawnLength);
  const names = [...new Set(drawn.flatMap(({ times }) => [...times.keys()]))].filter(
    (name) => name !== baseline,
  );
  const speeds = drawn.map(({ workload, times }) => ({
    label: workload.name,
    bars: names.flatMap((name) => {
      const own = times.get(name);
      return own === undefined ? [] : [{ name, speed: (times.get(baseline) as number) / own }];
    }),
  }));
  const fastest = Math.max(...speeds.flatMap(({ bars }) => bars.map(({ speed }) => speed)));
  const slowest = Math.min(1, ...speeds.flatMap(({ bars }) => bars.map(({ speed }) => speed)));
  const low = Math.floor(Math.log2(slowest));
  const high = Math.ceil(Math.log2(fastest));
  const place = (speed: number) => labelWidth + ((Math.log2(speed) - low) / (high - low)) * plotWidth;
  const [ours, others] = [true, false].map((own) =>
    names.filter((name) => name.startsWith('exprjit') === own),
  );
  const color = (name: string) =>
    ourColors[ours?.indexOf(name) ?? -1] ?? peerColors[others?.indexOf(name) ?? -1];

  const parts: string[] = [];
  let top = 64;
  for (const { label, bars } of speeds) {
    const middle = top + (bars.length * barHeight) / 2 + 4;
    parts.push(`<text x="${labelWidth - 8}" y="${middle}" text-anchor="end">${escapeText(label)}</text>`);
    for (const { name, speed } of bars) {
      const [from, to] = [place(1), place(speed)].sort((a, b) => a - b) as [number, number];
      parts.push(
        `<rect x="${from.toFixed(1)}" y="${top}" width="${(to - from).toFixed(1)}" height="${barHeight - 1}" fill="${color(name)}">` +
          `<title>${escapeText(`${label}, ${name}: ${speed.toPrecision(3)}×`)}</title></rect>`,
      );
      top += barHeight;
    }
    top += rowGap;
  }
  const grid = Array.from({ length: high - low + 1 }, (_, step) => {
    const at = place(2 ** (low + step)).toFixed(1);
    return (
      `<line x1="${at}" x2="${at}" y1="58" y2="${top - rowGap + 4}" stroke="#dadce0"/>` +
      `<text x="${at}" y="52" text-anchor="middle" fill="#5f6368">${2 ** (low + step)}×</text>`
    );
  });
  const columnWidth = (labelWidth + plotWidth) / Math.max(names.length, 1);
  const legend = names.map((name, index) => {
    const left = 12 + index * columnWidth;
    return (
      `<rect x="${left}" y="26" width="10" height="10" fill="${color(name)}"/>` +
      `<text x="${left + 14}" y="35">${escapeText(name)}</text>`
    );
  });
  const width = labelWidth + plotWidth + 30;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${top + 8}" viewBox="0 0 ${width} ${top + 8}" font-family="system-ui, sans-serif" font-size="11" fill="#202124">`,
    '<title>Speed of array kernels and their peers</title>',
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    `<text x="12" y="17" font-size="13" font-weight="600">Speed over arrays of ${drawnLength} elements; ${escapeText(baseline)} = 1×, logarithmic</text>`,
    ...legend,
    ...grid,
    ...parts,
    '</svg>',
  ].join('\n')}\n`;
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
