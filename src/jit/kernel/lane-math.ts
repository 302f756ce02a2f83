/**
 * `Math` and comparisons as sequences of lane operations, bit for bit as the scalar code does them
 * (`opt/legalise` explains the algorithms); some are shorter here, where the family allows it.
 */
import type { LaneFamily } from './lane-operations.ts';
import { LaneProgramBuilder, type LaneValue } from './lane-program.ts';

const signBit = 1n << 63n;
const magnitudeBits = signBit - 1n;
/** Up to here in magnitude, adding and subtracting it rounds to an integer; beyond, all doubles are integers. */
const firstInteger = 2 ** 52;

export const Rounding = Object.freeze({ Down: 0b1001, Up: 0b1010, Zero: 0b1011 } as const);

/** Predicates of comparison; the last exists from AVX on. */
export const Predicate = Object.freeze({
  Equal: 0,
  Less: 1,
  LessOrEqual: 2,
  Unordered: 3,
  NotEqual: 4,
  Ordered: 7,
  OrderedNotEqual: 12,
} as const);

/** Immediate of `vrangepd`: the larger, with the sign of the result of the comparison. */
const rangeLarger = 5;

export class LaneMath extends LaneProgramBuilder {
  readonly #hasRound: boolean;

  constructor(family: LaneFamily, hasRound: boolean) {
    super(family);
    this.#hasRound = hasRound;
  }

  // Masks

  compare(predicate: number, x: LaneValue, y: LaneValue): LaneValue {
    return this.applyImmediate('compare', predicate, x, y);
  }

  both(p: LaneValue, q: LaneValue): LaneValue {
    return this.apply(this.isEvex ? 'maskAnd' : 'and', p, q);
  }

  either(p: LaneValue, q: LaneValue): LaneValue {
    return this.apply(this.isEvex ? 'maskOr' : 'or', p, q);
  }

  differ(p: LaneValue, q: LaneValue): LaneValue {
    return this.apply(this.isEvex ? 'maskXor' : 'xor', p, q);
  }

  not(p: LaneValue): LaneValue {
    return this.isEvex ? this.apply('maskNot', p) : this.apply('xor', p, this.bits(-1n));
  }

  selectMask(condition: LaneValue, whenTrue: LaneValue, whenFalse: LaneValue): LaneValue {
    const first = this.both(condition, whenTrue);
    const second = this.apply(this.isEvex ? 'maskAndNot' : 'andNot', condition, whenFalse);
    return this.either(first, second);
  }

  /** Neither zero nor NaN. */
  isTrue(x: LaneValue): LaneValue {
    const zero = this.float(0);
    return this.isSse
      ? this.compare(Predicate.Less, zero, this.magnitude(x))
      : this.compare(Predicate.OrderedNotEqual, x, zero);
  }

  /** `value` where the mask is set, else +0. */
  keep(mask: LaneValue, value: LaneValue): LaneValue {
    return this.isEvex ? this.apply('keep', value, mask) : this.apply('and', mask, value);
  }

  select(condition: LaneValue, whenTrue: LaneValue, whenFalse: LaneValue): LaneValue {
    if (whenFalse.constant === 0n) return this.keep(condition, whenTrue);
    if (!this.isSse) return this.apply('blend', whenFalse, whenTrue, condition);
    const rest = this.apply('andNot', condition, whenFalse);
    return whenTrue.constant === 0n ? rest : this.apply('or', this.apply('and', condition, whenTrue), rest);
  }

  // Signs

  magnitude(x: LaneValue): LaneValue {
    if (x.constant !== undefined) return this.bits(x.constant & magnitudeBits);
    return this.apply('and', x, this.bits(magnitudeBits));
  }

  negate(x: LaneValue): LaneValue {
    return this.apply('xor', x, this.bits(signBit));
  }

  copySign(magnitude: LaneValue, sign: LaneValue): LaneValue {
    return this.apply('or', this.magnitude(magnitude), this.apply('and', sign, this.bits(signBit)));
  }

  sign(x: LaneValue): LaneValue {
    return this.select(this.isTrue(x), this.copySign(this.float(1), x), x);
  }

  // Rounding

  round(x: LaneValue, mode: number): LaneValue {
    if (this.#hasRound) return this.applyImmediate('round', mode, x);
    const magnitude = this.magnitude(x);
    const shift = this.float(firstInteger);
    const nearest = this.apply('sub', this.apply('add', magnitude, shift), shift);
    const isSmall = this.compare(Predicate.Less, magnitude, shift);
    const one = this.float(1);
    let rounded: LaneValue;
    if (mode === Rounding.Zero) {
      const isAbove = this.compare(Predicate.Less, magnitude, nearest);
      rounded = this.apply('sub', nearest, this.keep(isAbove, one));
    } else {
      const signed = this.apply('or', nearest, this.apply('and', x, this.bits(signBit)));
      rounded =
        mode === Rounding.Down
          ? this.apply('sub', signed, this.keep(this.compare(Predicate.Less, x, signed), one))
          : this.apply('add', signed, this.keep(this.compare(Predicate.Less, signed, x), one));
    }
    // The sign is that of the argument, whatever the magnitude has become.
    const magnitudeMask = this.apply('and', isSmall, this.bits(magnitudeBits));
    return this.select(magnitudeMask, rounded, x);
  }

  /** `Math.round`. */
  roundHalfUp(x: LaneValue): LaneValue {
    const above = this.round(x, Rounding.Up);
    const isTooFar = this.compare(Predicate.Less, x, this.apply('sub', above, this.float(0.5)));
    return this.apply('sub', above, this.keep(isTooFar, this.float(1)));
  }

  // Extremes

  /** `Math.min`. With a constant that is neither zero nor NaN the instruction itself is right: NaN comes second, and wins. */
  min(x: LaneValue, y: LaneValue): LaneValue {
    const plain = this.#plainExtreme('min', x, y);
    return plain ?? this.apply('or', this.apply('min', x, y), this.apply('min', y, x));
  }

  max(x: LaneValue, y: LaneValue): LaneValue {
    const plain = this.#plainExtreme('max', x, y);
    if (plain !== undefined) return plain;
    const unordered = this.compare(Predicate.Unordered, x, y);
    if (this.isEvex) {
      const larger = this.applyImmediate('range', rangeLarger, x, y);
      return this.select(unordered, this.float(Number.NaN), larger);
    }
    const larger = this.apply('and', this.apply('max', x, y), this.apply('max', y, x));
    return this.apply('or', larger, unordered);
  }

  #plainExtreme(name: 'min' | 'max', x: LaneValue, y: LaneValue): LaneValue | undefined {
    if (isPlain(x)) return this.apply(name, x, y);
    return isPlain(y) ? this.apply(name, y, x) : undefined;
  }
}

/** A constant with which no two operands of `min` or `max` are both zero, and which is no NaN. */
function isPlain({ constant }: LaneValue): boolean {
  if (constant === undefined) return false;
  const magnitude = constant & magnitudeBits;
  return magnitude !== 0n && magnitude <= 0x7ff0n << 48n;
}
