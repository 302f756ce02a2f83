import { ticks } from 'd3-array';
import { type Curve, type Range, visibleRange } from './curve.ts';
import { formatTick } from './terminal-plot.ts';

const width = 800;
const height = 480;
const margin = { left: 70, right: 20, top: 40, bottom: 40 };
const plotWidth = width - margin.left - margin.right;
const plotHeight = height - margin.top - margin.bottom;

/** Samples that are worth drawing: about one for each pixel. */
export const svgSamples = plotWidth + 1;

/** A curve with axes and grid as an SVG document of its own, readable on light and dark ground. */
export function svgPlot(curve: Curve): string {
  const xRange = { low: curve.x[0] ?? 0, high: curve.x[curve.x.length - 1] ?? 1 };
  const yRange = visibleRange(curve.y);
  const toX = (x: number): number =>
    margin.left + ((x - xRange.low) / (xRange.high - xRange.low)) * plotWidth;
  const toY = (y: number): number =>
    margin.top + ((yRange.high - y) / (yRange.high - yRange.low)) * plotHeight;
  const grid = [
    ...ticks(xRange.low, xRange.high, 8).map((tick) => verticalLine(toX(tick), formatTick(tick))),
    ...ticks(yRange.low, yRange.high, 6).map((tick) => horizontalLine(toY(tick), formatTick(tick))),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13">
<rect width="${width}" height="${height}" fill="#ffffff"/>
<text x="${margin.left}" y="24" font-size="16" fill="#222222">${escapeXml(curve.label)}</text>
${grid.join('\n')}
<rect x="${margin.left}" y="${margin.top}" width="${plotWidth}" height="${plotHeight}" fill="none" stroke="#888888"/>
<path d="${pathOf(curve, yRange, toX, toY)}" fill="none" stroke="#1f6feb" stroke-width="2" stroke-linejoin="round"/>
</svg>
`;
}

/** Strokes between visible samples; the pen is lifted at the others. */
function pathOf(curve: Curve, range: Range, toX: (x: number) => number, toY: (y: number) => number): string {
  let pen = 'M';
  const parts: string[] = [];
  curve.y.forEach((y, i) => {
    if (y >= range.low && y <= range.high) {
      parts.push(`${pen}${toX(curve.x[i] ?? 0).toFixed(1)} ${toY(y).toFixed(1)}`);
      pen = 'L';
    } else {
      pen = 'M';
    }
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

function horizontalLine(y: number, label: string): string {
  return (
    `<path d="M${margin.left} ${y.toFixed(1)}H${width - margin.right}" stroke="#e4e4e4"/>` +
    `<text x="${margin.left - 8}" y="${(y + 4).toFixed(1)}" text-anchor="end" fill="#555555">${label}</text>`
  );
}

const entities: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' };

function escapeXml(text: string): string {
  return text.replace(/[<>&"]/g, (character) => entities[character] ?? character);
}
