import type { Value } from '../../ir/function.ts';
import { op } from '../../ir/opcode.ts';
import type { Expander } from './expander.ts';
import { rounded } from './rounding.ts';

/**
 * JavaScript's ToInt32 without branches: the multiple of 2^32 toward zero is taken off exactly, and what is left
 * fits 64 bits, so that the low half is the result; infinities become NaN on the way, and NaN gives a low half of 0.
 */
export function toInt32(value: Value, expander: Expander): void {
  const [x] = value.operands as [Value];
  const quotient = rounded('zero', expander.emit(op.fmul, x, expander.number(2 ** -32)), expander);
  const multiple = expander.emit(op.fmul, quotient, expander.number(2 ** 32));
  const rest = expander.emit(op.fsub, x, multiple);
  expander.become(value, op.isext32, [expander.emit(op.ftoi, rest)]);
}
