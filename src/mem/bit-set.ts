import { lowestBit } from '../support/lowest-bit.ts';

/**
 * A set of small numbers as a bitmap under a bitmap of its words, in a part of an `Int32Array` that the owner
 * provides. To add a number takes no branch, and to go through them takes little more time than there are some.
 */
export class BitSet {
  declare private readonly words: Int32Array;
  /** Where the bitmap starts, and where that of its words does. */
  declare private readonly low: number;
  declare private readonly high: number;
  declare private readonly end: number;

  /** How many words a set of numbers below `bound` needs. */
  static wordCount(bound: number): number {
    return ((bound + 31) >>> 5) + ((bound + 1023) >>> 10);
  }

  /** An empty set in `words[offset …]`, which are zero. */
  constructor(words: Int32Array, offset: number, bound: number) {
    this.words = words;
    this.low = offset;
    this.high = offset + ((bound + 31) >>> 5);
    this.end = offset + BitSet.wordCount(bound);
  }

  add(value: number): void {
    const words = this.words;
    const low = this.low + (value >>> 5);
    const high = this.high + (value >>> 10);
    words[low] = (words[low] as number) | (1 << (value & 31));
    words[high] = (words[high] as number) | (1 << ((value >>> 5) & 31));
  }

  /** The smallest member from `value` on, -1 if there is none. */
  from(value: number): number {
    const { words, low, high, end } = this;
    const here = low + (value >>> 5);
    if (here >= high) return -1;
    const rest = (words[here] as number) & (-1 << (value & 31));
    if (rest !== 0) return (value & ~31) + lowestBit(rest);
    const group = (value >>> 5) + 1;
    let mask = -1 << (group & 31);
    for (let position = high + (group >>> 5); position < end; position++) {
      const some = (words[position] as number) & mask;
      if (some !== 0) {
        const word = ((position - high) << 5) + lowestBit(some);
        return (word << 5) + lowestBit(words[low + word] as number);
      }
      mask = -1;
    }
    return -1;
  }

  /** Adds two numbers, in one go where they are close to each other. */
  addBoth(first: number, second: number): void {
    const words = this.words;
    if (first >>> 5 !== second >>> 5) {
      this.add(second);
      this.add(first);
      return;
    }
    const low = this.low + (first >>> 5);
    const high = this.high + (first >>> 10);
    words[low] = (words[low] as number) | (1 << (first & 31)) | (1 << (second & 31));
    words[high] = (words[high] as number) | (1 << ((first >>> 5) & 31));
  }

  /** Does nothing if the number is not there. */
  remove(value: number): void {
    const words = this.words;
    const low = this.low + (value >>> 5);
    const high = this.high + (value >>> 10);
    const rest = (words[low] as number) & ~(1 << (value & 31));
    words[low] = rest;
    if (rest === 0) words[high] = (words[high] as number) & ~(1 << ((value >>> 5) & 31));
  }

  /** Removes the smallest member and gives it, -1 if there is none. Pre: none is smaller than `bound`. */
  take(bound: number): number {
    const { words, high, end } = this;
    for (let position = high + (bound >>> 10); position < end; position++) {
      const some = words[position] as number;
      if (some === 0) continue;
      const word = ((position - high) << 5) + lowestBit(some);
      const bits = words[this.low + word] as number;
      const rest = bits & (bits - 1);
      words[this.low + word] = rest;
      if (rest === 0) words[position] = some & (some - 1);
      return (word << 5) + lowestBit(bits);
    }
    return -1;
  }

  /** Removes all. */
  clear(): void {
    const { words, low, high, end } = this;
    for (let position = high; position < end; position++) {
      for (let some = words[position] as number; some !== 0; some &= some - 1) {
        words[low + ((position - high) << 5) + lowestBit(some)] = 0;
      }
      words[position] = 0;
    }
  }
}
