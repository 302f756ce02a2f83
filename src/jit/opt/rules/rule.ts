import { elementAt } from '../../../support/element.ts';
import type { Value } from '../../ir/function.ts';
import { type Opcode, op } from '../../ir/opcode.ts';

/**
 * One line of algebra. Both sides are the same bits for all operands, NaN, infinities and -0 included; all NaNs count
 * as one. Sides are total, so nothing is lost or gained by evaluating one instead of the other.
 */
export interface Rule {
  /** The algebra: what it matches and what comes instead. Unique, and the name of its test. */
  readonly algebra: string;
  readonly opcode: Opcode;
  /** The value to use instead of `value`, or undefined where the rule does not match. */
  readonly apply: (value: Value, rewriter: Rewriter) => Value | undefined;
}

/** What rules build results with. New instructions go before the one being replaced, and are simplified at once. */
export interface Rewriter {
  make(opcode: Opcode, ...operands: Value[]): Value;
  makeSelect(condition: Value, first: Value, second: Value): Value;
  number(value: number): Value;
  boolean(value: boolean): Value;
  integer(value: bigint): Value;
}

/** Shorthand for the rule tables. */
export function rule(
  opcode: Opcode,
  algebra: string,
  apply: (rewriter: Rewriter, first: Value, second: Value, third: Value) => Value | undefined,
): Rule {
  return {
    algebra,
    opcode,
    apply: ({ operands }, rewriter) => {
      // Absent operands repeat the first: no rule looks at more operands than its opcode has.
      const first = operands[0] as Value;
      const second = operands.length > 1 ? (operands[1] as Value) : first;
      return apply(rewriter, first, second, operands.length > 2 ? (operands[2] as Value) : first);
    },
  };
}

/** The number that a value is known to be. */
export function numberOf(value: Value): number | undefined {
  return value.op === op.fconst ? (value.immediate as number) : undefined;
}

/** Tells 0 from -0, and NaN equals NaN. */
export function isNumber(value: Value, number: number): boolean {
  return value.op === op.fconst && Object.is(value.immediate, number);
}

export function isBoolean(value: Value, boolean: boolean): boolean {
  return value.op === op.bconst && value.immediate === boolean;
}

export function isInteger(value: Value, integer: bigint): boolean {
  return value.op === op.iconst && value.immediate === integer;
}

/** `x` where `value` is `opcode(x)`; its first operand in any case. */
export function under(opcode: Opcode, value: Value): Value | undefined {
  return value.op === opcode ? elementAt(value.operands, 0) : undefined;
}

export function isConstant(value: Value): boolean {
  return value.op === op.fconst || value.op === op.bconst || value.op === op.iconst;
}
