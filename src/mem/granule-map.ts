import { invariant } from '../support/invariant.ts';
import {
  clearFrom,
  clearHole,
  clearStop,
  endOfSpans,
  freeGranule,
  holeEnd,
  holeStart,
  holes,
  isHole,
  isStop,
  markHole,
  nextStop,
  setStop,
  startingHoles,
  stops,
  tagHole,
} from './chunk-bitmaps.ts';
import { walkGranules } from './granule-walk.ts';
import { MaxTree } from './max-tree.ts';

/** Why no live span starts at a granule; negative, so that it can stand where a length is expected. */
export const Refusal = Object.freeze({ NotAllocated: -1, Interior: -2 } as const);

/**
 * Which granules of one block are free: pure bookkeeping, without addresses and without an OS.
 *
 * Problem: find a free run of `n` granules, take it, and give it back merged with its neighbours, each in
 * time logarithmic in the number of spans however fragmented the block is; in less than a byte per granule,
 * and without touching the memory that is being managed.
 *
 * Strategy: the block is divided at `tail`. From there on nothing is allocated, and an allocation that finds
 * no room below only moves `tail`. Below it, each chunk of 32 granules has two bitmaps: `hole` marks granules
 * that are free, `stop` the last granule of each live span. A {@link MaxTree} over the chunks knows the
 * length of the longest hole that starts in each, and so finds the leftmost chunk that has a long enough one.
 * (First fit by address keeps fragmentation low and lets the end of a block drain.)
 *
 * A hole can be far longer than a chunk. So that its bounds need never be searched through many bitmaps, a
 * hole that covers two chunks or more has boundary tags: the first chunk it covers knows its end, the last
 * one its start. They stand where such a chunk has its `stop` bitmap, as no span stops in it. What stands
 * there in the chunks between, or in the only one covered, means nothing, and is cleared when the chunk is
 * used again.
 *
 * Both bitmaps of a chunk stand side by side, and everything else apart from them, since at many thousands of
 * spans memory latency is most of the cost. They have their first granule in the highest bit, so that
 * `Math.clz32` measures runs.
 *
 * A change takes several steps, and JavaScript may be cut off at any call: by an exhausted stack, or by the time limit of
 * `node:vm`. So a change first notes the range that it takes or frees, and whoever asked for it ends it by
 * {@link GranuleMap.settle}. If one was cut off, {@link GranuleMap.rebuild} makes the range free, which undoes what
 * was to take it and completes what was to free it, and derives all else from the bitmaps: outside of the range, and
 * of chunks that a hole covers, they are right at any moment.
 *
 * Besides, four bits per granule count the spans that have started there, one that was shrunk as another, so
 * that a handle of an earlier one can be told apart.
 *
 * Invariants, walked by {@link GranuleMap.verify}: the granule before `tail` is never free; two holes never
 * touch; in chunks that no hole covers, `stop` is set at the last granule of each span and nowhere else;
 * maxima and tags are exact; without live spans there are no holes.
 */
export class GranuleMap {
  /** Granules in the block. */
  declare readonly granules: number;
  /** The first granule that may be allocated; those before are padding. */
  declare readonly first: number;
  /** Everything from here on is free and in no hole. */
  declare private tail: number;
  /** The range that the change under way takes or frees. */
  private changingStart = 0;
  /** 0 unless a change is under way. A field, since to look at it must not need the stack. */
  changingEnd = 0;
  private liveSpans = 0;
  private usedGranules = 0;
  /** The bitmaps of all chunks, then the generations, then the tree of maxima. */
  declare private readonly words: Int32Array;
  /** Where the generations start, eight in a word. */
  declare private readonly generations: number;
  /** Where the cells of the tree start. */
  declare private readonly cells: number;
  declare private readonly maxima: MaxTree;

  constructor(granules: number, padding: number) {
    const chunks = (granules + 31) >>> 5;
    this.granules = granules;
    this.first = padding;
    this.tail = padding;
    this.generations = 2 * chunks;
    this.cells = this.generations + ((granules + 7) >>> 3);
    this.words = new Int32Array(this.cells + MaxTree.wordCount(chunks));
    this.maxima = new MaxTree(this.words, this.cells, chunks);
  }

  /** Live spans. */
  get spanCount(): number {
    return this.liveSpans;
  }

  /** Granules in live spans. */
  get used(): number {
    return this.usedGranules;
  }

  /** The length of the longest hole. */
  get longestHole(): number {
    return this.maxima.max;
  }

  /** Free granules at the end of the block. */
  get tailLength(): number {
    return this.granules - this.tail;
  }

  /** Bytes of bookkeeping. */
  get bytes(): number {
    return this.words.byteLength;
  }

  /** Takes `n` granules off the tail and gives the first. Pre: `n <= tailLength`. */
  takeTail(n: number): number {
    const start = this.tail;
    this.changingStart = start;
    this.changingEnd = start + n;
    this.tail = start + n;
    setStop(this.words, start + n - 1);
    this.advanceGeneration(start);
    this.liveSpans++;
    this.usedGranules += n;
    return start;
  }

  /**
   * Takes `n` granules out of the leftmost chunk that has such a hole, and gives the first. Pre: `n <=
   * longestHole`.
   */
  takeHole(n: number): number {
    const chunk = this.maxima.find(n);
    const base = chunk << 5;
    // One pass over the holes that start here: the first that fits, and the longest of the others.
    let start = -1;
    let end = 0;
    let longest = 0;
    for (let rest = startingHoles(this.words, base); rest !== 0; ) {
      const at = Math.clz32(rest);
      let edge = at + Math.clz32(~(rest << at));
      if (edge < 32) {
        rest &= -1 >>> edge;
      } else {
        rest = 0;
        edge = holeEnd(this.words, base + at) - base;
      }
      const length = edge - at;
      if (start < 0 && length >= n) {
        start = base + at;
        end = base + edge;
      } else if (length > longest) {
        longest = length;
      }
    }
    const stop = start + n;
    this.changingStart = start;
    this.changingEnd = stop;
    clearHole(this.words, start, stop);
    setStop(this.words, stop - 1);
    this.advanceGeneration(start);
    this.liveSpans++;
    this.usedGranules += n;
    const remainder = end - stop;
    if (remainder > 0) {
      tagHole(this.words, stop, end);
      const next = stop >>> 5;
      if (next === chunk) longest = Math.max(longest, remainder);
      else if (remainder > this.maxima.get(next)) this.maxima.raise(next, remainder);
    }
    this.maxima.set(chunk, longest);
    return start;
  }

  /** The number of granules of the live span that starts at `start`, or a {@link Refusal}. */
  lengthAt(start: number): number {
    if (start < this.first || start >= this.tail) return Refusal.NotAllocated;
    const words = this.words;
    const at = start & 31;
    if ((words[holes(start)] as number) << at < 0) return Refusal.NotAllocated;
    if (start > this.first) {
      const before = start - 1;
      const ends = (words[holes(before)] as number) | (words[stops(before)] as number);
      if (ends << (before & 31) >= 0) return Refusal.Interior;
    }
    const ahead = (words[stops(start)] as number) << at;
    return ahead !== 0 ? Math.clz32(ahead) + 1 : nextStop(this.words, start) + 1 - start;
  }

  /** The start of the live span that holds granule `g`, or a {@link Refusal}. */
  startOf(g: number): number {
    if (g < this.first || g >= this.tail || isHole(this.words, g)) return Refusal.NotAllocated;
    const words = this.words;
    for (let last = g - 1; last >= this.first; last = (last & ~31) - 1) {
      // The granule `last` is moved to the lowest bit; zeros come in at the top.
      const ends = ((words[holes(last)] as number) | (words[stops(last)] as number)) >>> (31 - (last & 31));
      if (ends !== 0) return last - 30 + Math.clz32(ends & -ends);
    }
    return this.first;
  }

  /** Which of the spans that have started at `start` is the present one, modulo 16. */
  generationAt(start: number): number {
    const word = this.words[this.generations + (start >>> 3)] as number;
    return (word >>> ((start & 7) << 2)) & 15;
  }

  /**
   * Frees the live span that starts at `start` and gives its length, or does nothing and gives a {@link
   * Refusal}.
   */
  release(start: number): number {
    const words = this.words;
    if (start < this.first || start >= this.tail) return Refusal.NotAllocated;
    const record = holes(start);
    const at = start & 31;
    const bits = words[record] as number;
    if (bits << at < 0) return Refusal.NotAllocated;
    // Left of the span there is a hole, of which the length is counted, or the end of another span.
    let left = start;
    if (start > this.first) {
      const last = start - 1;
      const recordBefore = holes(last);
      const shift = 31 - (last & 31);
      // An arithmetic shift: when all bits are ones, the hole reaches the chunk's start.
      const free = (words[recordBefore] as number) >> shift;
      if (((free | ((words[recordBefore + 1] as number) >> shift)) & 1) === 0) return Refusal.Interior;
      left = free !== -1 ? start - 31 + Math.clz32(~free & (free + 1)) : holeStart(this.words, last);
    }
    const stopBits = words[record + 1] as number;
    const ahead = stopBits << at;
    const length = ahead !== 0 ? Math.clz32(ahead) + 1 : nextStop(this.words, start) + 1 - start;
    const end = start + length;
    this.changingStart = start;
    this.changingEnd = end;
    this.liveSpans--;
    this.usedGranules -= length;
    if (at + length <= 32 && end !== this.tail) {
      // Most spans lie within a chunk: `clearStop` and `free` in two writes.
      const after = 32 - at - length;
      words[record] = bits | ((-1 >>> at) & (-1 << after));
      words[record + 1] = stopBits & ~(1 << after);
      this.join(left, end);
    } else {
      clearStop(this.words, end - 1);
      this.free(left, start, end);
    }
    return length;
  }

  /** Frees all but the first `kept` granules of the live span of `length` granules at `start`. */
  shrink(start: number, length: number, kept: number): void {
    const words = this.words;
    const end = start + kept;
    const stop = stops(end - 1);
    const generation = this.generations + (start >>> 3);
    const advanced = advance(words[generation] as number, start);
    // From here to the end of the next statements nothing is called: there is one span of the old size, or there are
    // the shorter one, of the next generation, and a range that is to be freed.
    words[stop] = (words[stop] as number) | (0x80000000 >>> ((end - 1) & 31));
    words[generation] = advanced;
    this.changingStart = end;
    this.changingEnd = start + length;
    clearStop(words, start + length - 1);
    this.usedGranules -= length - kept;
    this.free(end, end, start + length);
  }

  /** Ends a change, when all that follows from it is done. */
  settle(): void {
    this.changingEnd = 0;
  }

  /** Ends a change that was cut off: its range is free. */
  rebuild(): void {
    const words = this.words;
    for (let g = this.changingStart; g < this.changingEnd; g++) freeGranule(words, g);
    const tail = endOfSpans(words, this.first, this.generations >>> 1);
    clearFrom(words, tail, this.generations);
    words.fill(0, this.cells);
    let spans = 0;
    let used = 0;
    for (let g = this.first; g < tail; ) {
      const start = g;
      if (isHole(words, g)) {
        while (isHole(words, g)) g++;
        tagHole(words, start, g);
        const chunk = start >>> 5;
        if (g - start > this.maxima.get(chunk)) this.maxima.raise(chunk, g - start);
      } else {
        while (!isStop(words, g)) g++;
        g++;
        spans++;
        used += g - start;
      }
    }
    this.tail = tail;
    this.liveSpans = spans;
    this.usedGranules = used;
    this.changingEnd = 0;
  }

  /** Forgets all spans. */
  reset(): void {
    this.words.fill(0);
    this.changingEnd = 0;
    this.tail = this.first;
    this.liveSpans = 0;
    this.usedGranules = 0;
  }

  /** Live spans in order, as start and length. */
  *spans(): Generator<{ start: number; length: number }, void, undefined> {
    let start = this.first;
    while (start < this.tail) {
      if (isHole(this.words, start)) {
        start = holeEnd(this.words, start);
      } else {
        const length = this.lengthAt(start);
        yield { start, length };
        start += length;
      }
    }
  }

  /** Walks everything; throws an `InvariantError` that names the first contradiction. */
  verify(): void {
    const { tail, first, granules } = this;
    invariant(tail >= first && tail <= granules, `the tail ${tail} is outside the block`);
    const { spans, used, longest } = walkGranules(this.words, first, tail, granules);
    invariant(spans === this.liveSpans, `${this.liveSpans} spans are counted, ${spans} are there`);
    invariant(
      used === this.usedGranules,
      `${this.usedGranules} used granules are counted, ${used} are there`,
    );
    invariant(spans > 0 || tail === first, 'a block without spans has a hole');
    for (let chunk = 0; chunk << 5 < granules; chunk++) {
      const claimed = this.maxima.get(chunk);
      const actual = longest.get(chunk) ?? 0;
      invariant(claimed === actual, `chunk ${chunk} claims a hole of ${claimed}, its longest has ${actual}`);
    }
    const fault = this.maxima.fault();
    invariant(fault === undefined, `the tree of maxima is wrong: ${fault}`);
  }

  /**
   * Turns the granules from `start` to `end`, which are in no span any more, into free ones. The hole before
   * them starts at `left`, which is `start` if there is none.
   */
  private free(left: number, start: number, end: number): void {
    if (end === this.tail) {
      this.tail = left;
      if (left < start) {
        clearHole(this.words, left, start);
        this.forget(left, start);
      }
    } else {
      markHole(this.words, start, end);
      this.join(left, end);
    }
  }

  /**
   * Makes one hole of what is marked from `left` to `end` and of the hole that may follow.
   *
   * Whether there is one is as good as random, and a mispredicted branch costs as much as the rest of this
   * method. So its length is counted rather than tested: zero where there is none.
   */
  private join(left: number, end: number): void {
    const words = this.words;
    let right = end + Math.clz32(~((words[holes(end)] as number) << (end & 31)));
    if ((right & 31) === 0 && right > end) right = holeEnd(this.words, end);
    tagHole(this.words, left, right);
    const chunk = left >>> 5;
    // The tree's cells are looked at directly: this is where most releases end.
    if (right - left > (words[this.cells + chunk] as number)) this.maxima.raise(chunk, right - left);
    // What followed now starts further left; the chunk where it used to start has one hole less.
    if (end >>> 5 !== chunk && right > end) this.forget(end, right);
  }

  /** Corrects the maximum of the chunk where a hole from `start` to `end` used to start. */
  private forget(start: number, end: number): void {
    const chunk = start >>> 5;
    if (this.maxima.get(chunk) === end - start) this.maxima.set(chunk, this.longestIn(chunk << 5));
  }

  /** The length of the longest hole that starts in the chunk at `base`, counted anew. */
  private longestIn(base: number): number {
    let longest = 0;
    for (let rest = startingHoles(this.words, base); rest !== 0; ) {
      const at = Math.clz32(rest);
      let edge = at + Math.clz32(~(rest << at));
      if (edge < 32) {
        rest &= -1 >>> edge;
      } else {
        rest = 0;
        edge = holeEnd(this.words, base + at) - base;
      }
      longest = Math.max(longest, edge - at);
    }
    return longest;
  }

  private advanceGeneration(start: number): void {
    const position = this.generations + (start >>> 3);
    this.words[position] = advance(this.words[position] as number, start);
  }
}

/** The word of eight generations with that of the span at `start` counted on. */
function advance(word: number, start: number): number {
  const shift = (start & 7) << 2;
  return (word & ~(15 << shift)) | ((((word >>> shift) + 1) & 15) << shift);
}
