/** Integers in vector registers: arithmetic, shifts, and moves of lanes among each other. */
import { elementAt } from '../../../src/support/element.ts';
import type { DecodedInstruction } from './decoded-instruction.ts';
import { convert, type LaneView, lanes1, lanes2, shuffle } from './lanes.ts';
import { either, isImmediate, type Semantics, type SemanticsTable } from './semantics.ts';
import { type VectorShape, vectorOperation } from './vector-operation.ts';

/** Shifts by a constant, or by the low 64 bits of the second operand. */
const shift = (view: 'quads' | 'signedQuads', compute: (x: bigint, count: bigint) => bigint): Semantics =>
  either(
    hasImmediate,
    lanes1(view, (x, count) => compute(x, BigInt(count))),
    vectorOperation(shiftShape(8), (vectors, result, [a = 0, b = 0], lanes) => {
      const count = elementAt(vectors.quads, b / 8);
      for (let lane = 0; lane < lanes; lane++) {
        vectors[view][result / 8 + lane] = compute(elementAt(vectors[view], a / 8 + lane), count);
      }
    }),
  );

const shift32 = (view: 'dwords' | 'signedDwords', compute: (x: number, count: number) => number): Semantics =>
  either(
    hasImmediate,
    lanes1(view, compute),
    vectorOperation(shiftShape(4), (vectors, result, [a = 0, b = 0], lanes) => {
      const count = Number(elementAt(vectors.quads, b / 8));
      for (let lane = 0; lane < lanes; lane++) {
        vectors[view][result / 4 + lane] = compute(elementAt(vectors[view], a / 4 + lane), count);
      }
    }),
  );

const hasImmediate = ({ operands }: DecodedInstruction): boolean => operands.some(isImmediate);

function shiftShape(element: number): VectorShape {
  return { sources: 2, element, whole: true };
}

/** Counts beyond the width leave nothing, or copies of the sign. */
const shiftLeft = (x: bigint, count: bigint): bigint => (count > 63n ? 0n : x << count);
const shiftRight = (x: bigint, count: bigint): bigint => (count > 63n ? 0n : x >> count);
const shiftRightSigned = (x: bigint, count: bigint): bigint => x >> (count > 63n ? 63n : count);

const leadingZeros = (x: bigint): bigint => BigInt(x === 0n ? 64 : 64 - x.toString(2).length);

const clamp =
  (low: number, high: number) =>
  (x: number): number =>
    Math.min(Math.max(x, low), high);

/** Lanes of both operands, those of the first at the low end of each 128 bits, saturated to half their width. */
const pack = (from: LaneView, to: LaneView, size: 1 | 2, saturate: (x: number) => number): Semantics =>
  vectorOperation({ sources: 2, element: size, whole: true }, (vectors, result, sources, lanes) => {
    const source = vectors[from] as Int32Array;
    const target = vectors[to] as Uint16Array;
    const half = 8 / size;
    for (let lane = 0; lane < lanes; lane++) {
      const within = lane % (half * 2);
      const block = ((lane - within) / 2) | 0;
      const operand = sources[within < half ? 0 : 1] as number;
      target[result / size + lane] = saturate(
        source[operand / (size * 2) + block + (within % half)] as number,
      );
    }
  });

/** Lanes of the low halves of both operands in turn, within each 128 bits. */
const interleave = (view: 'bytes' | 'words' | 'dwords'): Semantics =>
  shuffle(view, 2, (lane) => [lane & 1, lane >> 1]);

const field = (immediate: number, position: number): number => (immediate >> (position * 2)) & 3;

/** Extends integers to 32 bits. */
const extend = (from: 'bytes' | 'words' | 'signedWords'): Semantics =>
  convert(from, 'signedDwords', (x) => x);

/** Truncates quadwords, on their way to memory. */
const truncate = (to: 'dwords' | 'words' | 'bytes'): Semantics =>
  convert('quads', to, (x) => Number(x & 0xffff_ffffn));

export const integerLanes: SemanticsTable = {
  paddq: lanes2('quads', (x, y) => x + y),
  psubq: lanes2('quads', (x, y) => x - y),
  pmuludq: lanes2('quads', (x, y) => (x & 0xffff_ffffn) * (y & 0xffff_ffffn)),
  psllq: shift('quads', shiftLeft),
  psrlq: shift('quads', shiftRight),
  vpsraq: shift('signedQuads', shiftRightSigned),
  psrad: shift32('signedDwords', (x, count) => x >> Math.min(count, 31)),
  psrld: shift32('dwords', (x, count) => (count > 31 ? 0 : x >>> count)),
  vpsllvq: lanes2('quads', shiftLeft),
  vpsrlvq: lanes2('quads', shiftRight),
  vpsravq: lanes2('signedQuads', (x, y) => shiftRightSigned(x, BigInt.asUintN(64, y))),
  vpsravd: lanes2('signedDwords', (x, y) => x >> Math.min(y >>> 0, 31)),
  vplzcntq: lanes1('quads', leadingZeros),
  pshufd: shuffle('dwords', 1, (lane, immediate) => [0, field(immediate, lane)]),
  pshuflw: shuffle('words', 1, (lane, immediate) => [0, lane < 4 ? field(immediate, lane) : lane]),
  shufps: shuffle('dwords', 2, (lane, immediate) => [lane >> 1, field(immediate, lane)]),
  unpckhpd: shuffle('dwords', 2, (lane) => [lane >> 1, 2 + (lane & 1)], { element: 4 }),
  unpcklpd: shuffle('dwords', 2, (lane) => [lane >> 1, lane & 1], { element: 4 }),
  punpcklbw: interleave('bytes'),
  punpcklwd: interleave('words'),
  punpckldq: interleave('dwords'),
  packssdw: pack('signedDwords', 'words', 2, clamp(-0x8000, 0x7fff)),
  vpackusdw: pack('signedDwords', 'words', 2, clamp(0, 0xffff)),
  packuswb: pack('signedWords', 'bytes', 1, clamp(0, 0xff)),
  vpmovzxdq: convert('dwords', 'quads', BigInt),
  vpmovzxwd: extend('words'),
  vpmovsxwd: extend('signedWords'),
  vpmovzxbd: extend('bytes'),
  vpmovsxbd: convert('bytes', 'signedDwords', (x) => (x << 24) >> 24),
  vpmovqd: truncate('dwords'),
  vpmovqw: truncate('words'),
  vpmovqb: truncate('bytes'),
  /** Sets lanes of a mask where any bit is set in both. */
  vptestmq: vectorOperation({ sources: 2, element: 8 }, ({ quads }, result, [a = 0, b = 0], lanes) => {
    for (let lane = 0; lane < lanes; lane++) {
      const common = (quads[a / 8 + lane] as bigint) & (quads[b / 8 + lane] as bigint);
      quads[result / 8 + lane] = common === 0n ? 0n : ~0n;
    }
  }),
  /** Lanes of the second and the third operand, which the first numbers. */
  vpermi2pd: vectorOperation(
    { sources: 3, element: 8 },
    ({ quads }, result, [index = 0, first = 0, second = 0], lanes) => {
      for (let lane = 0; lane < lanes; lane++) {
        const number = Number((quads[index / 8 + lane] as bigint) & 0xfn) % (2 * lanes);
        const from = number < lanes ? first : second;
        quads[result / 8 + lane] = quads[from / 8 + (number % lanes)] as bigint;
      }
    },
  ),
  vpblendd: vectorOperation(
    { sources: 2, element: 4 },
    ({ dwords }, result, [a = 0, b = 0], lanes, immediate) => {
      for (let lane = 0; lane < lanes; lane++) {
        const from = ((immediate >> lane) & 1) === 0 ? a : b;
        dwords[result / 4 + lane] = dwords[from / 4 + lane] as number;
      }
    },
  ),
};
