import { type AllocatorRow, phaseNames, phases } from './allocator.workload.ts';

const plotWidth = 300;
const plotHeight = 170;
const left = 62;
const top = 78;
const columnGap = 84;
const rowGap = 64;
const colors = { ours: '#1a73e8', peer: '#80868b' } as const;

/**
 * Time per operation against the number of live spans, both logarithmic: a plot for each phase of the
 * workload.
 */
export function drawAllocatorChart(rows: readonly AllocatorRow[]): string {
  const drawn = rows
    .filter(({ configuration }) => configuration === 'default')
    .sort((a, b) => a.live - b.live);
  const times = drawn.flatMap(({ ours, peer }) =>
    phases.flatMap((phase) => [ours[phase], ...(peer === undefined ? [] : [peer[phase]])]),
  );
  const low = Math.floor(Math.log10(Math.min(...times)));
  const high = Math.ceil(Math.log10(Math.max(...times)));
  const exponents = drawn.map(({ live }) => Math.log10(live));
  const firstExponent = Math.min(...exponents);
  const lastExponent = Math.max(...exponents);

  const plots = phases.map((phase, index) => {
    const originX = left + (index % 2) * (plotWidth + columnGap);
    const originY = top + (index >> 1) * (plotHeight + rowGap);
    const x = (live: number) =>
      originX + ((Math.log10(live) - firstExponent) / (lastExponent - firstExponent || 1)) * plotWidth;
    const y = (nanoseconds: number) =>
      originY + plotHeight - ((Math.log10(nanoseconds) - low) / (high - low || 1)) * plotHeight;
    const series = (name: keyof typeof colors) => {
      const points = drawn.flatMap(({ live, [name]: result }) =>
        result === undefined ? [] : [{ live, time: result[phase] }],
      );
      const path = points.map(({ live, time }) => `${x(live).toFixed(1)},${y(time).toFixed(1)}`).join(' ');
      const marks = points.map(
        ({ live, time }) =>
          `<circle cx="${x(live).toFixed(1)}" cy="${y(time).toFixed(1)}" r="3" fill="${colors[name]}">` +
          `<title>${live.toLocaleString('en')} live: ${time.toPrecision(3)} ns</title></circle>`,
      );
      return [
        `<polyline points="${path}" fill="none" stroke="${colors[name]}" stroke-width="2"/>`,
        ...marks,
      ].join('');
    };
    const grid = Array.from({ length: high - low + 1 }, (_, step) => {
      const at = y(10 ** (low + step)).toFixed(1);
      return (
        `<line x1="${originX}" x2="${originX + plotWidth}" y1="${at}" y2="${at}" stroke="#dadce0"/>` +
        `<text x="${originX - 8}" y="${Number(at) + 4}" text-anchor="end" fill="#5f6368">${formatPower(low + step)}</text>`
      );
    });
    const ticks = drawn.map(
      ({ live }) =>
        `<text x="${x(live).toFixed(1)}" y="${originY + plotHeight + 16}" text-anchor="middle" fill="#5f6368">${live.toLocaleString('en')}</text>`,
    );
    return [
      `<text x="${originX}" y="${originY - 12}" font-weight="600">${phaseNames[phase]}</text>`,
      ...grid,
      ...ticks,
      series('peer'),
      series('ours'),
    ].join('\n');
  });

  const width = left + 2 * plotWidth + columnGap + 40;
  const height = top + 2 * plotHeight + rowGap + 34;
  const legend = (name: keyof typeof colors, label: string, at: number) =>
    `<rect x="${at}" y="30" width="10" height="10" fill="${colors[name]}"/><text x="${at + 15}" y="39">${label}</text>`;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="11" fill="#202124">`,
    '<title>Time per operation of the allocators against the number of live spans</title>',
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    '<text x="12" y="19" font-size="13" font-weight="600">Time per operation against live spans of 8 to 1031 bytes</text>',
    legend('ours', 'exprjit', 12),
    drawn.some(({ peer }) => peer !== undefined) ? legend('peer', 'AsmJit (C++)', 90) : '',
    ...plots,
    '</svg>',
  ].join('\n')}\n`;
}

/** A power of ten nanoseconds, in the unit that suits. */
function formatPower(exponent: number): string {
  const units = ['ns', 'µs', 'ms', 's'];
  const unit = Math.min(Math.floor(exponent / 3), units.length - 1);
  return `${10 ** (exponent - 3 * unit)} ${units[unit]}`;
}
