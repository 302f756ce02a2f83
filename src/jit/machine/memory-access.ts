/**
 * Elements of memory in machine IR: which address a load or store has, and what its instruction carries besides.
 *
 * Sums with constants become displacements, so the strands of a loop count on from one index.
 */

import { elementAt } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import type { Value } from '../ir/function.ts';
import { isMemoryType, type MemoryType, memoryTypes, sizeOf } from '../ir/memory-type.ts';
import { op } from '../ir/opcode.ts';

export interface ElementAddress {
  readonly base: Value;
  /** In elements; undefined if the displacement says all. */
  readonly index: Value | undefined;
  /** Bytes. */
  readonly displacement: number;
}

/** Displacements fit the immediate with the type beside them. */
const mostElements = 2 ** 20;

/** Of a load or a store, or of the first of several elements. */
export function addressOf({ operands, immediate }: Value): ElementAddress {
  const [base, index] = operands as [Value, Value];
  const size = sizeOf(memoryTypeOf(immediate));
  const near = (value: Value | undefined): number | undefined => {
    if (value?.op !== op.iconst) return undefined;
    const number = Number(value.immediate);
    return Math.abs(number) < mostElements ? number * size : undefined;
  };
  const fixed = near(index);
  if (fixed !== undefined) return { base, index: undefined, displacement: fixed };
  const step = index.op === op.iadd ? near(index.operands[1]) : undefined;
  if (step === undefined) return { base, index, displacement: 0 };
  return { base, index: index.operands[0], displacement: step };
}

/** What a store takes of a value: of integers the low bits, however the others came about. */
export function storedOf({ operands, immediate }: Value): Value {
  const stored = operands[2] as Value;
  const isNarrow = immediate !== 'i64' && stored.op === op.isext32;
  return isNarrow ? (stored.operands[0] as Value) : stored;
}

export function memoryTypeOf(immediate: Value['immediate']): MemoryType {
  invariant(typeof immediate === 'string' && isMemoryType(immediate), 'memory has elements of a type');
  return immediate;
}

/** The immediate of an instruction. */
export function packAccess(type: MemoryType, displacement: number): number {
  return displacement * 16 + memoryTypes.indexOf(type);
}

export function unpackAccess(immediate: number): { type: MemoryType; displacement: number } {
  return { type: elementAt(memoryTypes, immediate & 15), displacement: immediate >> 4 };
}
