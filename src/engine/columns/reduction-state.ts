import { describeClass } from '../../support/describe-value.ts';
import { ExactSum, limbCount } from '../../support/exact-sum.ts';
import { bytesOfView, typedArrayLength, typedArrayName } from '../../support/intrinsics.ts';

/** The layout of {@link ReductionState.toBytes}: offsets in bytes. All numbers are little-endian. */
const layout = Object.freeze({ magic: 0, version: 4, specials: 5, reserved: 6, rows: 8, limbs: 16 } as const);
const byteCount = layout.limbs + limbCount * 4;
const magic = [0x58, 0x53, 0x55, 0x4d] as const; // XSUM
const version = 1;
const specialBits = Object.freeze({ hasNaN: 1, hasInfinity: 2, hasNegativeInfinity: 4 } as const);

/** A sum of `rows` doubles is less than `rows * 2^1024`; the last two limbs begin at 2^1038. */
const rowsPerTopUnit = 2 ** 14;

/**
 * An exact sum on the way: what some rows come to, without rounding. States of parts of the rows merge into that of all of them, and whatever the
 * parts were and in whichever order they are merged, the state has the same bytes, and its sum and mean the same bits.
 *
 * @example
 * const f = compile('price * amount', ['price', 'amount']);
 * const state = new ReductionState();
 * f.reduce('sum', columns, { into: state });          // here, and on other machines
 * state.merge(ReductionState.fromBytes(bytesFromElsewhere));
 * state.sum;
 */
export class ReductionState {
  readonly #sum = new ExactSum();
  #rows = 0;

  /** How many rows were added. */
  get rows(): number {
    return this.#rows;
  }

  /** The double nearest to the sum of all rows, ties to even; 0 for no rows. Infinite only if a row is, or the sum is beyond all doubles. */
  get sum(): number {
    return this.#sum.toNumber();
  }

  /** The double nearest to the sum of all rows divided by their number; NaN for no rows. */
  get mean(): number {
    return this.#rows === 0 ? Number.NaN : this.#sum.dividedBy(this.#rows);
  }

  /**
   * Adds all rows of another state, which stays as it is.
   *
   * @throws TypeError for what is no state, RangeError for more than 2^53 - 1 rows.
   */
  merge(other: ReductionState): this {
    ReductionState.requireState('other', other);
    this.#add(other.#sum, other.#rows);
    return this;
  }

  /**
   * Adds numbers that were computed already, each as a row.
   *
   * @throws TypeError for what is no `Float64Array`, RangeError for more than 2^53 - 1 rows.
   */
  add(values: Float64Array): this {
    if (typedArrayName(values) !== 'Float64Array') {
      throw new TypeError(`values must be a Float64Array, not ${describeClass(values)}`);
    }
    const count = typedArrayLength(values);
    if (count === 0) return this;
    this.#requireRoom(count);
    this.#sum.add(values, 0, count);
    this.#rows += count;
    return this;
  }

  /** 288 bytes, the same for equal states on every machine; see `docs/kernels.md` for what they mean. */
  toBytes(): Uint8Array {
    const bytes = new Uint8Array(byteCount);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < magic.length; i++) bytes[layout.magic + i] = magic[i] as number;
    bytes[layout.version] = version;
    const { hasNaN, hasInfinity, hasNegativeInfinity } = this.#sum.specials;
    bytes[layout.specials] =
      (hasNaN ? specialBits.hasNaN : 0) |
      (hasInfinity ? specialBits.hasInfinity : 0) |
      (hasNegativeInfinity ? specialBits.hasNegativeInfinity : 0);
    view.setUint32(layout.rows, this.#rows, true);
    view.setUint32(layout.rows + 4, this.#rows / 2 ** 32, true);
    const { limbs } = this.#sum;
    for (let i = 0; i < limbCount; i++) view.setUint32(layout.limbs + i * 4, limbs[i] as number, true);
    return bytes;
  }

  /** @throws TypeError for what is no `Uint8Array`; RangeError for bytes that {@link toBytes} did not give. */
  static fromBytes(bytes: Uint8Array): ReductionState {
    if (typedArrayName(bytes) !== 'Uint8Array') {
      throw new TypeError(`bytes must be a Uint8Array, not ${describeClass(bytes)}`);
    }
    const own = new Uint8Array(bytesOfView(bytes));
    if (own.length !== byteCount) throw noState(`${own.length} bytes instead of ${byteCount}`);
    for (let i = 0; i < magic.length; i++) {
      if (own[layout.magic + i] !== magic[i]) throw noState('they do not begin with XSUM');
    }
    if (own[layout.version] !== version)
      throw noState(`their version is ${own[layout.version]}, not ${version}`);
    const bits = own[layout.specials] as number;
    if (bits > 7 || own[layout.reserved] !== 0 || own[layout.reserved + 1] !== 0) {
      throw noState('bits are set that mean nothing');
    }
    const view = new DataView(own.buffer);
    const rows = view.getUint32(layout.rows, true) + view.getUint32(layout.rows + 4, true) * 2 ** 32;
    if (!Number.isSafeInteger(rows)) throw noState('there are too many rows');
    if (rows === 0 && own.some((byte, place) => byte !== 0 && place >= layout.specials)) {
      throw noState('there is a sum of no rows');
    }
    const limbs = new Float64Array(limbCount);
    for (let i = 0; i < limbCount; i++) limbs[i] = view.getUint32(layout.limbs + i * 4, true);
    const last = limbCount - 1;
    limbs[last] = view.getInt32(layout.limbs + last * 4, true);
    const top = (limbs[last] as number) * 2 ** 32 + (limbs[last - 1] as number);
    if (Math.abs(top) > rows / rowsPerTopUnit + 1)
      throw noState('the sum is larger than so many rows can make it');
    const state = new ReductionState();
    const sum = ExactSum.ofLimbs(limbs);
    sum.specials.hasNaN = (bits & specialBits.hasNaN) !== 0;
    sum.specials.hasInfinity = (bits & specialBits.hasInfinity) !== 0;
    sum.specials.hasNegativeInfinity = (bits & specialBits.hasNegativeInfinity) !== 0;
    state.#add(sum, rows);
    return state;
  }

  /** Throws a TypeError for what is no state, whatever its prototype. @internal */
  static requireState(name: string, value: unknown): asserts value is ReductionState {
    if (typeof value === 'object' && value !== null && #sum in value) return;
    throw new TypeError(`${name} must be a ReductionState, not ${describeClass(value)}`);
  }

  /** Adds so many rows to a state. @internal */
  static addRows(state: ReductionState, sum: ExactSum, rows: number): void {
    state.#add(sum, rows);
  }

  #add(sum: ExactSum, rows: number): void {
    this.#requireRoom(rows);
    this.#sum.addSum(sum);
    this.#rows += rows;
  }

  #requireRoom(rows: number): void {
    if (!Number.isSafeInteger(this.#rows + rows)) throw new RangeError('a state has at most 2^53 - 1 rows');
  }
}

function noState(why: string): RangeError {
  return new RangeError(`the bytes are no state of a reduction: ${why}`);
}
