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
  expander.become(value, op.isext32, [expander.emit(op.ftoi, withoutMultiple(x, expander))]);
}

/** What is left of a double without the multiple of 2^32 toward zero: less than that in magnitude, and NaN for infinities. */
export function withoutMultiple(x: Value, expander: Expander): Value {
  const quotient = rounded('zero', expander.emit(op.fmul, x, expander.number(2 ** -32)), expander);
  // Exact in either way.
  if (expander.lanes > 1 && expander.target.hasFma) {
    return expander.emit(op.ffma, quotient, expander.number(-(2 ** 32)), x);
  }
  const multiple = expander.emit(op.fmul, quotient, expander.number(2 ** 32));
  return expander.emit(op.fsub, x, multiple);
}
