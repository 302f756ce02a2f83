import { invariant } from '../support/invariant.ts';
import { BitSet } from './bit-set.ts';
import {
  clearFrom,
  clearHole,
  clearStop,
  endOfSpans,
  freeEnd,
  freeGranule,
  freeStart,
  holes,
  isHole,
  isStop,
  joinHoles,
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
 * A release writes the two bitmaps and no more: what follows from them, which is the maxima, the tags below and the
 * tail, is counted when somebody asks for it, and for all chunks together that were released into since. Whoever
 * releases many spans pays for each chunk once and in the order of memory, or never, when the block is empty in the end.
 *
 * A hole can be far longer than a chunk. So that its bounds need never be searched through many bitmaps, a
 * hole that covers two chunks or more has boundary tags: the first chunk it covers knows its end, the last
 * one the complement of its start. They stand where such a chunk has its `stop` bitmap, as no span stops in it; in all
 * other chunks that a hole covers there stands zero. Until holes that touch are counted as one, each has its own tags:
 * what a tag claims to be free is free, and it only is not all of it.
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
 * Invariants, walked by {@link GranuleMap.verify}: in chunks that no hole covers, `stop` is set at the last granule of
 * each span and nowhere else; without live spans there are no holes; and when all is counted, the granule before `tail`
 * is not free, two holes never touch, maxima and tags are exact.
 */
export class GranuleMap {
  /** Granules in the block. */
  declare readonly granules: number;
  /** The first granule that may be allocated; those before are padding. */
  declare readonly first: number;
  /** Everything from here on is free and in no hole, and until it is counted perhaps some before. */
  declare private tail: number;
  /** The range that the change under way takes or frees. */
  private changingStart = 0;
  /** 0 unless a change is under way. A field, since to look at it must not need the stack. */
  changingEnd = 0;
  private liveSpans = 0;
  private usedGranules = 0;
  /** Some chunks were released into since the last {@link GranuleMap.count}. */
  private uncounted = false;
  /** The bitmaps of all chunks, then the generations, then the tree of maxima, then the touched chunks. */
  declare private readonly words: Int32Array;
  /** Where the generations start, eight in a word. */
  declare private readonly generations: number;
  /** Where the cells of the tree start. */
  declare private readonly cells: number;
  declare private readonly maxima: MaxTree;
  /** The chunks to count: where what was released starts, and where what follows it does. */
  declare private readonly touched: BitSet;

  constructor(granules: number, padding: number) {
    const chunks = (granules + 31) >>> 5;
    this.granules = granules;
    this.first = padding;
    this.tail = padding;
    this.generations = 2 * chunks;
    this.cells = this.generations + ((granules + 7) >>> 3);
    const touched = this.cells + MaxTree.wordCount(chunks);
    // A span may end where the last chunk does, hence one more.
    this.words = new Int32Array(touched + BitSet.wordCount(chunks + 1));
    this.maxima = new MaxTree(this.words, this.cells, chunks);
    this.touched = new BitSet(this.words, touched, chunks + 1);
  }

  /** Live spans. */
  get spanCount(): number {
    return this.liveSpans;
  }

  /** Granules in live spans. */
  get used(): number {
    return this.usedGranules;
  }

  /** The length of the longest hole. Counts what is uncounted, as does {@link tailLength}. */
  get longestHole(): number {
    if (this.uncounted) this.count();
    return this.maxima.max;
  }

  /** Free granules at the end of the block. */
  get tailLength(): number {
    if (this.uncounted) this.count();
    return this.granules - this.tail;
  }

  /** Whether holes and the tail may be longer than was last counted. */
  get isUncounted(): boolean {
    return this.uncounted;
  }

  /** Bytes of bookkeeping. */
  get bytes(): number {
    return this.words.byteLength;
  }

  /** Runs of granules in live spans, neighbours as one: where one starts, where it ends, where the next one starts. */
  usedRuns(): number[] {
    const runs: number[] = [];
    let wasUsed = false;
    for (let g = this.first; g < this.tail; g++) {
      const isUsed = !isHole(this.words, g);
      if (isUsed !== wasUsed) runs.push(g);
      wasUsed = isUsed;
    }
    if (wasUsed) runs.push(this.tail);
    return runs;
  }

  /** Takes `n` granules off the tail and gives the first. Pre: all is counted, `n <= tailLength`. */
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
   * Takes `n` granules out of the leftmost chunk that has such a hole, and gives the first. Pre: all is counted, `n <=
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
        edge = freeEnd(this.words, base + at, this.tail) - base;
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
    if (start > this.first) {
      const before = start - 1;
      const recordBefore = holes(before);
      const ends = (words[recordBefore] as number) | (words[recordBefore + 1] as number);
      if (ends << (before & 31) >= 0) return Refusal.Interior;
    }
    // A window of 32 granules from `start` on; where it reaches beyond the last chunk, a span ends before.
    const stopBits = words[record + 1] as number;
    const ahead = (stopBits << at) | (((words[record + 3] as number) >>> 1) >>> (31 - at));
    const length = ahead !== 0 ? Math.clz32(ahead) + 1 : nextStop(words, start) + 1 - start;
    const end = start + length;
    this.changingStart = start;
    this.changingEnd = end;
    this.liveSpans--;
    this.usedGranules -= length;
    if (end === this.tail && !isHoleBefore(words, start)) {
      // What was taken last: nothing is left to count.
      clearStop(words, end - 1);
      this.tail = start;
      return length;
    }
    if (ahead !== 0) {
      // `markHole` and `clearStop` in both chunks of the window: whether the span reaches the second is as good as
      // random, and a mispredicted branch costs more than to write there what is there.
      const span = -1 << (32 - length);
      const stop = 0x80000000 >>> (length - 1);
      words[record] = bits | (span >>> at);
      words[record + 1] = stopBits & ~(stop >>> at);
      words[record + 2] = (words[record + 2] as number) | ((span << 1) << (31 - at));
      words[record + 3] = (words[record + 3] as number) & ~((stop << 1) << (31 - at));
    } else {
      clearStop(words, end - 1);
      markHole(words, start, end);
    }
    this.touched.addBoth(start >>> 5, end >>> 5);
    this.uncounted = true;
    if (this.liveSpans === 0) this.clear();
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
    markHole(words, end, start + length);
    this.touched.add(end >>> 5);
    this.touched.add((start + length) >>> 5);
    this.uncounted = true;
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
    this.uncounted = false;
    this.changingEnd = 0;
  }

  /** Forgets all spans. */
  reset(): void {
    this.words.fill(0);
    this.changingEnd = 0;
    this.uncounted = false;
    this.tail = this.first;
    this.liveSpans = 0;
    this.usedGranules = 0;
  }

  /** Live spans in order, as start and length. */
  *spans(): Generator<{ start: number; length: number }, void, undefined> {
    let start = this.first;
    while (start < this.tail) {
      if (isHole(this.words, start)) {
        start = freeEnd(this.words, start, this.tail);
      } else {
        const length = this.lengthAt(start);
        yield { start, length };
        start += length;
      }
    }
  }

  /** Walks everything; throws an `InvariantError` that names the first contradiction. */
  verify(): void {
    if (this.uncounted) {
      this.counted().verify();
      return;
    }
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
    invariant(this.touched.from(0) < 0, 'a chunk is uncounted and the block is not');
  }

  /** What this map will be when it has been counted. */
  private counted(): GranuleMap {
    const map = new GranuleMap(this.granules, this.first);
    map.words.set(this.words);
    map.tail = this.tail;
    map.liveSpans = this.liveSpans;
    map.usedGranules = this.usedGranules;
    map.count();
    return map;
  }

  /** Counts what releases have put off: the tail, and the maxima and boundary tags of the touched chunks. */
  count(): void {
    const words = this.words;
    // An empty range: should this be cut off, all is derived from the bitmaps.
    this.changingStart = 1;
    this.changingEnd = 1;
    const left = freeStart(words, this.tail);
    if (left < this.tail) {
      clearHole(words, left, this.tail);
      this.tail = left;
      this.recount(left >>> 5);
    }
    let counted = 0;
    for (let chunk = this.touched.take(0); chunk >= 0; chunk = this.touched.take(chunk)) {
      const base = chunk << 5;
      if (base >= this.granules) continue;
      // The hole that enters from the left may start in a chunk that was not touched.
      if (base >= counted) {
        const start = freeStart(words, base);
        if (start < base) counted = this.recount(start >>> 5);
      }
      counted = Math.max(counted, this.recount(chunk));
    }
    this.uncounted = false;
    this.changingEnd = 0;
  }

  /**
   * Counts the length of the longest hole that starts in a chunk, after the one that reaches beyond it has become one
   * with those that follow. Gives the end of the last.
   */
  private recount(chunk: number): number {
    const base = chunk << 5;
    let longest = 0;
    let edge = 0;
    for (let rest = startingHoles(this.words, base); rest !== 0; ) {
      const at = Math.clz32(rest);
      edge = at + Math.clz32(~(rest << at));
      if (edge < 32) {
        rest &= -1 >>> edge;
      } else {
        rest = 0;
        edge = joinHoles(this.words, base + at) - base;
      }
      if (edge - at > longest) longest = edge - at;
    }
    this.maxima.set(chunk, longest);
    return base + edge;
  }

  /** Makes all free, now that no span is live. */
  private clear(): void {
    this.words.fill(0, 0, holes(this.tail - 1) + 2);
    if (this.maxima.max > 0) this.maxima.clear(((this.tail - 1) >>> 5) + 1);
    this.touched.clear();
    this.tail = this.first;
    this.uncounted = false;
  }

  private advanceGeneration(start: number): void {
    const position = this.generations + (start >>> 3);
    this.words[position] = advance(this.words[position] as number, start);
  }
}

/** Whether the granule before `start` is free. */
function isHoleBefore(words: Int32Array, start: number): boolean {
  return start > 0 && isHole(words, start - 1);
}

/** The word of eight generations with that of the span at `start` counted on. */
function advance(word: number, start: number): number {
  const shift = (start & 7) << 2;
  return (word & ~(15 << shift)) | ((((word >>> shift) + 1) & 15) << shift);
}
