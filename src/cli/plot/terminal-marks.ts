import type { MarkKind } from './screen.ts';

/** How the dots of one character of a plot are written. */
export interface Marks {
  readonly dotsAcross: number;
  readonly dotsDown: number;
  /** The bit of a dot, counted within its character. */
  bit(row: number, column: number): number;
  /** The character that has these bits, of the curve of that number. */
  glyph(bits: number, curve: number): string;
  readonly axis: {
    readonly line: string;
    readonly tick: string;
    readonly corner: string;
    readonly base: string;
  };
}

/** The bit of each dot in a braille character, by row, then column (Unicode chart 2800). */
const brailleBits = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80];

const boxes = { line: '│', tick: '┤', corner: '└', base: '─' };

/** Of each curve another. */
const letters = '*+ox#@';

const marksByKind: Readonly<Record<MarkKind, Marks>> = {
  braille: {
    dotsAcross: 2,
    dotsDown: 4,
    bit: (row, column) => brailleBits[row * 2 + column] ?? 0,
    glyph: (bits) => String.fromCharCode(0x2800 + bits),
    axis: boxes,
  },
  blocks: {
    dotsAcross: 1,
    dotsDown: 2,
    bit: (row) => 1 << row,
    glyph: (bits) => ' ▀▄█'[bits] ?? ' ',
    axis: boxes,
  },
  ascii: {
    dotsAcross: 1,
    dotsDown: 1,
    bit: () => 1,
    glyph: (bits, curve) => (bits === 0 ? ' ' : (letters[curve] ?? '*')),
    axis: { line: '|', tick: '+', corner: '+', base: '-' },
  },
};

export function marksOf(kind: MarkKind): Marks {
  return marksByKind[kind];
}
