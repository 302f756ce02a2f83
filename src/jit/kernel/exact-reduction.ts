/**
 * Sums that lose nothing: the reduction `exact`.
 *
 * The results of some rows, a *batch*, are kept in memory of the kernel's, together with their greatest magnitude. Then passes over them
 * sort their bits into *bins* of {@link binBits} bits, which lie where they lie, whatever the values are (Demmel and Nguyen, "Fast
 * reproducible floating-point summation", 2013, made exact). In a bin an accumulator begins at a bias, 1.5 times a power of two, so large that
 * whatever comes, sums round at one and the same bit:
 *
 *     next = accumulator + x;  taken = next - accumulator;  x -= taken;  accumulator = next
 *
 * No step but the first rounds, and what that loses remains in `x` (Dekker). The bin below takes it from there. A pass goes
 * through {@link binsPerPass} bins, from the one on that is above the greatest magnitude. What is then left of the values has taken their place; if
 * anything is, there is another pass. The lowest bin leaves nothing: all doubles are multiples of its last bit.
 *
 * The {@link exactPartials} partial results of a block of rows are what its values have put into each bin: multiples of the bin's last bit that
 * are less than 2^53 of them, so they are added up without rounding. Their exact sum is that of the values, but for the first partial result, which
 * counts 2^{@link hugeShift} times: for values from {@link hugeMagnitude} on the bias would be no double, so these are first relieved of
 * their uppermost bits, scaled down. A batch with infinities adds the sum of these alone, and NaN turns bins into NaN. How much of a
 * value is in which bin may depend on which lane the row is in; the sum of all bins does not.
 */
import { reductionBlock } from '../../native/kernel-frame.ts';
import { type KernelSpec, type ReductionKind, reductionsOf } from './kernel-spec.ts';

/** Rows of a batch: their results stay in the first level of caches. A block has a whole number of batches. */
export const batchRows = 2048;

/** As many values fit under a bias as a block has. */
const blockBits = Math.log2(reductionBlock);
export const mantissaBits = 52;

/**
 * From a bin to the next. What a bin leaves is at most half of its last bit, and the bias of the next is four times as large as all of that
 * from a block's rows together.
 */
export const binBits: number = mantissaBits - blockBits;
/** How far a bias is above the greatest value, at the least, for the same reason. */
export const binDistance: number = blockBits + 2;
export const binsPerPass = 3;
/** The exponent of the lowest bias, as the bits of a double have it: that of the least normal number. */
export const lowestField = 1;

export const hugeMagnitude: number = 2 ** 1000;
export const hugeShift = 64;
/** Of values scaled down. */
export const hugeBias: number = 1.5 * 2 ** (1024 - hugeShift + blockBits + 1);

/** The place of the lowest bin among the partial results. */
export const firstBin = 1;
/** The uppermost bias is a double, and so is all that it takes. */
const binCount = 52;
/** More than there are bins; a multiple of the lanes of all vectors. */
export const exactPartials = 56;

/** The number of the bin for values whose exponent is `field`, as bits have it, at the most: `(field + binAbove) * binFactor >> binShift`. */
export const binAbove: number = binDistance - lowestField + binBits - 1;
/** The exponent of the greatest bias that is guessed: sums under it have bins. */
export const mostGuessed: number = binCount * binBits - binAbove;
/** Multiplication by these is division by {@link binBits}, for all exponents. */
export const binFactor = 1639;
export const binShift = 16;

/** The first bit of a mantissa. */
export const halfBit: bigint = 1n << BigInt(mantissaBits - 1);

/**
 * While values are computed, accumulators are filled at once, under a guess: biases that lie where values of batches before needed them, not where
 * bins do. Two leave nothing of most values, which span 24 binary orders and their mantissas.
 */
export const fewBiases = 2;
/** Where they left something, so many batches fill as many as a pass has bins. */
export const wideBatches = 32;
/** The guess is that values are not 2^{@link guessSlack} times as great as those before. */
export const guessSlack = 2;
/** The exponent of the first guess: of values up to 2^20, wide as long as it is one. */
export const firstGuess: number = 1023 + 20 + binDistance;

/** How many partial results a reduction has for each block of rows. */
export function partialsOf(kind: ReductionKind): number {
  return kind === 'exact' ? exactPartials : 1;
}

/** How many all reductions have, one behind the other. */
export function partialsPerBlock(spec: KernelSpec): number {
  return reductionsOf(spec).reduce((sum, kind) => sum + partialsOf(kind), 0);
}

/** The partial results of a block in TypeScript, from a place on. Uses the values up. */
export function exactBlock(values: Float64Array, rows: number, partials: Float64Array, first: number): void {
  partials.fill(0, first, first + exactPartials);
  const put = (place: number, sum: number): void => {
    partials[first + place] = (partials[first + place] as number) + sum;
  };
  let greatest = 0;
  for (let row = 0; row < rows; row++) greatest = moreOf(values[row] as number, greatest);
  if (greatest === Number.POSITIVE_INFINITY) {
    for (let row = 0; row < rows; row++) {
      const value = values[row] as number;
      if (!(Math.abs(value) < Number.POSITIVE_INFINITY)) put(firstBin, value);
    }
    return;
  }
  if (greatest >= hugeMagnitude) {
    greatest = 0;
    for (let row = 0; row < rows; row++) {
      const value = values[row] as number;
      const taken = hugeBias + value * 2 ** -hugeShift - hugeBias;
      put(0, taken);
      // What is taken may be 2^1024, so it goes in halves.
      const half = taken * 2 ** (hugeShift - 1);
      values[row] = value - half - half;
      greatest = moreOf(values[row] as number, greatest);
    }
  }
  do {
    const top = ((exponentField(greatest) + binAbove) * binFactor) >> binShift;
    for (let bin = top; bin > top - binsPerPass; bin--) {
      const bias = biasOf(Math.max(bin, 0) * binBits + lowestField);
      let accumulator = bias;
      greatest = 0;
      for (let row = 0; row < rows; row++) {
        const value = values[row] as number;
        const next = accumulator + value;
        values[row] = value - (next - accumulator);
        accumulator = next;
        greatest = moreOf(values[row] as number, greatest);
      }
      put(firstBin + Math.max(bin, 0), accumulator - bias);
    }
  } while (greatest > 0);
}

/** The greater magnitude, NaN aside. */
function moreOf(value: number, greatest: number): number {
  const magnitude = Math.abs(value);
  return magnitude > greatest ? magnitude : greatest;
}

const double = new Float64Array(1);
const word = new BigInt64Array(double.buffer);

/** The exponent of a magnitude, as its bits have it. */
function exponentField(x: number): number {
  double[0] = x;
  return Number((word[0] as bigint) >> BigInt(mantissaBits));
}

/** 1.5 times a power of two, by the exponent in its bits. */
function biasOf(field: number): number {
  word[0] = (BigInt(field) << BigInt(mantissaBits)) | halfBit;
  return double[0] as number;
}
