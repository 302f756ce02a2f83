/**
 * The algebra of JavaScript's numbers: for the interpreter and for constant folding.
 *
 * Words are numbers of slots that are used in turn. A function has far fewer words than there are slots, so none is
 * overwritten before its last use, and nothing is allocated.
 */
import type { Algebra } from './algebra.ts';
import type { Table } from './table.ts';

const slotCount = 1024;
const lows = new Int32Array(slotCount);
const highs = new Int32Array(slotCount);
let last = 0;

function slot(high: number, low: number): number {
  last = (last + 1) & (slotCount - 1);
  highs[last] = high;
  lows[last] = low;
  return last;
}

const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);
const low = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 0 : 1;
const high = 1 - low;

function highOf(x: number): number {
  double[0] = x;
  return halves[high] as number;
}

/** The low half of the double that {@link highOf} was asked about last. */
function lowOfSame(): number {
  return halves[low] as number;
}

function ofHalves(highHalf: number, lowHalf: number): number {
  halves[high] = highHalf;
  halves[low] = lowHalf;
  return double[0] as number;
}

/** Veltkamp's splitter: the head of a product's factor has 26 bits. */
const splitter = 2 ** 27 + 1;

/** Clears the low 27 bits of a significand. */
function head(x: number): number {
  return ofHalves(highOf(x), lowOfSame() & 0xf8000000);
}

export const numberAlgebra: Algebra<number, number, boolean> = {
  number: (value) => value,
  word: slot,

  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  sqrt: Math.sqrt,
  floor: Math.floor,
  abs: Math.abs,

  addProduct: (c, x, y) => c + x * y,
  subProduct: (c, x, y) => c - x * y,
  exactMultiplyAdd: (x, y, c) => {
    const top = head(x);
    return top * y + c + (x - top) * y;
  },
  productError: (x, y, product) => {
    const spreadX = splitter * x;
    const spreadY = splitter * y;
    const xHead = spreadX - (spreadX - x);
    const yHead = spreadY - (spreadY - y);
    const xTail = x - xHead;
    const yTail = y - yHead;
    return xHead * yHead - product + xHead * yTail + xTail * yHead + xTail * yTail;
  },

  wordOf: (x) => slot(highOf(x), lowOfSame()),
  doubleOf: (w) => ofHalves(highs[w] as number, lows[w] as number),
  head,
  andBits: (x, y) => {
    const [xHigh, xLow] = [highOf(x), lowOfSame()];
    return ofHalves(xHigh & highOf(y), xLow & lowOfSame());
  },
  orBits: (x, y) => {
    const [xHigh, xLow] = [highOf(x), lowOfSame()];
    return ofHalves(xHigh | highOf(y), xLow | lowOfSame());
  },
  xorBits: (x, y) => {
    const [xHigh, xLow] = [highOf(x), lowOfSame()];
    return ofHalves(xHigh ^ highOf(y), xLow ^ lowOfSame());
  },
  addWords: (v, w) => {
    const [vLow, wLow] = [lows[v] as number, lows[w] as number];
    const sum = (vLow + wLow) | 0;
    const carry = sum >>> 0 < vLow >>> 0 ? 1 : 0;
    return slot((highs[v] as number) + (highs[w] as number) + carry, sum);
  },
  subWords: (v, w) => {
    const [vLow, wLow] = [lows[v] as number, lows[w] as number];
    const borrow = vLow >>> 0 < wLow >>> 0 ? 1 : 0;
    return slot((highs[v] as number) - (highs[w] as number) - borrow, vLow - wLow);
  },
  andWords: (v, w) =>
    slot((highs[v] as number) & (highs[w] as number), (lows[v] as number) & (lows[w] as number)),
  orWords: (v, w) =>
    slot((highs[v] as number) | (highs[w] as number), (lows[v] as number) | (lows[w] as number)),
  shiftLeft: (w, count) => {
    const [wHigh, wLow] = [highs[w] as number, lows[w] as number];
    if (count === 0) return w;
    if (count >= 32) return slot(wLow << (count - 32), 0);
    return slot((wHigh << count) | (wLow >>> (32 - count)), wLow << count);
  },
  shiftRight: (w, count) => {
    const [wHigh, wLow] = [highs[w] as number, lows[w] as number];
    if (count === 0) return w;
    if (count >= 32) return slot(0, wHigh >>> (count - 32));
    return slot(wHigh >>> count, (wLow >>> count) | (wHigh << (32 - count)));
  },

  less: (x, y) => x < y,
  lessOrEqual: (x, y) => x <= y,
  equal: (x, y) => x === y,
  both: (a, b) => a && b,
  either: (a, b) => a || b,
  not: (a) => !a,
  select: (condition, whenTrue, whenFalse) => (condition ? whenTrue : whenFalse),

  lookup: ({ rows, columns, values }: Table, index, column) =>
    values[((lows[index] as number) & (rows - 1)) * columns + column] as number,
};
