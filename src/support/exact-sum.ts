/**
 * A sum of doubles that loses nothing: a superaccumulator (after Neal, "Fast exact summation using small and large superaccumulators",
 * 2015).
 *
 * Every finite double is an integer times 2^-1074, so a sum of them is one integer, of some 2,150 bits if there are 2^53 of them. It is kept
 * in limbs of 32 bits, least significant first. Each limb is a double with room for 20 bits more: so carries wait until
 * {@link additionsPerCarry} numbers were added. Once carried, all limbs but the last are from 0 to 2^32 - 1 and the last has the sign: of
 * equal sums all limbs are equal, whatever the order of additions was.
 */
import { nearestDouble } from './float.ts';
import { typedArrayBuffer, typedArrayLength, typedArrayOffset } from './intrinsics.ts';

/** Bit 0 of the first limb counts for so much. */
const leastExponent = -1074;

/** As many as 2^53 of the largest doubles need, and a sign. */
export const limbCount = 68;

const limbBits = 32;
const limbBase = 2 ** limbBits;

/** Each adds less than 2^32 to a limb; 2^53 is where limbs would begin to lose bits. */
const additionsPerCarry = 2 ** 20;

const halfOfLow = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 0 : 1;
const halfOfHigh = 1 - halfOfLow;

const single = new Float64Array(1);
const singleHalves = new Uint32Array(single.buffer);

/** What is no number was among those that were added. */
export interface Specials {
  hasNaN: boolean;
  hasInfinity: boolean;
  hasNegativeInfinity: boolean;
}

export class ExactSum {
  readonly #limbs = new Float64Array(limbCount);
  #additions = 0;
  readonly specials: Specials = { hasNaN: false, hasInfinity: false, hasNegativeInfinity: false };

  /** Adds the elements from `first` to before `end`. */
  add(values: Float64Array, first: number, end: number): void {
    const halves = new Uint32Array(
      typedArrayBuffer(values),
      typedArrayOffset(values),
      typedArrayLength(values) * 2,
    );
    for (let next = first; next < end; ) {
      const stop = Math.min(end, next + additionsPerCarry - this.#additions);
      this.#addFew(halves, next, stop, 0);
      this.#additions += stop - next;
      next = stop;
      if (this.#additions === additionsPerCarry) this.#carry();
    }
  }

  /** Adds `value * 2^shift`; the shift is a multiple of 32, and the product less than 2^1060. */
  addScaled(value: number, shift: number): void {
    single[0] = value;
    this.#addFew(singleHalves, 0, 1, shift / limbBits);
    this.#additions++;
    if (this.#additions === additionsPerCarry) this.#carry();
  }

  addSum(other: ExactSum): void {
    this.#carry();
    other.#carry();
    for (let i = 0; i < limbCount; i++)
      this.#limbs[i] = (this.#limbs[i] as number) + (other.#limbs[i] as number);
    this.#carryAll();
    const { hasNaN, hasInfinity, hasNegativeInfinity } = other.specials;
    if (hasNaN) this.specials.hasNaN = true;
    if (hasInfinity) this.specials.hasInfinity = true;
    if (hasNegativeInfinity) this.specials.hasNegativeInfinity = true;
  }

  /** The limbs, carried: all but the last from 0 to 2^32 - 1, the last from -2^31 to 2^31 - 1. */
  get limbs(): Float64Array {
    this.#carry();
    return new Float64Array(this.#limbs);
  }

  /** The sum with these limbs, which are carried. */
  static ofLimbs(limbs: ArrayLike<number>): ExactSum {
    const sum = new ExactSum();
    for (let i = 0; i < limbCount; i++) sum.#limbs[i] = limbs[i] as number;
    return sum;
  }

  /** The double nearest to the sum, ties to even; 0, never -0, if the sum is zero. */
  toNumber(): number {
    const special = this.#special();
    if (special !== undefined) return special;
    const { integer, exponent } = this.#parts();
    return nearestDouble(integer, exponent);
  }

  /** The double nearest to the sum divided by `count`, which is positive. */
  dividedBy(count: number): number {
    const special = this.#special();
    if (special !== undefined) return special;
    const { integer: sum, exponent } = this.#parts();
    const divisor = BigInt(count);
    const magnitude = sum < 0n ? -sum : sum;
    // So the quotient has more bits than a double, and one more says whether anything is left.
    const shift = BigInt(limbBits * 4);
    const dividend = magnitude << shift;
    const quotient = ((dividend / divisor) << 1n) | (dividend % divisor === 0n ? 0n : 1n);
    return nearestDouble(sum < 0n ? -quotient : quotient, exponent - Number(shift) - 1);
  }

  #special(): number | undefined {
    const { hasNaN, hasInfinity, hasNegativeInfinity } = this.specials;
    if (hasNaN || (hasInfinity && hasNegativeInfinity)) return Number.NaN;
    if (hasInfinity) return Number.POSITIVE_INFINITY;
    return hasNegativeInfinity ? Number.NEGATIVE_INFINITY : undefined;
  }

  /** The finite sum, as an integer times a power of two. */
  #parts(): { integer: bigint; exponent: number } {
    this.#carry();
    const limbs = this.#limbs;
    let low = 0;
    while (low < limbCount - 1 && limbs[low] === 0) low++;
    let high = limbCount - 1;
    // Above the sum there is nothing but copies of its sign.
    const fill = (limbs[high] as number) < 0 ? limbBase - 1 : 0;
    let integer = BigInt(limbs[high] as number);
    if (integer === 0n || integer === -1n) {
      while (high > low && limbs[high - 1] === fill) high--;
    }
    for (let i = high - 1; i >= low; i--)
      integer = (integer << BigInt(limbBits)) + BigInt(limbs[i] as number);
    return { integer, exponent: leastExponent + low * limbBits };
  }

  /** No more than limbs have room for. */
  #addFew(halves: Uint32Array, first: number, end: number, offset: number): void {
    const limbs = this.#limbs;
    for (let i = first; i < end; i++) {
      const low = halves[2 * i + halfOfLow] as number;
      const word = halves[2 * i + halfOfHigh] as number;
      const exponent = (word >>> 20) & 0x7ff;
      let high = word & 0xf_ffff;
      let place = 0;
      if (exponent !== 0) {
        if (exponent === 0x7ff) {
          this.#noteSpecial(word, low);
          continue;
        }
        high |= 0x10_0000;
        place = exponent - 1;
      } else if (high === 0 && low === 0) continue;
      const limb = offset + (place >>> 5);
      const shift = place & 31;
      // A shift by 32 bits would be none, hence in two steps.
      const lowest = (low << shift) >>> 0;
      const middle = (((low >>> 1) >>> (31 - shift)) | (high << shift)) >>> 0;
      const highest = (high >>> 1) >>> (31 - shift);
      if (word >>> 31 === 0) {
        limbs[limb] = (limbs[limb] as number) + lowest;
        limbs[limb + 1] = (limbs[limb + 1] as number) + middle;
        limbs[limb + 2] = (limbs[limb + 2] as number) + highest;
      } else {
        limbs[limb] = (limbs[limb] as number) - lowest;
        limbs[limb + 1] = (limbs[limb + 1] as number) - middle;
        limbs[limb + 2] = (limbs[limb + 2] as number) - highest;
      }
    }
  }

  #noteSpecial(word: number, low: number): void {
    if ((word & 0xf_ffff) !== 0 || low !== 0) this.specials.hasNaN = true;
    else if (word >>> 31 === 0) this.specials.hasInfinity = true;
    else this.specials.hasNegativeInfinity = true;
  }

  #carry(): void {
    if (this.#additions === 0) return;
    this.#additions = 0;
    this.#carryAll();
  }

  #carryAll(): void {
    const limbs = this.#limbs;
    let carry = 0;
    for (let i = 0; i < limbCount - 1; i++) {
      const limb = (limbs[i] as number) + carry;
      carry = Math.floor(limb / limbBase);
      limbs[i] = limb - carry * limbBase;
    }
    limbs[limbCount - 1] = (limbs[limbCount - 1] as number) + carry;
  }
}
