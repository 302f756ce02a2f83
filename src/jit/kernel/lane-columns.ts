/** How elements of columns become lanes of doubles, and lanes of doubles elements of outputs. */
import { type ColumnType, elementSize, type OutputType } from './kernel-spec.ts';
import type { LaneIntegers } from './lane-integers.ts';
import type { LaneValue } from './lane-program.ts';

const pairsOfEvens = 0b10_00_10_00;
const lowWords = 0b00_00_10_00;

export function loadColumn(lanes: LaneIntegers, type: ColumnType, column: number): LaneValue {
  if (type === 'f64') return lanes.load('loadDouble', column);
  const element = lanes.load(elementSize(type) === 4 ? 'loadWord' : 'loadSmall', column);
  if (type === 'f32') return lanes.apply('floatToDouble', element);
  if (type !== 'u32') return lanes.apply('int32ToDouble', element);
  if (lanes.isEvex) return lanes.apply('uint32ToDouble', element);
  const wide = lanes.isSse
    ? lanes.apply('interleave32', element, lanes.bits(0n))
    : lanes.apply('zeroExtend', element);
  return lanes.toDouble(wide);
}

/** Stores the doubles `value`, converted as JavaScript converts what it stores into a typed array. */
export function storeColumn(
  lanes: LaneIntegers,
  type: Exclude<OutputType, 'mask'>,
  value: LaneValue,
  output: number,
): void {
  switch (type) {
    case 'f64':
      lanes.store('store', value, output);
      return;
    case 'f32':
      lanes.store('store', lanes.apply('doubleToFloat', value), output);
      return;
    case 'u8c':
      lanes.store('store', clamped(lanes, value), output);
      return;
    case 'i32':
    case 'u32':
      lanes.store('store', packed(lanes, lanes.toInt32Low(value), 4), output);
      return;
    case 'i16':
    case 'u16':
      lanes.store('store', packed(lanes, lanes.toInt32Low(value), 2), output);
      return;
    default:
      lanes.store('store', packed(lanes, lanes.toInt32Low(value), 1), output);
  }
}

/** Stores bytes, 1 where the mask is set and 0 elsewhere. */
export function storeMask(lanes: LaneIntegers, mask: LaneValue, output: number): void {
  lanes.store('store', packed(lanes, lanes.keep(mask, lanes.bits(1n)), 1), output);
}

/** The low `size` bytes of each lane side by side; EVEX does it while it stores. */
function packed(lanes: LaneIntegers, value: LaneValue, size: 1 | 2 | 4): LaneValue {
  if (lanes.isEvex) return value;
  if (lanes.isSse) {
    const low = size === 1 ? lanes.apply('and', value, lanes.bits(0xffn)) : value;
    const doublewords = lanes.applyImmediate('shuffle32', lowWords, low);
    if (size === 4) return doublewords;
    const words = lanes.applyImmediate('shuffle16', lowWords, doublewords);
    return size === 2 ? words : lanes.apply('packWords', words, words);
  }
  // Packing saturates, so nothing may stand above what counts.
  if (size === 4) return evenDoublewords(lanes, value);
  if (size === 2) {
    const doublewords = evenDoublewords(lanes, lanes.apply('and', value, lanes.bits(0xffffn)));
    return lanes.apply('packUnsignedDoublewords', doublewords, doublewords);
  }
  const doublewords = evenDoublewords(lanes, lanes.apply('and', value, lanes.bits(0xffn)));
  return packedBytes(lanes, doublewords);
}

function evenDoublewords(lanes: LaneIntegers, value: LaneValue): LaneValue {
  return lanes.applyImmediate(
    'shufflePairs',
    pairsOfEvens,
    value,
    lanes.applyImmediate('upperHalf', 1, value),
  );
}

function packedBytes(lanes: LaneIntegers, doublewords: LaneValue): LaneValue {
  const words = lanes.apply('packDoublewords', doublewords, doublewords);
  return lanes.apply('packWords', words, words);
}

/** ToUint8Clamp: NaN is 0, ties go to even. */
function clamped(lanes: LaneIntegers, value: LaneValue): LaneValue {
  const positive = lanes.apply('max', value, lanes.float(0));
  const limited = lanes.apply('min', positive, lanes.float(255));
  if (lanes.isEvex) return lanes.apply('doubleToNearestInt64', limited);
  return packedBytes(lanes, lanes.apply('doubleToInt32', limited));
}
