import { extent } from 'd3-array';
import type { Point } from './discontinuity.ts';
import { glyphHeight, glyphWidth, hasDot } from './font.ts';
import type { Colour, Picture, Shape, Tiles } from './picture.ts';
import type { Pixels } from './png.ts';

/** Pixels of a file for each of the screen, so that lines and letters are fine. */
const scale = 2;

/** Dots of letters for a pixel of their size: letters are not wider than those of a browser. */
const dotShare = 0.116;

const ground = 0xff;

/** A picture as pixels, on white. */
export function pixelsOf({ width, height, shapes }: Picture): Pixels {
  const canvas = new Canvas(width * scale, height * scale);
  for (const shape of shapes) canvas.draw(shape);
  return canvas.pixels;
}

class Canvas {
  readonly pixels: Pixels;
  /** How much of each pixel the line that is being drawn covers. */
  readonly #coverage: Float32Array;

  constructor(width: number, height: number) {
    this.pixels = { width, height, data: new Uint8Array(width * height * 3).fill(ground) };
    this.#coverage = new Float32Array(width * height);
  }

  draw(shape: Shape): void {
    switch (shape.kind) {
      case 'line': {
        const points = shape.points.map(({ x, y }) => ({ x: x * scale, y: y * scale }));
        this.#line(points, (shape.width * scale) / 2, shape.colour);
        return;
      }
      case 'text': {
        const dot = Math.max(Math.floor(shape.size * scale * dotShare), 1);
        const advance = (glyphWidth + 1) * dot;
        const characters = Array.from(shape.text);
        const share = { start: 0, middle: 0.5, end: 1 }[shape.anchor];
        const left = Math.round(shape.x * scale - share * (characters.length * advance - dot));
        const top = Math.round(shape.y * scale) - glyphHeight * dot;
        characters.forEach((character, i) => {
          this.#glyph(character, left + i * advance, top, dot, shape.colour);
        });
        return;
      }
      case 'tiles':
        this.#tiles(shape);
        return;
    }
  }

  #glyph(character: string, left: number, top: number, dot: number, colour: Colour): void {
    for (let row = 0; row < glyphHeight; row++) {
      for (let column = 0; column < glyphWidth; column++) {
        if (!hasDot(character, column, row)) continue;
        const [x, y] = [left + column * dot, top + row * dot];
        this.#fill(x, y, x + dot, y + dot, colour);
      }
    }
  }

  #fill(left: number, top: number, right: number, bottom: number, colour: Colour): void {
    const area = this.#within(left, top, right, bottom);
    for (let y = area.top; y < area.bottom; y++) {
      for (let x = area.left; x < area.right; x++) this.#blend(x, y, 1, colour);
    }
  }

  #tiles({ x, y, width, height, pixels }: Tiles): void {
    const [left, top, across, down] = [x * scale, y * scale, width * scale, height * scale];
    const [right, bottom] = [Math.round(left + across), Math.round(top + down)];
    const area = this.#within(Math.round(left), Math.round(top), right, bottom);
    for (let row = area.top; row < area.bottom; row++) {
      const from = Math.floor(((row + 0.5 - top) / down) * pixels.height) * pixels.width;
      for (let column = area.left; column < area.right; column++) {
        const tile = from + Math.floor(((column + 0.5 - left) / across) * pixels.width);
        const start = (row * this.pixels.width + column) * 3;
        this.pixels.data.set(pixels.data.subarray(tile * 3, tile * 3 + 3), start);
      }
    }
  }

  /** A pixel is covered by as much of the line as it is near: so edges are smooth, and pieces that meet are one. */
  #line(points: readonly Point[], radius: number, colour: Colour): void {
    points.forEach((to, i) => {
      // One point alone is a piece without length.
      if (i > 0 || points.length === 1) this.#cover(points[i - 1] ?? to, to, radius);
    });
    const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
    const area = this.#around(xs, ys, radius);
    const { width } = this.pixels;
    for (let y = area.top; y < area.bottom; y++) {
      for (let x = area.left; x < area.right; x++) {
        const covered = this.#coverage[y * width + x] ?? 0;
        if (covered === 0) continue;
        this.#blend(x, y, covered, colour);
        this.#coverage[y * width + x] = 0;
      }
    }
  }

  #cover(from: Point, to: Point, radius: number): void {
    const area = this.#around([from.x, to.x], [from.y, to.y], radius);
    const { width } = this.pixels;
    for (let y = area.top; y < area.bottom; y++) {
      for (let x = area.left; x < area.right; x++) {
        const away = distance({ x: x + 0.5, y: y + 0.5 }, from, to);
        const covered = Math.min(Math.max(radius + 0.5 - away, 0), 1);
        if (covered > (this.#coverage[y * width + x] ?? 0)) this.#coverage[y * width + x] = covered;
      }
    }
  }

  #around(xs: readonly number[], ys: readonly number[], radius: number): Area {
    const [[left = 0, right = 0], [top = 0, bottom = 0]] = [extent(xs), extent(ys)];
    return this.#within(
      Math.floor(left - radius - 1),
      Math.floor(top - radius - 1),
      Math.ceil(right + radius + 1),
      Math.ceil(bottom + radius + 1),
    );
  }

  #within(left: number, top: number, right: number, bottom: number): Area {
    const { width, height } = this.pixels;
    return {
      left: Math.max(left, 0),
      top: Math.max(top, 0),
      right: Math.min(right, width),
      bottom: Math.min(bottom, height),
    };
  }

  #blend(x: number, y: number, share: number, colour: Colour): void {
    const { width, data } = this.pixels;
    const value = Number.parseInt(colour.slice(1), 16);
    const start = (y * width + x) * 3;
    for (let channel = 0; channel < 3; channel++) {
      const wanted = (value >> (16 - 8 * channel)) & 0xff;
      const present = data[start + channel] ?? ground;
      data[start + channel] = Math.round(present + (wanted - present) * share);
    }
  }
}

/** Pixels from the left and the top ones to those before the right and the bottom ones. */
interface Area {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

function distance({ x, y }: Point, from: Point, to: Point): number {
  const [width, height] = [to.x - from.x, to.y - from.y];
  const length = width * width + height * height;
  const along = length === 0 ? 0 : ((x - from.x) * width + (y - from.y) * height) / length;
  const nearest = Math.min(Math.max(along, 0), 1);
  return Math.hypot(x - from.x - nearest * width, y - from.y - nearest * height);
}
