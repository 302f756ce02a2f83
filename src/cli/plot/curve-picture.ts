import { Axis } from './axis.ts';
import { visibleStrokes } from './clip.ts';
import { type Curve, commonRange } from './curve.ts';
import { cutOff, legendLabel } from './legend-text.ts';
import { type Colour, line, type Picture, type Shape, type Text, textWidth } from './picture.ts';
import { ink, pictureFrame, pictureSize } from './picture-frame.ts';
import type { Range } from './range.ts';

/** Samples that are worth drawing: two for each pixel, as many screens have. */
export const pictureSamples = 2 * pictureSize.width;

const colours: readonly Colour[] = ['#1f6feb', '#d9480f', '#2b8a3e', '#9c36b5', '#b08800', '#c2255c'];

const curveWidth = 2;
const titleSize = 16;
const legendSize = 14;
const legendLine = 22;

/** The piece of a curve in front of its label. */
const sampleLength = 22;

/** Curves with axes and grid, and what they are above it. */
export function curvePicture(curves: readonly Curve[], range: Range): Picture {
  const xAxis = new Axis(range);
  const yAxis = new Axis(commonRange(curves));
  const legend = curves.length > 1 ? legendOf(curves) : titleOf(curves[0]);
  const frame = pictureFrame(xAxis, yAxis, (legend.lines - 1) * legendLine, 0);
  const strokes = curves.flatMap((curve, i) =>
    visibleStrokes(curve.strokes, xAxis, yAxis).map(({ points }) => {
      const placed = points.map(({ x, y }) => ({
        x: frame.left + x * frame.width,
        y: frame.top + y * frame.height,
      }));
      return line(placed, curveWidth, colourOf(i));
    }),
  );
  return { ...pictureSize, shapes: [...legend.shapes, ...frame.grid, ...frame.border, ...strokes] };
}

interface Legend {
  readonly shapes: readonly Shape[];
  readonly lines: number;
}

function titleOf(curve: Curve | undefined): Legend {
  return {
    shapes: [heading(labelOf(curve, titleSize, pictureSize.width - 90), 70, 24, titleSize)],
    lines: 1,
  };
}

/** As many curves in a line as fit. */
function legendOf(curves: readonly Curve[]): Legend {
  const shapes: Shape[] = [];
  const [left, right] = [70, pictureSize.width - 20];
  let x = left;
  let lines = 1;
  curves.forEach((curve, i) => {
    const text = labelOf(curve, legendSize, right - left - sampleLength - 6);
    const width = sampleLength + 6 + textWidth(text, legendSize);
    if (x > left && x + width > right) {
      x = left;
      lines++;
    }
    const y = 24 + (lines - 1) * legendLine;
    shapes.push(
      line(
        [
          { x, y: y - 5 },
          { x: x + sampleLength, y: y - 5 },
        ],
        3,
        colourOf(i),
      ),
    );
    shapes.push(heading(text, x + sampleLength + 6, y, legendSize));
    x += width + 16;
  });
  return { shapes, lines };
}

function labelOf(curve: Curve | undefined, size: number, room: number): string {
  return cutOff(curve === undefined ? '' : legendLabel(curve), Math.floor(room / textWidth('x', size)));
}

function heading(text: string, x: number, y: number, size: number): Text {
  return { kind: 'text', x, y, anchor: 'start', text, size, colour: ink };
}

function colourOf(curve: number): Colour {
  return colours[curve % colours.length] ?? ink;
}
