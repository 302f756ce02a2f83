/** Arithmetic on doubles. JavaScript's own is that of IEEE 754, rounded to the nearest as generated code has it. */
import { fusedMultiplyAdd } from '../../../src/support/float.ts';
import { lanes2 } from './lanes.ts';
import { isNaNBits, isSignaling, propagatedNaN, quieted } from './nan.ts';
import type { SemanticsTable } from './semantics.ts';
import { vectorOperation } from './vector-operation.ts';

type Traits = { readonly scalar?: true };

/** The packed and the scalar instruction. */
function both(name: string, make: (traits: Traits) => SemanticsTable[string]): SemanticsTable {
  return Object.fromEntries([
    [`${name}pd`, make({})],
    [`${name}sd`, make({ scalar: true })],
  ]) as SemanticsTable;
}

const unary = (name: string, compute: (x: number, immediate: number) => number): SemanticsTable =>
  both(name, (traits) =>
    vectorOperation(
      { sources: 1, element: 8, ...traits },
      ({ doubles, quads }, result, [a = 0], lanes, imm) => {
        for (let lane = 0; lane < lanes; lane++) {
          const value = compute(doubles[a / 8 + lane] as number, imm);
          if (Number.isNaN(value)) quads[result / 8 + lane] = propagatedNaN(quads[a / 8 + lane] as bigint);
          else doubles[result / 8 + lane] = value;
        }
      },
    ),
  );

const binary = (name: string, compute: (x: number, y: number) => number): SemanticsTable =>
  both(name, (traits) =>
    vectorOperation(
      { sources: 2, element: 8, ...traits },
      ({ doubles, quads }, result, [a = 0, b = 0], lanes) => {
        for (let lane = 0; lane < lanes; lane++) {
          const value = compute(doubles[a / 8 + lane] as number, doubles[b / 8 + lane] as number);
          if (Number.isNaN(value)) {
            quads[result / 8 + lane] = propagatedNaN(
              quads[a / 8 + lane] as bigint,
              quads[b / 8 + lane] as bigint,
            );
          } else {
            doubles[result / 8 + lane] = value;
          }
        }
      },
    ),
  );

/** The first operand, bit for bit, if `isFirst`, which is false of NaN; else the second. */
const selection = (name: string, isFirst: (x: number, y: number) => boolean): SemanticsTable =>
  both(name, (traits) =>
    vectorOperation(
      { sources: 2, element: 8, ...traits },
      ({ doubles, quads }, result, [a = 0, b = 0], lanes) => {
        for (let lane = 0; lane < lanes; lane++) {
          const from = isFirst(doubles[a / 8 + lane] as number, doubles[b / 8 + lane] as number) ? a : b;
          quads[result / 8 + lane] = quads[from / 8 + lane] as bigint;
        }
      },
    ),
  );

/** The operands of the product and the sum among the three, by number, and the signs that these two get. */
const fusedBy = (
  name: string,
  [x, y, z]: readonly [number, number, number],
  [ofProduct, ofAddend]: readonly [number, number],
): SemanticsTable =>
  both(name, (traits) =>
    vectorOperation({ sources: 3, element: 8, ...traits }, ({ doubles, quads }, result, sources, lanes) => {
      for (let lane = 0; lane < lanes; lane++) {
        const [at, by, plus] = [x, y, z].map((number) => (sources[number] as number) / 8 + lane) as [
          number,
          number,
          number,
        ];
        const value = fusedMultiplyAdd(
          ofProduct * (doubles[at] as number),
          doubles[by] as number,
          ofAddend * (doubles[plus] as number),
        );
        if (Number.isNaN(value)) {
          const order = [at, by, plus].map((index) => quads[index] as bigint);
          quads[result / 8 + lane] = propagatedNaN(...order);
        } else {
          doubles[result / 8 + lane] = value;
        }
      }
    }),
  );

/** All three forms, whose digits say which operands are multiplied and which is added. */
const fused = (name: string, signs: readonly [number, number]): SemanticsTable => ({
  ...fusedBy(`${name}132`, [0, 2, 1], signs),
  ...fusedBy(`${name}213`, [1, 0, 2], signs),
  ...fusedBy(`${name}231`, [1, 2, 0], signs),
});

/** `roundpd` by the low bits of its immediate; bit 2 stands for the mode of the control register, to the nearest. */
function rounded(x: number, immediate: number): number {
  if ((immediate & 0xf0) !== 0) throw new Error('fixed-point rounding is not simulated');
  switch (immediate & 7) {
    case 1:
      return Math.floor(x);
    case 2:
      return Math.ceil(x);
    case 3:
      return Math.trunc(x);
    default:
      return roundedToEven(x);
  }
}

/** To the nearest integer, ties to even; keeps the sign of zero. */
export function roundedToEven(x: number): number {
  const magnitude = Math.abs(x);
  if (!(magnitude < 2 ** 52)) return x;
  const nearest = magnitude + 2 ** 52 - 2 ** 52;
  return x < 0 || Object.is(x, -0) ? -nearest : nearest;
}

const comparisons: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => x === y,
  (x, y) => x < y,
  (x, y) => x <= y,
  (x, y) => Number.isNaN(x) || Number.isNaN(y),
  (x, y) => x !== y,
  (x, y) => !(x < y),
  (x, y) => !(x <= y),
  (x, y) => !Number.isNaN(x) && !Number.isNaN(y),
  (x, y) => !(x < y || x > y),
  (x, y) => !(x >= y),
  (x, y) => !(x > y),
  () => false,
  (x, y) => x < y || x > y,
  (x, y) => x >= y,
  (x, y) => x > y,
  () => true,
];

/** A predicate of `cmppd`. From 16 on they are the same, and differ in whether a quiet NaN is reported. */
function compares(immediate: number): (x: number, y: number) => boolean {
  return comparisons[immediate & 15] as (x: number, y: number) => boolean;
}

const compare = (traits: Traits) =>
  vectorOperation(
    { sources: 2, element: 8, ...traits },
    ({ doubles, quads }, result, [a = 0, b = 0], lanes, immediate) => {
      const holds = compares(immediate);
      for (let lane = 0; lane < lanes; lane++) {
        const isSet = holds(doubles[a / 8 + lane] as number, doubles[b / 8 + lane] as number);
        quads[result / 8 + lane] = isSet ? ~0n : 0n;
      }
    },
  );

const scratch = new DataView(new ArrayBuffer(8));
const signBit = 1n << 63n;

function fromBits(bits: bigint): number {
  scratch.setBigUint64(0, bits);
  return scratch.getFloat64(0);
}

/** `vrangepd` (Intel manual volume 2): which of the two by bits 0 and 1, the sign of the result by bits 2 and 3. */
export function range(x: bigint, y: bigint, immediate: number): bigint {
  const signaling = [x, y].find(isSignaling);
  if (signaling !== undefined) return quieted(signaling);
  const chosen = rangeChoice(x, y, immediate & 3);
  const magnitude = chosen & ~signBit;
  switch ((immediate >> 2) & 3) {
    case 0:
      return (x & signBit) | magnitude;
    case 1:
      return chosen;
    case 2:
      return magnitude;
    default:
      return magnitude | signBit;
  }
}

function rangeChoice(x: bigint, y: bigint, choice: number): bigint {
  if (isNaNBits(y)) return x;
  if (isNaNBits(x)) return y;
  const isAbsolute = choice >= 2;
  const isLarger = (choice & 1) === 1;
  const [left, right] = [x, y].map((bits) => fromBits(isAbsolute ? bits & ~signBit : bits)) as [
    number,
    number,
  ];
  if (left === right) {
    // Zeros, or magnitudes, that differ in sign: the negative one is the smaller.
    const [negative, other] = (x & signBit) !== 0n ? [x, y] : [y, x];
    return isLarger ? other : negative;
  }
  return left < right === isLarger ? y : x;
}

export const doubleOperations: SemanticsTable = {
  ...binary('add', (x, y) => x + y),
  ...binary('sub', (x, y) => x - y),
  ...binary('mul', (x, y) => x * y),
  ...binary('div', (x, y) => x / y),
  ...selection('min', (x, y) => x < y),
  ...selection('max', (x, y) => x > y),
  ...unary('sqrt', Math.sqrt),
  ...unary('round', rounded),
  ...unary('rndscale', rounded),
  ...fused('vfmadd', [1, 1]),
  ...fused('vfmsub', [1, -1]),
  ...fused('vfnmadd', [-1, 1]),
  ...both('cmp', compare),
  vrangepd: lanes2('quads', range),
  /** The second where the sign of the third is set. */
  vblendvpd: vectorOperation(
    { sources: 3, element: 8 },
    ({ quads }, result, [a = 0, b = 0, c = 0], lanes) => {
      for (let lane = 0; lane < lanes; lane++) {
        const from = ((quads[c / 8 + lane] as bigint) & signBit) === 0n ? a : b;
        quads[result / 8 + lane] = quads[from / 8 + lane] as bigint;
      }
    },
  ),
};

const logic = (
  compute: (x: number, y: number) => number,
): [ps: SemanticsTable[string], pd: SemanticsTable[string]] => [
  lanes2('dwords', compute),
  lanes2('dwords', compute, { element: 8 }),
];

const [andps, andpd] = logic((x, y) => x & y);
const [andnps, andnpd] = logic((x, y) => ~x & y);
const [orps, orpd] = logic((x, y) => x | y);
const [xorps, xorpd] = logic((x, y) => x ^ y);

export const bitwise: SemanticsTable = { andps, andpd, andnps, andnpd, orps, orpd, xorps, xorpd };
