import type { Axis } from './axis.ts';
import type { Stroke } from './curve.ts';
import type { Point } from './discontinuity.ts';

/** A part of a stroke that is within the frame; coordinates are shares of it, from the left and from the top. */
export interface VisibleStroke {
  readonly points: readonly Point[];
  /** Where the stroke comes out of a pole, if it does. */
  readonly pole: number | undefined;
}

/** Frames above and below the frame; farther away all is alike. */
const farthest = 1e6;

/** The parts of strokes that are within the frame, cut off where they leave it. */
export function visibleStrokes(strokes: readonly Stroke[], xAxis: Axis, yAxis: Axis): VisibleStroke[] {
  const toFrame = ({ x, y }: Point): Point => ({
    x: xAxis.fromLow(x),
    y: Math.min(Math.max(yAxis.fromHigh(y), -farthest), farthest),
  });
  return strokes.flatMap(({ points, isAfterPole }) => {
    const placed = points.map(toFrame);
    return partsOf(placed).map((part) => ({ points: part, pole: isAfterPole ? placed[0]?.x : undefined }));
  });
}

function partsOf(points: readonly Point[]): Point[][] {
  const parts: Point[][] = [];
  let part: Point[] = [];
  const end = (): void => {
    if (part.length > 0) parts.push(part);
    part = [];
  };
  let previous: Point | undefined;
  for (const point of points) {
    if (previous === undefined) {
      if (isWithin(point)) part.push(point);
    } else {
      const cut = cutOff(previous, point);
      if (cut === undefined) end();
      else {
        if (part.length === 0) part.push(cut.from);
        part.push(cut.to);
        if (!isWithin(point)) end();
      }
    }
    previous = point;
  }
  end();
  return parts;
}

function isWithin({ y }: Point): boolean {
  return y >= 0 && y <= 1;
}

/** What of a line is between the top and the bottom. */
function cutOff(from: Point, to: Point): { readonly from: Point; readonly to: Point } | undefined {
  if (Math.max(from.y, to.y) < 0 || Math.min(from.y, to.y) > 1) return undefined;
  const inside = (point: Point): Point => {
    if (isWithin(point)) return point;
    const y = point.y < 0 ? 0 : 1;
    return { x: from.x + ((to.x - from.x) * (y - from.y)) / (to.y - from.y), y };
  };
  return { from: inside(from), to: inside(to) };
}
