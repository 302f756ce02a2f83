/**
 * `hypot` of any number of arguments, within 1 ulp.
 *
 * Problem: squares overflow and underflow long before their root does, and the rounding errors of a plain sum of
 * squares and of its root add up to more than 1 ulp (those of V8's `Math.hypot` do, even for two arguments).
 *
 * Strategy: the arguments are scaled by a power of two, which is exact; each square is formed with its error
 * (Veltkamp's split, Dekker's product) and the squares are added with theirs (Knuth's two-sum), so that the sum is
 * known to some hundred bits; one Newton step repairs the root of its rounding. There is no branch and no fused
 * operation in it, so it is the same bits on every CPU and in every lane of a vector.
 */
import type { IrBuilder } from '../jit/ir/builder.ts';
import type { Value } from '../jit/ir/function.ts';
import { op } from '../jit/ir/opcode.ts';
import { elementAt } from '../support/element.ts';

/** Magnitudes above are scaled down, so that no square or split overflows. */
const large = 2 ** 500;
/** Magnitudes below are scaled up, so that no error term underflows. */
const small = 2 ** -450;
const scale = 2 ** 600;

export function emitHypot(builder: IrBuilder, args: readonly Value[]): Value {
  const magnitudes = args.map((argument) => builder.emit(op.fabs, argument));
  if (args.length === 1) return elementAt(magnitudes, 0);

  const emit = builder.emit.bind(builder);
  const infinity = builder.number(Number.POSITIVE_INFINITY);
  const one = builder.number(1);
  const isInfinite = magnitudes
    .map((magnitude) => emit(op.feq, magnitude, infinity))
    .reduce((left, right) => emit(op.bor, left, right));
  const greatest = magnitudes.reduce((left, right) => emit(op.fmax, left, right));
  const isLarge = emit(op.fgt, greatest, builder.number(large));
  const isSmall = emit(op.flt, greatest, builder.number(small));
  const up = builder.number(scale);
  const down = builder.number(1 / scale);
  const factor = builder.select(isLarge, down, builder.select(isSmall, up, one));
  const inverse = builder.select(isLarge, up, builder.select(isSmall, down, one));

  let sum: Value | undefined;
  let error: Value | undefined;
  for (const magnitude of magnitudes) {
    const square = emitSquare(builder, emit(op.fmul, magnitude, factor));
    if (sum === undefined || error === undefined) {
      sum = square.value;
      error = square.error;
      continue;
    }
    const total = emit(op.fadd, sum, square.value);
    const added = emit(op.fsub, total, sum);
    const lostOfSum = emit(op.fsub, sum, emit(op.fsub, total, added));
    const lostOfSquare = emit(op.fsub, square.value, added);
    const lost = emit(op.fadd, emit(op.fadd, lostOfSum, lostOfSquare), square.error);
    error = emit(op.fadd, error, lost);
    sum = total;
  }
  const exactSum = sum ?? one;
  const exactError = error ?? one;

  const high = emit(op.fadd, exactSum, exactError);
  const low = emit(op.fsub, exactError, emit(op.fsub, high, exactSum));
  const root = emit(op.fsqrt, high);
  const square = emitSquare(builder, root);
  const rest = emit(op.fadd, emit(op.fsub, emit(op.fsub, high, square.value), square.error), low);
  const repaired = emit(op.fadd, root, emit(op.fdiv, rest, emit(op.fadd, root, root)));
  const isZero = emit(op.feq, root, builder.number(0));
  const scaled = emit(op.fmul, builder.select(isZero, root, repaired), inverse);
  return builder.select(isInfinite, infinity, scaled);
}

/** `x * x` and what its rounding lost. */
function emitSquare(builder: IrBuilder, x: Value): { value: Value; error: Value } {
  const emit = builder.emit.bind(builder);
  const spread = emit(op.fmul, x, builder.number(2 ** 27 + 1));
  const high = emit(op.fsub, spread, emit(op.fsub, spread, x));
  const low = emit(op.fsub, x, high);
  const value = emit(op.fmul, x, x);
  const cross = emit(op.fmul, high, low);
  const upper = emit(op.fsub, emit(op.fmul, high, high), value);
  const middle = emit(op.fadd, upper, emit(op.fadd, cross, cross));
  return { value, error: emit(op.fadd, middle, emit(op.fmul, low, low)) };
}
