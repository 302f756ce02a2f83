/**
 * Which rows are there: bitmaps as Arrow has them, with a bit for each row, least significant first, and presences, with a byte for
 * each row that is 1 or 0, which kernels read as a column.
 *
 * A bitmap belongs to the caller, who may take it away or shorten it at any time; rows whose bits are gone are missing.
 */
import { describeClass } from '../../support/describe-value.ts';
import {
  setTypedArray,
  typedArrayBuffer,
  typedArrayLength,
  typedArrayOffset,
} from '../../support/intrinsics.ts';
import { isUint8Array } from '../../support/platform.ts';
import { requireAttached, type Validity } from '../backends/bound-columns.ts';
import { KernelError } from '../backends/kernel-error.ts';

/** By byte of a bitmap: eight bytes of presences, as the bits of a double. None of them is a NaN, whose bits would be V8's affair. */
const eightPresences = new Float64Array(256);
const eightBytes = new Uint8Array(eightPresences.buffer);
for (let byte = 0; byte < 256; byte++) {
  for (let bit = 0; bit < 8; bit++) eightBytes[byte * 8 + bit] = (byte >> bit) & 1;
}

/** The same bits, seen from some rows further on. */
export function fromRow({ bytes, offset }: Validity, row: number): Validity {
  return { bytes, offset: offset + row };
}

/** Bytes of a bitmap of so many bits. */
export function bitmapLength(bits: number): number {
  return Math.ceil(bits / 8);
}

/** What a caller says of which rows are there; undefined where all are.
 *
 * @throws TypeError, RangeError or KernelError for what is no bitmap of so many rows. */
export function readValidity(
  bytes: unknown,
  offset: unknown,
  rows: number,
  name: string,
): Validity | undefined {
  if (!Number.isSafeInteger(offset) || (offset as number) < 0)
    throw new RangeError(
      `the offset of ${name} must be an integer of at least 0, not ${typeof offset === 'number' ? offset : describeClass(offset)}`,
    );
  if (bytes === undefined || bytes === null) return undefined;
  if (!isUint8Array(bytes))
    throw new TypeError(`${name} must be a Uint8Array of bits, not ${describeClass(bytes)}`);
  const length = typedArrayLength(bytes);
  if (length === 0) requireAttached(bytes as Uint8Array, `${name}`);
  const needed = bitmapLength((offset as number) + rows);
  if (rows > 0 && length < needed)
    throw new KernelError(
      'E_LENGTH_MISMATCH',
      `${name} has ${length} bytes, and ${rows} rows from bit ${offset} on take ${needed}`,
    );
  const validity = { bytes: bytes as Uint8Array, offset: offset as number };
  return isFull(validity, rows) ? undefined : validity;
}

function isFull({ bytes, offset }: Validity, rows: number): boolean {
  const end = offset + rows;
  let bit = offset;
  while (bit < end) {
    const byte = bytes[Math.floor(bit / 8)] as number;
    const shift = bit % 8;
    const count = Math.min(8 - shift, end - bit);
    const wanted = (1 << count) - 1;
    if (((byte >> shift) & wanted) !== wanted) return false;
    bit += count;
  }
  return true;
}

/** Rows whose bits are combined at a time, in arrays that stay in the first cache. */
const chunkRows = 32 * 1024;
const chunkWords = chunkRows / 32;
/** The bits of a chunk that are set in all of the bitmaps. */
const common = new Int32Array(chunkWords);
/** Those of one bitmap, with a word more than they may take where they do not begin at a byte. */
const words = new Int32Array(chunkWords + 1);
const wordBytes = new Uint8Array(words.buffer);

/** Puts the bits of so many words of rows into `common`. No code of anybody else runs in here. */
function combine(validities: readonly Validity[], firstRow: number, count: number): void {
  common.fill(-1, 0, count);
  for (let v = 0; v < validities.length; v++) {
    const { bytes, offset } = validities[v] as Validity;
    const first = Math.floor((offset + firstRow) / 8);
    const shift = offset % 8;
    const wanted = count * 4 + 1;
    const length = Math.min(wanted, Math.max(typedArrayLength(bytes) - first, 0));
    wordBytes.fill(0, length, wanted);
    if (length > 0)
      setTypedArray(
        wordBytes,
        new Uint8Array(typedArrayBuffer(bytes), typedArrayOffset(bytes) + first, length),
      );
    if (shift === 0) {
      for (let i = 0; i < count; i++) common[i] = (common[i] as number) & (words[i] as number);
    } else {
      for (let i = 0; i < count; i++) {
        const low = (words[i] as number) >>> shift;
        common[i] = (common[i] as number) & (low | ((words[i + 1] as number) << (32 - shift)));
      }
    }
  }
}

/** Bytes of an array that has room for the presences of so many rows. */
export function presenceBytes(rows: number): number {
  return Math.ceil(rows / 32) * 32;
}

/** The presences of rows that are there in all of the columns. `memory` has {@link presenceBytes} for them. */
export function presences(
  validities: readonly Validity[],
  rows: number,
  memory: ArrayBuffer = new ArrayBuffer(presenceBytes(rows)),
): Uint8Array {
  const eights = new Float64Array(memory);
  for (let row = 0; row < rows; row += chunkRows) {
    const count = Math.min(chunkWords, Math.ceil((rows - row) / 32));
    combine(validities, row, count);
    let to = row / 8;
    for (let i = 0; i < count; i++) {
      const word = common[i] as number;
      eights[to] = eightPresences[word & 255] as number;
      eights[to + 1] = eightPresences[(word >>> 8) & 255] as number;
      eights[to + 2] = eightPresences[(word >>> 16) & 255] as number;
      eights[to + 3] = eightPresences[word >>> 24] as number;
      to += 4;
    }
  }
  return new Uint8Array(memory, 0, rows);
}

/** A bitmap of the rows that are there in all of the columns; bits behind the last row are 0. */
export function commonBits(validities: readonly Validity[], rows: number): Uint8Array {
  const all = new Int32Array(Math.ceil(rows / 32));
  for (let row = 0; row < rows; row += chunkRows) {
    const count = Math.min(chunkWords, Math.ceil((rows - row) / 32));
    combine(validities, row, count);
    for (let i = 0; i < count; i++) all[row / 32 + i] = common[i] as number;
  }
  const bits = new Uint8Array(all.buffer, 0, bitmapLength(rows));
  clearBehind(bits, rows);
  return bits;
}

/** Of the presences that a kernel has computed, each 1 or 0. */
export function bitmapOf(presence: Uint8Array): Uint8Array {
  const rows = presence.length;
  const bitmap = new Uint8Array(bitmapLength(rows));
  const fours = new Uint32Array(typedArrayBuffer(presence), 0, rows >> 2);
  for (let i = 0; i < fours.length; i++) {
    // Four bits at the top of the product, which no sum carries into.
    const four = (Math.imul(fours[i] as number, 0x01_02_04_08) >>> 24) & 15;
    bitmap[i >> 1] = (bitmap[i >> 1] as number) | (four << ((i & 1) * 4));
  }
  for (let row = fours.length * 4; row < rows; row++) {
    if (presence[row] !== 0) setBit(bitmap, row);
  }
  return bitmap;
}

/** A bitmap in which every row is there. */
export function fullBitmap(rows: number): Uint8Array {
  const bitmap = new Uint8Array(bitmapLength(rows)).fill(255);
  clearBehind(bitmap, rows);
  return bitmap;
}

export function setBit(bitmap: Uint8Array, row: number): void {
  const at = Math.floor(row / 8);
  bitmap[at] = (bitmap[at] as number) | (1 << (row % 8));
}

/** Copies so many bits of a bitmap to another, from a row of that on, where none is set. */
export function copyBits(from: Uint8Array, count: number, to: Uint8Array, row: number): void {
  const shift = row % 8;
  const first = (row - shift) / 8;
  const length = bitmapLength(count);
  for (let i = 0; i < length; i++) {
    const bits = (from[i] as number) << shift;
    to[first + i] = (to[first + i] as number) | bits;
    // What is beyond the end is stored nowhere.
    if (shift !== 0) to[first + i + 1] = bits >> 8;
  }
}

/** How many bits are set. */
export function countBits(bitmap: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < bitmap.length; i++) {
    for (let byte = bitmap[i] as number; byte !== 0; byte &= byte - 1) count++;
  }
  return count;
}

function clearBehind(bitmap: Uint8Array, rows: number): void {
  if (rows % 8 !== 0) {
    const last = bitmap.length - 1;
    bitmap[last] = (bitmap[last] as number) & ((1 << (rows % 8)) - 1);
  }
}
