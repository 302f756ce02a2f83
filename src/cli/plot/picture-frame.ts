import { type Axis, longestOf, type Tick } from './axis.ts';
import { type Colour, line, type Shape, type Text, textWidth } from './picture.ts';

export const pictureSize = { width: 800, height: 480 } as const;

/** To the left is more where labels are longer than usual. */
const margin = { left: 70, right: 20, top: 40, bottom: 40 } as const;

const labelSize = 13;
const mostTicksAcross = 8;
const ticksDown = 6;

/** Between labels below the axis. */
const labelGap = 12;

export const ink: Colour = '#222222';
const labelInk: Colour = '#555555';
const frameInk: Colour = '#888888';
const gridInk: Colour = '#e4e4e4';

/** Where a picture's axes are, with their labels. */
export interface PictureFrame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Lines of the grid, which belong behind what is drawn. */
  readonly grid: readonly Shape[];
  /** Frame and labels. */
  readonly border: readonly Shape[];
}

/** `headings` and `sidebar` are pixels that are needed above the frame, beyond those for one line, and to the right of it. */
export function pictureFrame(xAxis: Axis, yAxis: Axis, headings: number, sidebar: number): PictureFrame {
  const yTicks = yAxis.ticks(ticksDown);
  const longest = 'x'.repeat(longestOf(yTicks.map(({ label }) => label)));
  const left = Math.max(margin.left, 14 + textWidth(longest, labelSize));
  const top = margin.top + headings;
  const width = pictureSize.width - left - margin.right - sidebar;
  const height = pictureSize.height - top - margin.bottom;
  const [right, bottom] = [left + width, top + height];
  const across = ticksAcross(xAxis, width).map((tick) => ({
    ...tick,
    at: left + xAxis.fromLow(tick.value) * width,
  }));
  const down = yTicks.map((tick) => ({ ...tick, at: top + yAxis.fromHigh(tick.value) * height }));
  const label = (text: string, x: number, y: number, anchor: Text['anchor']): Text => {
    return { kind: 'text', x, y, anchor, text, size: labelSize, colour: labelInk };
  };
  const vertical = (x: number) =>
    line(
      [
        { x, y: top },
        { x, y: bottom },
      ],
      1,
      gridInk,
    );
  const horizontal = (y: number) =>
    line(
      [
        { x: left, y },
        { x: right, y },
      ],
      1,
      gridInk,
    );
  const corners = [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
    [left, top],
  ] as const;
  return {
    left,
    top,
    width,
    height,
    grid: [...across.map(({ at }) => vertical(at)), ...down.map(({ at }) => horizontal(at))],
    border: [
      line(
        corners.map(([x, y]) => ({ x, y })),
        1,
        frameInk,
      ),
      ...across.map(({ at, label: text }) => {
        // Nothing of the first and the last is beyond the edges.
        const half = textWidth(text, labelSize) / 2;
        const x = Math.max(Math.min(at, pictureSize.width - sidebar - half), half);
        return label(text, x, bottom + 20, 'middle');
      }),
      ...down.map(({ at, label: text }) => label(text, left - 8, at + 4, 'end')),
    ],
  };
}

/** As many ticks as have room for their labels. */
function ticksAcross(axis: Axis, width: number): readonly Tick[] {
  for (let count = mostTicksAcross; ; count--) {
    const ticks = axis.ticks(count);
    const room = width / Math.max(ticks.length, 1) - labelGap;
    const longest = Math.max(...ticks.map(({ label }) => textWidth(label, labelSize)), 0);
    if (longest <= room || count === 1) return ticks;
  }
}
