/**
 * `%` without a call: long division by hand, in steps that are exact.
 *
 * A quotient `n` below 2^53 is an integer that a double holds, and with a fused multiplication `r - n*s` loses nothing: it is a
 * multiple of the last bit of `s`, and no larger than `s`. The quotient may have been rounded up to the next integer; then the rest
 * is negative, and one `s` is added again. Where `x / y` is 2^53 or more, multiples of `y` by powers of two are taken off first, 52 bits
 * of the quotient at a time, which are 41 steps at the most.
 *
 *     r = |x|
 *     while r / |y| >= 2^53:  r = r mod |y| * 2^k,    where r / (|y| * 2^k) is 2^52 to 2^53
 *     r mod |y|, with the sign of x
 *
 * NaN, infinite `x` and `y` of zero come to NaN on this way; for infinite `y` the result is `x`.
 */
import { IrBuilder } from '../../ir/builder.ts';
import { type IrFunction, IrModule, type Value } from '../../ir/function.ts';
import { op } from '../../ir/opcode.ts';
import { inlineCalls } from '../inline-calls.ts';

/** `$` keeps it apart from what sources define. */
const remainderName = '$remainder';

const exponentBits = 0x7ff0n << 48n;
const mostBits = 2 ** 53;

/** Makes the body of a function of every `frem`. The target must have fused multiplication. */
export function expandRemainders(fn: IrFunction): void {
  let found = false;
  for (const { instructions } of fn.blocks) {
    for (const value of instructions) {
      if (value.op !== op.frem) continue;
      found = true;
      value.op = op.call;
      value.immediate = remainderName;
    }
  }
  if (found) while (inlineCalls(fn, new Map([[remainderName, remainder()]])));
}

function remainder(): IrFunction {
  const b = new IrBuilder(new IrModule(), remainderName, ['f64', 'f64'], 'f64');
  const [x, y] = b.block.parameters as [Value, Value];
  const dividend = b.emit(op.fabs, x);
  const divisor = b.emit(op.fabs, y);
  const infinity = b.number(Number.POSITIVE_INFINITY);
  const head = b.createBlock(['f64']);
  const [more, last] = [b.createBlock(), b.createBlock()];
  b.jump(head, dividend);

  b.moveTo(head);
  const [rest] = head.parameters as [Value];
  const quotient = b.emit(op.fdiv, rest, divisor);
  b.branch(b.emit(op.fge, quotient, b.number(mostBits)), more, last);

  b.moveTo(more);
  // Where the quotient is beyond all doubles, that by a multiple is not; quotients are up to 2^2098.
  const far = scaledUp(b, divisor, quotient, 2 ** 1023);
  const base = scaledUp(b, far, b.emit(op.fdiv, rest, far), 2 ** 537);
  const power = b.emit(op.fbitand, b.emit(op.fdiv, rest, base), b.bits(exponentBits));
  const factor = b.emit(op.fmore, b.emit(op.fmul, power, b.number(2 ** -52)), b.number(1));
  const multiple = b.emit(op.fmul, base, factor);
  b.jump(head, restOf(b, rest, multiple, b.emit(op.fdiv, rest, multiple)));

  b.moveTo(last);
  const small = restOf(b, rest, divisor, quotient);
  const isWhole = b.emit(op.band, b.emit(op.feq, divisor, infinity), b.emit(op.flt, dividend, infinity));
  b.return(b.emit(op.fcopysign, b.select(isWhole, dividend, small), x));
  return b.function;
}

/** `divisor`, or a multiple of it if the quotient overflowed. */
function scaledUp(b: IrBuilder, divisor: Value, quotient: Value, factor: number): Value {
  const isBeyond = b.emit(op.feq, quotient, b.number(Number.POSITIVE_INFINITY));
  return b.select(isBeyond, b.emit(op.fmul, divisor, b.number(factor)), divisor);
}

/** `r - trunc(r / s) * s`; `quotient` is `r / s`, rounded. */
function restOf(b: IrBuilder, r: Value, s: Value, quotient: Value): Value {
  const taken = b.emit(op.fneg, b.emit(op.ftrunc, quotient));
  const rest = b.emit(op.ffma, taken, s, r);
  return b.select(b.emit(op.flt, rest, b.number(0)), b.emit(op.fadd, rest, s), rest);
}
