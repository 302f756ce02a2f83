/**
 * `Math.min` and `Math.max`. The instructions give their second operand if one is a NaN or both are zeros; JavaScript asks for
 * NaN if either is one, and takes -0 to be less than 0.
 */
import type { Value } from '../../ir/function.ts';
import { type Opcode, op } from '../../ir/opcode.ts';
import type { Expander } from './expander.ts';

/** Taken both ways round, the union of bits is a NaN if either way gave one, and -0 if either zero was. */
export function smallest(value: Value, expander: Expander): void {
  const [a, b] = value.operands as [Value, Value];
  if (becomeOne(value, op.fless, a, b, expander)) return;
  expander.become(value, op.fbitor, [expander.emit(op.fless, a, b), expander.emit(op.fless, b, a)]);
}

/** Here the intersection of bits joins the zeros, and NaN is set where the operands are unordered. */
export function largest(value: Value, expander: Expander): void {
  const [a, b] = value.operands as [Value, Value];
  if (becomeOne(value, op.fmore, a, b, expander)) return;
  const both = expander.emit(op.fbitand, expander.emit(op.fmore, a, b), expander.emit(op.fmore, b, a));
  const unordered = expander.emit(op.funordered, a, b);
  if (expander.hasMasks) {
    expander.become(value, op.select, [unordered, expander.number(Number.NaN), both]);
    return;
  }
  expander.become(value, op.fbitor, [both, expander.emit(op.bbits, unordered)]);
}

/** With a constant that is neither zero nor NaN the instruction itself is right: NaN comes second, and wins. */
function becomeOne(value: Value, opcode: Opcode, a: Value, b: Value, expander: Expander): boolean {
  if (isPlain(b)) expander.become(value, opcode, [b, a]);
  else if (isPlain(a)) expander.become(value, opcode, [a, b]);
  else return false;
  return true;
}

function isPlain({ op: opcode, immediate }: Value): boolean {
  return opcode === op.fconst && immediate !== 0 && !Number.isNaN(immediate);
}
