import { Axis, longestOf } from './axis.ts';
import { colourOf } from './colour-map.ts';
import { type Grid, type HeatMap, shares } from './heat-map.ts';
import { cutOff } from './legend-text.ts';
import { type Picture, type Text, textWidth } from './picture.ts';
import { ink, pictureFrame, pictureSize } from './picture-frame.ts';
import type { Pixels } from './png.ts';

/** About one for each pixel of the screen. */
export const pictureCells: Grid = { across: 640, down: 400 };

const titleSize = 16;
const labelSize = 13;
const bar = { gap: 16, width: 18, ticks: 6, steps: 256 } as const;

/** Of a cell without a number. */
const noColour = [0xff, 0xff, 0xff] as const;

/** A heat map with axes, and to the right which colours are which values. */
export function heatPicture(map: HeatMap): Picture {
  const values = new Axis(map.visible ?? { low: -1, high: 1 });
  const ticks = values.ticks(bar.ticks);
  const longest = 'x'.repeat(longestOf(ticks.map(({ label }) => label)));
  const sidebar = bar.gap + bar.width + 8 + textWidth(longest, labelSize);
  const frame = pictureFrame(new Axis(map.xRange), new Axis(map.yRange), 0, sidebar);
  const { left, top, width, height } = frame;
  const barLeft = left + width + bar.gap;
  const text = (content: string, x: number, y: number, size: number): Text => {
    return { kind: 'text', x, y, anchor: 'start', text: content, size, colour: ink };
  };
  const [x, y] = map.names;
  const axes = `(${x} to the right, ${y} up)`;
  const room = Math.floor((pictureSize.width - left) / textWidth('x', titleSize)) - axes.length - 1;
  const steps = Array.from({ length: bar.steps }, (_, i) => Float64Array.of(1 - i / (bar.steps - 1)));
  return {
    ...pictureSize,
    shapes: [
      text(`${cutOff(map.label, room)} ${axes}`, left, 24, titleSize),
      { kind: 'tiles', x: left, y: top, width, height, pixels: coloured(shares(map).toReversed()) },
      { kind: 'tiles', x: barLeft, y: top, width: bar.width, height, pixels: coloured(steps) },
      ...frame.border,
      ...ticks.map(({ value, label }) =>
        text(label, barLeft + bar.width + 6, top + values.fromHigh(value) * height + 4, labelSize),
      ),
    ],
  };
}

/** Rows of shares from the top as pixels. */
function coloured(rows: readonly Float64Array[]): Pixels {
  const width = rows[0]?.length ?? 0;
  const data = new Uint8Array(width * rows.length * 3);
  rows.forEach((row, y) => {
    row.forEach((share, x) => {
      data.set(Number.isNaN(share) ? noColour : colourOf(share), (y * width + x) * 3);
    });
  });
  return { width, height: rows.length, data };
}
