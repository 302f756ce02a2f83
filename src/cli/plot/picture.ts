import type { Point } from './discontinuity.ts';
import type { Pixels } from './png.ts';

/** `#rrggbb` */
export type Colour = `#${string}`;

/** A picture as the shapes it is made of, from the one at the back to the one in front. Lengths are pixels of the screen. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly shapes: readonly Shape[];
}

export type Shape = Line | Text | Tiles;

/** A line through points; a dot where there is one. */
export interface Line {
  readonly kind: 'line';
  readonly points: readonly Point[];
  readonly width: number;
  readonly colour: Colour;
}

/** One line of text, whose foot is at `y`. */
export interface Text {
  readonly kind: 'text';
  readonly x: number;
  readonly y: number;
  readonly anchor: 'start' | 'middle' | 'end';
  readonly text: string;
  readonly size: number;
  readonly colour: Colour;
}

/** Pixels that are stretched to a rectangle, without blending them. */
export interface Tiles {
  readonly kind: 'tiles';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly pixels: Pixels;
}

/** What a character takes, rather too much. */
export function textWidth(text: string, size: number): number {
  return text.length * size * 0.7;
}

export function line(points: readonly Point[], width: number, colour: Colour): Line {
  return { kind: 'line', points, width, colour };
}
