/** Bins of the reduction `exact`, as IR: which ones values need, where accumulators begin, and how values go into them. */
import { slots } from '../../support/element.ts';
import type { IrBuilder } from '../ir/builder.ts';
import type { Value } from '../ir/function.ts';
import { op } from '../ir/opcode.ts';
import {
  binAbove,
  binBits,
  binDistance,
  binFactor,
  binShift,
  binsPerPass,
  halfBit,
  lowestField,
  mantissaBits,
} from './exact-reduction.ts';

/** Numbers of the bins of a pass, from the uppermost on, and what accumulators begin at. */
export interface Bins {
  readonly numbers: readonly Value[];
  readonly biases: readonly Value[];
}

/** `top` is the number of the uppermost one. */
export function binsFrom(b: IrBuilder, top: Value): Bins {
  const numbers = downFrom(b, top, 1, 0);
  const biases = numbers.map((number) => {
    const distance = b.emit(op.imul, number, b.integer(BigInt(binBits)));
    return biasOf(b, b.emit(op.iadd, distance, b.integer(BigInt(lowestField))));
  });
  return { numbers, biases };
}

/** As biases of bins, but from any exponent on. */
export function biasesFrom(b: IrBuilder, field: Value): Value[] {
  return downFrom(b, field, binBits, lowestField).map((each) => biasOf(b, each));
}

/** So many numbers as a pass has bins, the next always `step` less, but none less than `least`. */
function downFrom(b: IrBuilder, first: Value, step: number, least: number): Value[] {
  const floor = b.integer(BigInt(least));
  return Array.from(slots(binsPerPass), (_, distance) => {
    const number = b.emit(op.isub, first, b.integer(BigInt(distance * step)));
    return b.select(b.emit(op.ilt, number, floor), floor, number);
  });
}

/** 1.5 times a power of two, by the exponent in its bits. */
function biasOf(b: IrBuilder, field: Value): Value {
  const bits = b.emit(op.ishl, field, b.integer(BigInt(mantissaBits)));
  return b.emit(op.iasf, b.emit(op.ior, bits, b.integer(halfBit)));
}

/** The number of the bin for values of this magnitude at the most. */
export function topOf(b: IrBuilder, greatest: Value): Value {
  const above = b.emit(op.iadd, fieldOf(b, greatest), b.integer(BigInt(binAbove)));
  return b.emit(op.ishr, b.emit(op.imul, above, b.integer(BigInt(binFactor))), b.integer(BigInt(binShift)));
}

/** The exponent of the least bias for a batch of values of this magnitude at the most. */
export function neededFor(b: IrBuilder, greatest: Value): Value {
  return b.emit(op.iadd, fieldOf(b, greatest), b.integer(BigInt(binDistance)));
}

/** The exponent of a magnitude, as its bits have it. */
function fieldOf(b: IrBuilder, magnitude: Value): Value {
  return b.emit(op.ishr, b.emit(op.fasi, magnitude), b.integer(BigInt(mantissaBits)));
}

/**
 * Takes `value` through so many bins, of which `accumulator` gives what they have become and `put` takes what they become next; gives what
 * is left of it.
 */
export function fillBins(
  b: IrBuilder,
  bins: number,
  value: Value,
  accumulator: (number: number) => Value,
  put: (number: number, next: Value) => void,
): Value {
  let left = value;
  for (let number = 0; number < bins; number++) {
    const before = accumulator(number);
    const next = b.emit(op.fadd, before, left);
    left = b.emit(op.fsub, left, b.emit(op.fsub, next, before));
    put(number, next);
  }
  return left;
}
