/**
 * Rounding and its relatives as sequences of machine operations, bit for bit as JavaScript's `Math`.
 *
 * Without `roundsd` a double is rounded by adding and subtracting 2^52, whose ulp is 1: below it in magnitude this
 * leaves the nearest integer, and from there on every double is an integer already. All results have the sign of
 * their argument, -0 included, so the sign is not computed but kept: a blend takes the magnitude bits of the rounded
 * value where the argument was below 2^52 and all other bits, NaN and infinity among them, from the argument.
 */
import type { MachineFunction } from './machine-function.ts';
import { MachineOp, RegisterClass } from './operations.ts';

const magnitudeHigh = 0x7fffffff;
const signHigh = 0x80000000 | 0;
const oneHigh = 0x3ff00000;
const firstInteger = 2 ** 52;

export type RoundingMode = 'down' | 'up' | 'zero';

/** Makes sequences of vector operations; each method appends instructions and returns the vreg of the result. */
export class VectorSequences {
  readonly #function: MachineFunction;
  readonly #hasRound: boolean;
  readonly #hasBlend: boolean;

  constructor(fn: MachineFunction, hasRound: boolean, hasBlend: boolean) {
    this.#function = fn;
    this.#hasRound = hasRound;
    this.#hasBlend = hasBlend;
  }

  unary(operation: number, a: number): number {
    const result = this.#function.newVreg(RegisterClass.Vector);
    this.#function.append(operation, result, a, -1, -1);
    return result;
  }

  binary(operation: number, a: number, b: number): number {
    const result = this.#function.newVreg(RegisterClass.Vector);
    this.#function.append(operation, result, a, b, -1);
    return result;
  }

  magnitude(x: number): number {
    return this.binary(MachineOp.And, x, this.#function.pattern(magnitudeHigh, -1));
  }

  negated(x: number): number {
    return this.binary(MachineOp.Xor, x, this.#function.pattern(signHigh, 0));
  }

  /** Bits of `whenSet` where the mask is set, of `whenClear` elsewhere; bit by bit. */
  merge(mask: number, whenSet: number, whenClear: number): number {
    const set = this.binary(MachineOp.And, mask, whenSet);
    return this.binary(MachineOp.Or, this.binary(MachineOp.AndNot, mask, whenClear), set);
  }

  /** Lanes of `whenSet` where the mask is set, of `whenClear` elsewhere. */
  select(mask: number, whenSet: number, whenClear: number): number {
    if (!this.#hasBlend) return this.merge(mask, whenSet, whenClear);
    const result = this.#function.newVreg(RegisterClass.Vector);
    this.#function.append(MachineOp.Blend, result, whenClear, whenSet, mask);
    return result;
  }

  copySign(magnitude: number, sign: number): number {
    const signBit = this.binary(MachineOp.And, sign, this.#function.pattern(signHigh, 0));
    return this.binary(MachineOp.Or, this.magnitude(magnitude), signBit);
  }

  /** `Math.floor`, `ceil` and `trunc`. */
  round(x: number, mode: RoundingMode): number {
    if (this.#hasRound) {
      const operation =
        mode === 'down' ? MachineOp.FFloor : mode === 'up' ? MachineOp.FCeil : MachineOp.FTrunc;
      return this.unary(operation, x);
    }
    const fn = this.#function;
    const magnitude = this.magnitude(x);
    const shift = fn.float(firstInteger);
    const nearest = this.binary(MachineOp.FSub, this.binary(MachineOp.FAdd, magnitude, shift), shift);
    const isSmall = this.binary(MachineOp.MaskLt, magnitude, fn.float(firstInteger));
    const magnitudeMask = this.binary(MachineOp.And, isSmall, fn.pattern(magnitudeHigh, -1));
    let rounded: number;
    if (mode === 'zero') {
      const isAbove = this.binary(MachineOp.MaskLt, magnitude, nearest);
      rounded = this.binary(MachineOp.FSub, nearest, this.oneWhere(isAbove));
    } else {
      const sign = this.binary(MachineOp.And, x, fn.pattern(signHigh, 0));
      const signed = this.binary(MachineOp.Or, nearest, sign);
      if (mode === 'down') {
        const isAbove = this.binary(MachineOp.MaskLt, x, signed);
        rounded = this.binary(MachineOp.FSub, signed, this.oneWhere(isAbove));
      } else {
        const isBelow = this.binary(MachineOp.MaskLt, signed, x);
        rounded = this.binary(MachineOp.FAdd, signed, this.oneWhere(isBelow));
      }
    }
    return this.merge(magnitudeMask, rounded, x);
  }

  /**
   * `Math.round`: the integer above, less one if it is more than a half away. With it 0.49999999999999994 and
   * what lies beyond 2^52 are right, as `floor(x + 0.5)` would not have them, and -0.5 gives -0.
   */
  roundHalfUp(x: number): number {
    const above = this.round(x, 'up');
    const half = this.binary(MachineOp.FSub, above, this.#function.float(0.5));
    const isTooFar = this.binary(MachineOp.MaskLt, x, half);
    return this.binary(MachineOp.FSub, above, this.oneWhere(isTooFar));
  }

  /** `Math.sign`: the magnitude of 1 for all but zeros and NaN, which stay. */
  sign(x: number): number {
    const zero = this.#function.float(0);
    const isNonZero = this.binary(MachineOp.MaskLt, zero, this.magnitude(x));
    const mask = this.binary(MachineOp.And, isNonZero, this.#function.pattern(magnitudeHigh, -1));
    return this.merge(mask, this.#function.pattern(oneHigh, 0), x);
  }

  /**
   * `Math.min`. The instruction gives its second operand if one is NaN or both are zero; taken both ways round, the
   * union of bits is a NaN if either way gave one, and -0 if either zero was.
   */
  min(a: number, b: number): number {
    return this.binary(MachineOp.Or, this.binary(MachineOp.FMin, a, b), this.binary(MachineOp.FMin, b, a));
  }

  /** `Math.max`: here the intersection of bits joins the zeros, and NaN is set where the operands are unordered. */
  max(a: number, b: number): number {
    const both = this.binary(
      MachineOp.And,
      this.binary(MachineOp.FMax, a, b),
      this.binary(MachineOp.FMax, b, a),
    );
    return this.binary(MachineOp.Or, both, this.binary(MachineOp.MaskUnordered, a, b));
  }

  /** A mask as 0 or 1. */
  oneWhere(mask: number): number {
    return this.binary(MachineOp.And, mask, this.#function.pattern(oneHigh, 0));
  }

  /**
   * JavaScript's ToInt32 without branches: the multiple of 2^32 toward zero is taken off exactly, and what is left
   * fits 64 bits, so that the low half is the result; infinities become NaN on the way, and NaN gives a low half of 0.
   */
  toInt32(x: number): number {
    const fn = this.#function;
    const quotient = this.round(this.binary(MachineOp.FMul, x, fn.float(2 ** -32)), 'zero');
    const multiple = this.binary(MachineOp.FMul, quotient, fn.float(2 ** 32));
    const rest = this.binary(MachineOp.FSub, x, multiple);
    const wide = fn.newVreg(RegisterClass.General);
    fn.append(MachineOp.FloatToInt, wide, rest, -1, -1);
    const result = fn.newVreg(RegisterClass.General);
    fn.append(MachineOp.SignExtend32, result, wide, -1, -1);
    return result;
  }
}
