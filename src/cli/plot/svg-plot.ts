import { Axis } from './axis.ts';
import { type Curve, visibleRange } from './curve.ts';

const width = 800;
const height = 480;
/** To the left is more where labels are longer than usual. */
const margin = { left: 70, right: 20, top: 40, bottom: 40 };
const plotHeight = height - margin.top - margin.bottom;

/** Of a digit of a label, rather too wide. */
const characterWidth = 8;

/** Samples that are worth drawing: about one for each pixel. */
export const svgSamples = width - margin.left - margin.right + 1;

/** A curve with axes and grid as an SVG document of its own, readable on light and dark ground. */
export function svgPlot(curve: Curve): string {
  const xAxis = new Axis({ low: curve.x[0] ?? 0, high: curve.x[curve.x.length - 1] ?? 1 });
  const yAxis = new Axis(visibleRange(curve.y));
  const yTicks = yAxis.ticks(6);
  const longest = Math.max(...yTicks.map(({ label }) => label.length), 0);
  const left = Math.max(margin.left, 14 + longest * characterWidth);
  const plotWidth = width - left - margin.right;
  const toX = (x: number): number => left + xAxis.fromLow(x) * plotWidth;
  const toY = (y: number): number => margin.top + yAxis.fromHigh(y) * plotHeight;
  const grid = [
    ...xAxis.ticks(8).map(({ value, label }) => verticalLine(toX(value), label)),
    ...yTicks.map(({ value, label }) => horizontalLine(left, toY(value), label)),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13">
<rect width="${width}" height="${height}" fill="#ffffff"/>
<text x="${left}" y="24" font-size="16" fill="#222222">${escapeXml(curve.label)}</text>
${grid.join('\n')}
<rect x="${left}" y="${margin.top}" width="${plotWidth}" height="${plotHeight}" fill="none" stroke="#888888"/>
<path d="${pathOf(curve, yAxis, toX, toY)}" fill="none" stroke="#1f6feb" stroke-width="2" stroke-linejoin="round" stroke-linecap="round"/>
</svg>
`;
}

/** Strokes between visible samples, and dots where one stands alone; the pen is lifted at the others. */
function pathOf({ x, y }: Curve, axis: Axis, toX: (x: number) => number, toY: (y: number) => number): string {
  const parts: string[] = [];
  const isVisible = (i: number): boolean => axis.includes(y[i] ?? Number.NaN);
  y.forEach((value, i) => {
    if (!isVisible(i)) return;
    const isFirst = !isVisible(i - 1);
    parts.push(`${isFirst ? 'M' : 'L'}${toX(x[i] ?? 0).toFixed(1)} ${toY(value).toFixed(1)}`);
    if (isFirst && !isVisible(i + 1)) parts.push('h0');
  });
  return parts.join('');
}

function verticalLine(x: number, label: string): string {
  const bottom = height - margin.bottom;
  return (
    `<path d="M${x.toFixed(1)} ${margin.top}V${bottom}" stroke="#e4e4e4"/>` +
    `<text x="${x.toFixed(1)}" y="${bottom + 20}" text-anchor="middle" fill="#555555">${label}</text>`
  );
}

function horizontalLine(left: number, y: number, label: string): string {
  return (
    `<path d="M${left} ${y.toFixed(1)}H${width - margin.right}" stroke="#e4e4e4"/>` +
    `<text x="${left - 8}" y="${(y + 4).toFixed(1)}" text-anchor="end" fill="#555555">${label}</text>`
  );
}

const entities: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' };

function escapeXml(text: string): string {
  return text.replace(/[<>&"]/g, (character) => entities[character] ?? character);
}
