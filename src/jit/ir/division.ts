/** The divisions of integers, and what is known of their divisors. */
import { elementAt } from '../../support/element.ts';
import type { Value } from './function.ts';
import { type Opcode, op } from './opcode.ts';

export interface Division {
  readonly isSigned: boolean;
  readonly isRemainder: boolean;
  /** Of the low halves. */
  readonly isNarrow: boolean;
}

const divisions: ReadonlyMap<Opcode | undefined, Division> = new Map([
  [op.idiv, { isSigned: true, isRemainder: false, isNarrow: false }],
  [op.irem, { isSigned: true, isRemainder: true, isNarrow: false }],
  [op.iudiv, { isSigned: false, isRemainder: false, isNarrow: false }],
  [op.iurem, { isSigned: false, isRemainder: true, isNarrow: false }],
  [op.idiv32, { isSigned: true, isRemainder: false, isNarrow: true }],
  [op.irem32, { isSigned: true, isRemainder: true, isNarrow: true }],
]);

/** Which quotient or remainder an operation is; undefined for others. */
export function divisionOf(opcode: Opcode | undefined): Division | undefined {
  return divisions.get(opcode);
}

/**
 * Is the divisor known to be neither 0 nor, where it is signed, -1? Instructions that divide trap for 0, and where the quotient does
 * not fit, which is that of the least integer and -1.
 */
export function isPlainDivision({ op: opcode, operands }: Value): boolean {
  const divisor = elementAt(operands, 1);
  if (divisor.op !== op.iconst) return false;
  const constant = divisor.immediate as bigint;
  const division = divisionOf(opcode);
  const value = division?.isNarrow === true ? BigInt.asIntN(32, constant) : constant;
  return value !== 0n && (value !== -1n || division?.isSigned === false);
}
