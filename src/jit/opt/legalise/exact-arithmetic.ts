/** Exact arithmetic (`math/algebra.ts`): fused where there is fused arithmetic, else in several roundings that lose nothing. */
import type { Value } from '../../ir/function.ts';
import { op } from '../../ir/opcode.ts';
import { type Expander, headBits } from './expander.ts';

/** `c + x y`. */
export function addProduct(value: Value, expander: Expander): void {
  const [c, x, y] = value.operands as [Value, Value, Value];
  if (expander.target.hasFma) expander.become(value, op.ffma, [x, y, c]);
  else expander.become(value, op.fadd, [c, expander.emit(op.fmul, x, y)]);
}

/** `c - x y`. */
export function subProduct(value: Value, expander: Expander): void {
  const [c, x, y] = value.operands as [Value, Value, Value];
  if (expander.target.hasFma) expander.become(value, op.ffnma, [x, y, c]);
  else expander.become(value, op.fsub, [c, expander.emit(op.fmul, x, y)]);
}

/** `x y + c`: the head of x times y is exact, since y has few bits, and so is each sum. */
export function exactMultiplyAdd(value: Value, expander: Expander): void {
  const [x, y, c] = value.operands as [Value, Value, Value];
  if (expander.target.hasFma) {
    expander.become(value, op.ffma, [x, y, c]);
    return;
  }
  const head = expander.emit(op.fbitand, x, expander.bits(headBits));
  const upper = expander.emit(op.fadd, expander.emit(op.fmul, head, y), c);
  expander.become(value, op.fadd, [upper, expander.emit(op.fmul, expander.emit(op.fsub, x, head), y)]);
}

/** What `x y` loses when it is rounded to p. (Dekker, with Veltkamp's splits.) */
export function productError(value: Value, expander: Expander): void {
  const [x, y, product] = value.operands as [Value, Value, Value];
  if (expander.target.hasFma) {
    expander.become(value, op.ffms, [x, y, product]);
    return;
  }
  const [xHead, xTail] = split(x, expander);
  const [yHead, yTail] = split(y, expander);
  const times = (a: Value, b: Value): Value => expander.emit(op.fmul, a, b);
  const upper = expander.emit(op.fsub, times(xHead, yHead), product);
  const first = expander.emit(op.fadd, upper, times(xHead, yTail));
  const second = expander.emit(op.fadd, first, times(xTail, yHead));
  expander.become(value, op.fadd, [second, times(xTail, yTail)]);
}

const splitter = 2 ** 27 + 1;

function split(x: Value, expander: Expander): [head: Value, tail: Value] {
  const spread = expander.emit(op.fmul, x, expander.number(splitter));
  const head = expander.emit(op.fsub, spread, expander.emit(op.fsub, spread, x));
  return [head, expander.emit(op.fsub, x, head)];
}
