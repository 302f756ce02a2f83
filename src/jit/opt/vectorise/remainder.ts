/**
 * `%` without a call: long division by hand, in steps that are exact.
 *
 * A quotient `n` below 2^53 is an integer that a double holds, and `r - n*s` is one too: a multiple of the last bit of `s`, and no
 * larger than `s`. A fused multiplication gives it; without, so does the rounded product, which is so near to `r` that the difference
 * is exact, and what that lost. The quotient may have been rounded up to the next integer; then the rest is negative, and one `s` is
 * added again. Where `x / y` is 2^53 or more, multiples of `y` by powers of two are taken off first, 52 bits
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

/** Makes the body of a function of every `frem`. */
export function expandRemainders(fn: IrFunction, hasFma: boolean): void {
  let found = false;
  for (const { instructions } of fn.blocks) {
    for (const value of instructions) {
      if (value.op !== op.frem) continue;
      found = true;
      value.op = op.call;
      value.immediate = remainderName;
    }
  }
  if (found) while (inlineCalls(fn, new Map([[remainderName, remainder(remainderName, hasFma)]])));
}

/** A function of two numbers. */
export function remainder(name: string, hasFma: boolean): IrFunction {
  const b = new IrBuilder(new IrModule(), name, ['f64', 'f64'], 'f64');
  const restOf = hasFma ? restByFma : restByProduct;
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
type RestOf = (b: IrBuilder, r: Value, s: Value, quotient: Value) => Value;

const restByFma: RestOf = (b, r, s, quotient) => {
  const taken = b.emit(op.fneg, b.emit(op.ftrunc, quotient));
  return nonNegative(b, b.emit(op.ffma, taken, s, r), s);
};

/** Beyond this the product, and what splits it, might overflow. Then all is computed by a multiple, which loses nothing: `s` is no smaller than `r * 2^-53`. */
const mostExact = 2 ** 960;
const smaller = 2 ** -64;

const restByProduct: RestOf = (b, r, s, quotient) => {
  const isFar = b.emit(op.fgt, r, b.number(mostExact));
  const scale = b.select(isFar, b.number(smaller), b.number(1));
  const [near, step] = [b.emit(op.fmul, r, scale), b.emit(op.fmul, s, scale)];
  const whole = b.emit(op.ftrunc, quotient);
  const product = b.emit(op.fmul, whole, step);
  const error = b.append('f64', op.fproducterror, [whole, step, product]);
  const rest = nonNegative(b, b.emit(op.fsub, b.emit(op.fsub, near, product), error), step);
  const full = b.emit(op.fmul, rest, b.select(isFar, b.number(1 / smaller), b.number(1)));
  // A larger `s` need not be one that can be split.
  return b.select(b.emit(op.feq, whole, b.number(0)), r, full);
};

function nonNegative(b: IrBuilder, rest: Value, s: Value): Value {
  return b.select(b.emit(op.flt, rest, b.number(0)), b.emit(op.fadd, rest, s), rest);
}
