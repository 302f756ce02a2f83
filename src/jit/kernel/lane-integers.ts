/**
 * Integers of the IR as lanes of 64 bits.
 *
 * The IR's operations on integers are those of JavaScript on 32 bits, and a vector unit has few on 64, so a lane holds
 * an integer whose width is known, and no more than {@link widest} bits: from there a double has it exactly.
 */
import { invariant } from '../../support/invariant.ts';
import { LaneMath, Predicate, Rounding } from './lane-math.ts';
import { bitsOf, type LaneValue } from './lane-program.ts';

/** Bits of the widest integers, sign included, that `#magic` converts. */
export const widest = 51;

/** Added to an integer of up to {@link widest} bits it makes a double with that integer in its low bits, and back. */
const magic = 1.5 * 2 ** 52;
const lowHalf = 0xffff_ffffn;
const doubledPairs = 0b10_10_00_00;
const evenPairs = 0b00_00_10_00;
const upperPairs = 0b10101010;
const exponentShift = 52;
const exponentBias = 1023;

/** The predicates of `vcmppd` and friends for `ieq`, … on doubles; `swap` exchanges the operands. */
export interface IntegerComparison {
  readonly predicate: number;
  readonly swap: boolean;
}

export class LaneIntegers extends LaneMath {
  /** A double to what ToInt32 makes of it, in the low 32 bits of each lane; the others are unspecified. */
  toInt32Low(x: LaneValue): LaneValue {
    const quotient = this.round(this.apply('mul', x, this.float(2 ** -32)), Rounding.Zero);
    const rest = this.apply('sub', x, this.apply('mul', quotient, this.float(2 ** 32)));
    if (this.isEvex) return this.apply('doubleToInt64', rest);
    const whole = this.round(rest, Rounding.Zero);
    // What is infinite or NaN has become NaN, whose low bits may be anything.
    const isNumber = this.compare(Predicate.Ordered, rest, rest);
    return this.apply('and', this.apply('add', whole, this.float(magic)), isNumber);
  }

  toInt32(x: LaneValue): LaneValue {
    return this.signExtend(this.toInt32Low(x));
  }

  /** An integer of up to {@link widest} bits. */
  toDouble(value: LaneValue): LaneValue {
    if (this.isEvex) return this.apply('int64ToDouble', value);
    return this.apply('sub', this.apply('addInteger', value, this.bits(bitsOf(magic))), this.float(magic));
  }

  /** The inverse of {@link toDouble}. */
  toInteger(x: LaneValue): LaneValue {
    if (this.isEvex) return this.apply('doubleToInt64', x);
    return this.apply('subInteger', this.apply('add', x, this.float(magic)), this.bits(bitsOf(magic)));
  }

  /** The low half, sign-extended. */
  signExtend(value: LaneValue): LaneValue {
    if (this.isEvex) {
      return this.applyImmediate('shiftRightSigned', 32, this.applyImmediate('shiftLeft', 32, value));
    }
    if (this.isSse) {
      const low = this.applyImmediate('shuffle32', evenPairs, value);
      return this.apply('interleave32', low, this.applyImmediate('shiftRightSigned32', 31, low));
    }
    const sign = this.applyImmediate('shiftRightSigned32', 31, this.#doubled(value));
    return this.applyImmediate('blend32', upperPairs, value, sign);
  }

  zeroExtend(value: LaneValue): LaneValue {
    return this.apply('and', value, this.bits(lowHalf));
  }

  shiftLeft32(value: LaneValue, count: LaneValue): LaneValue {
    const { constant } = count;
    if (constant !== undefined) {
      return this.signExtend(this.applyImmediate('shiftLeft', Number(constant & 31n), value));
    }
    const shifted = this.isSse
      ? this.apply('mulInteger', value, this.#powerOfTwo(this.#count(count)))
      : this.apply('shiftLeftBy', value, this.#count(count));
    return this.signExtend(shifted);
  }

  shiftRight32(value: LaneValue, count: LaneValue): LaneValue {
    const { constant } = count;
    const unsigned = this.zeroExtend(value);
    if (constant !== undefined) {
      const bits = Number(constant & 31n);
      return bits === 0 ? unsigned : this.applyImmediate('shiftRight', bits, unsigned);
    }
    if (!this.isSse) return this.apply('shiftRightBy', unsigned, this.#count(count));
    return this.#shiftByProduct(unsigned, this.#complement(count));
  }

  /** `value` is a sign-extended 32-bit integer. */
  shiftRightSigned32(value: LaneValue, count: LaneValue): LaneValue {
    const { constant } = count;
    if (constant !== undefined) {
      return this.applyImmediate('shiftRightSigned32', Number(constant & 31n), value);
    }
    if (this.isEvex) return this.apply('shiftRightSignedBy', value, this.#count(count));
    if (!this.isSse) return this.apply('shiftRightSigned32By', value, this.#doubled(this.#count(count)));
    // As an unsigned number 2^31 higher; what that shifts to is 2^(31 - count) too high.
    const biased = this.zeroExtend(this.apply('xor', value, this.bits(1n << 31n)));
    const factor = this.#complement(count);
    return this.apply('subInteger', this.#shiftByProduct(biased, factor), factor);
  }

  leadingZeros32(value: LaneValue): LaneValue {
    const unsigned = this.zeroExtend(value);
    if (this.isEvex) {
      return this.apply('subInteger', this.apply('leadingZeros', unsigned), this.bits(32n));
    }
    // One more than the highest set bit of x is the highest set bit of 2x + 1, which is never zero: its exponent.
    const double = this.toDouble(unsigned);
    const odd = this.apply('add', this.apply('add', double, double), this.float(1));
    const exponent = this.applyImmediate('shiftRight', exponentShift, odd);
    return this.apply('subInteger', this.bits(BigInt(exponentBias + 32)), exponent);
  }

  compareIntegers(x: LaneValue, y: LaneValue, { predicate, swap }: IntegerComparison): LaneValue {
    const [first, second] = swap ? [y, x] : [x, y];
    return this.compare(predicate, this.toDouble(first), this.toDouble(second));
  }

  /** A product of up to {@link widest} bits. */
  multiply(x: LaneValue, y: LaneValue): LaneValue {
    return this.toInteger(this.apply('mul', this.toDouble(x), this.toDouble(y)));
  }

  #doubled(value: LaneValue): LaneValue {
    return this.applyImmediate('shuffle32', doubledPairs, value);
  }

  #count(count: LaneValue): LaneValue {
    return this.apply('and', count, this.bits(31n));
  }

  /** 2^(31 - count). */
  #complement(count: LaneValue): LaneValue {
    const complement = this.apply('subInteger', this.bits(31n), this.#count(count));
    return this.zeroExtend(this.#powerOfTwo(complement));
  }

  /** In the low half; made as a double, out of its exponent. */
  #powerOfTwo(exponent: LaneValue): LaneValue {
    const biased = this.apply('addInteger', exponent, this.bits(BigInt(exponentBias)));
    const power = this.applyImmediate('shiftLeft', exponentShift, biased);
    return this.apply('add', power, this.float(2 ** 52));
  }

  /** A 32-bit number to the right by as many bits as `factor`, 2^(31 - count), says. */
  #shiftByProduct(unsigned: LaneValue, factor: LaneValue): LaneValue {
    return this.applyImmediate('shiftRight', 31, this.apply('mulInteger', unsigned, factor));
  }
}

/** Bits, sign included, that an integer needs in two's complement. */
export function integerWidth(value: bigint): number {
  const magnitude = value < 0n ? ~value : value;
  invariant(magnitude >= 0n, 'a complement is not negative');
  return magnitude.toString(2).length + (magnitude === 0n ? 0 : 1);
}
