import { invariant } from '../support/invariant.ts';
import { MaxTree } from './max-tree.ts';

/** log2 of the number of granules in a chunk. Measured: docs/adr/0003. */
const chunkShift = 8;
const chunkLength = 1 << chunkShift;
const chunkWords = chunkLength >>> 5;

/** Why an address is not the start of a live span; negative, so that they share a range with granule counts. */
export const Refusal = Object.freeze({ NotAllocated: -1, Interior: -2 } as const);

/**
 * Which granules of one block are free: pure bookkeeping, without addresses and without an OS.
 *
 * Problem: find a free run of `n` granules, take it, and give it back merged with its neighbours, each in time
 * logarithmic in the number of spans however fragmented the block is; in less than a byte per granule, and without touching the memory that is being managed.
 *
 * Strategy: the block is divided at `tail`. From there on nothing is allocated, and most allocations only move
 * `tail`. Below it two bitmaps tell everything: `hole` marks granules that are free, `stop` marks the last
 * granule of each live span. Free runs below `tail`, the holes, are found through chunks of 256 granules: each
 * chunk knows the length of the longest hole that starts in it, and a {@link MaxTree} over the chunks finds the
 * leftmost chunk with a long enough one (first fit by address: it keeps fragmentation low and lets the
 * end of a block drain).
 *
 * A hole can be far longer than a chunk. So that neither its start nor its end is ever searched further than
 * one chunk's bitmap, a hole that crosses a chunk's edge carries boundary tags: `exit` of the chunk it starts in
 * holds its end, `entry` of the chunk it ends in holds its start. Any other tag is stale and never looked at.
 *
 * Bitmaps have their first granule in the highest bit, so that `Math.clz32` measures runs in reading order.
 *
 * Invariants, walked by {@link GranuleMap.verify}: the granule before `tail` is never free; two holes never touch;
 * `stop` is set at the last granule of each span and nowhere else; chunk maxima and tags are exact; without live
 * spans there are no holes.
 *
 * Besides, if asked to, four bits per granule count how often a span that started there was released, so that a
 * handle of an earlier span at the same place can be told apart.
 */
export class GranuleMap {
  /** Granules in the block. */
  readonly granules: number;
  /** The first granule that may be allocated; those before are padding. */
  readonly first: number;
  /** Everything from here on is free and in no hole. */
  #tail: number;
  #spanCount = 0;
  #used = 0;

  /** `hole` bits, `stop` bits, generations, entries, exits, maxima: one after another, in one allocation. */
  readonly #words: Int32Array;
  readonly #stop: number;
  /** 0 if generations are not counted. */
  readonly #generation: number;
  readonly #entry: number;
  readonly #exit: number;
  readonly #maxima: MaxTree;

  constructor(granules: number, padding: number, countsGenerations: boolean) {
    const words = (granules + 31) >>> 5;
    const chunks = (granules + chunkLength - 1) >>> chunkShift;
    this.granules = granules;
    this.first = padding;
    this.#tail = padding;
    this.#stop = words;
    this.#generation = countsGenerations ? 2 * words : 0;
    this.#entry = countsGenerations ? 6 * words : 2 * words;
    this.#exit = this.#entry + chunks;
    const maxima = this.#exit + chunks;
    this.#words = new Int32Array(maxima + MaxTree.wordCount(chunks));
    this.#maxima = new MaxTree(this.#words, maxima, chunks);
  }

  /** Live spans. */
  get spanCount(): number {
    return this.#spanCount;
  }

  /** Granules in live spans. */
  get used(): number {
    return this.#used;
  }

  /** The length of the longest hole. */
  get longestHole(): number {
    return this.#maxima.max;
  }

  /** Free granules at the end of the block. */
  get tailLength(): number {
    return this.granules - this.#tail;
  }

  get bytes(): number {
    return this.#words.byteLength;
  }

  /** Takes `n` granules off the tail and gives the first. Pre: `n <= tailLength`. */
  takeTail(n: number): number {
    const start = this.#tail;
    const end = start + n;
    this.#tail = end;
    const last = end - 1;
    const position = this.#stop + (last >>> 5);
    this.#words[position] = (this.#words[position] as number) | (0x80000000 >>> (last & 31));
    this.#spanCount++;
    this.#used += n;
    return start;
  }

  /** Takes `n` granules out of the leftmost chunk that has such a hole, and gives the first. Pre: `n <= longestHole`. */
  takeHole(n: number): number {
    const words = this.#words;
    const chunk = this.#maxima.find(n);
    let start = chunk << chunkShift;
    if (start > 0 && this.#isHole(start - 1)) start = this.#endInChunk(start);
    let end = start;
    for (;;) {
      start = this.#nextHole(end);
      end = this.#holeEnd(start);
      if (end - start >= n) break;
    }
    const stop = start + n;
    this.#clear(start, stop);
    const position = this.#stop + ((stop - 1) >>> 5);
    words[position] = (words[position] as number) | (0x80000000 >>> ((stop - 1) & 31));
    this.#spanCount++;
    this.#used += n;
    const rest = end - stop;
    const restChunk = stop >>> chunkShift;
    if (rest > 0) {
      this.#tag(stop, end);
      if (restChunk !== chunk && rest > this.#maxima.get(restChunk)) this.#maxima.set(restChunk, rest);
    }
    if (end - start === this.#maxima.get(chunk)) this.#maxima.set(chunk, this.#longestFrom(chunk));
    return start;
  }

  /** The number of granules of the live span that starts at `start`, or a {@link Refusal}. */
  lengthAt(start: number): number {
    if (start < this.first || start >= this.#tail) return Refusal.NotAllocated;
    const words = this.#words;
    if ((words[start >>> 5] as number) << (start & 31) < 0) return Refusal.NotAllocated;
    if (start > this.first) {
      const before = start - 1;
      const ends = (words[before >>> 5] as number) | (words[this.#stop + (before >>> 5)] as number);
      if (ends << (before & 31) >= 0) return Refusal.Interior;
    }
    return this.#stopFrom(start) + 1 - start;
  }

  /** The start of the live span that holds granule `g`, or a {@link Refusal}. */
  startOf(g: number): number {
    if (g < this.first || g >= this.#tail || this.#isHole(g)) return Refusal.NotAllocated;
    const words = this.#words;
    if (g === this.first) return g;
    let word = (g - 1) >>> 5;
    let ends = ((words[word] as number) | (words[this.#stop + word] as number)) >>> (31 - ((g - 1) & 31));
    let last = g - 1;
    while (ends === 0) {
      if (word === 0) return this.first;
      last = (word << 5) - 1;
      word--;
      ends = (words[word] as number) | (words[this.#stop + word] as number);
    }
    return Math.max(last - 30 + Math.clz32(ends & -ends), this.first);
  }

  /** Which of the spans that have started at `start` is the present one, modulo 16; 0 if that isn't counted. */
  generationAt(start: number): number {
    if (this.#generation === 0) return 0;
    return ((this.#words[this.#generation + (start >>> 3)] as number) >>> ((start & 7) << 2)) & 15;
  }

  /** Frees the live span of `length` granules at `start`. */
  release(start: number, length: number): void {
    const words = this.#words;
    const last = start + length - 1;
    const position = this.#stop + (last >>> 5);
    words[position] = (words[position] as number) & ~(0x80000000 >>> (last & 31));
    this.#advanceGeneration(start);
    this.#spanCount--;
    this.#used -= length;
    this.#free(start, last + 1);
  }

  /** Frees all but the first `kept` granules of the live span of `length` granules at `start`. */
  shrink(start: number, length: number, kept: number): void {
    const words = this.#words;
    const last = start + length - 1;
    const position = this.#stop + (last >>> 5);
    words[position] = (words[position] as number) & ~(0x80000000 >>> (last & 31));
    const newLast = start + kept - 1;
    const newPosition = this.#stop + (newLast >>> 5);
    words[newPosition] = (words[newPosition] as number) | (0x80000000 >>> (newLast & 31));
    this.#advanceGeneration(start);
    this.#used -= length - kept;
    this.#free(newLast + 1, last + 1);
  }

  /** Forgets all spans. */
  reset(): void {
    this.#words.fill(0);
    this.#tail = this.first;
    this.#spanCount = 0;
    this.#used = 0;
  }

  /** Live spans in order, as start and length. */
  *spans(): Generator<{ start: number; length: number }, void, undefined> {
    let start = this.first;
    while (start < this.#tail) {
      if (this.#isHole(start)) {
        start = this.#holeEnd(start);
      } else {
        const end = this.#stopFrom(start) + 1;
        yield { start, length: end - start };
        start = end;
      }
    }
  }

  /** Walks everything; throws an `InvariantError` that names the first contradiction. */
  verify(): void {
    const tail = this.#tail;
    invariant(tail >= this.first && tail <= this.granules, `the tail ${tail} is outside the block`);
    const longest = new Map<number, number>();
    let spans = 0;
    let used = 0;
    let g = 0;
    for (; g < this.first; g++) {
      invariant(!this.#isHole(g) && !this.#isStop(g), `padding granule ${g} is marked`);
    }
    while (g < tail) {
      const start = g;
      if (this.#isHole(g)) {
        while (g < tail && this.#isHole(g)) {
          invariant(!this.#isStop(g), `granule ${g} is free and the end of a span`);
          g++;
        }
        invariant(g < tail, `the hole at ${start} reaches the tail`);
        const from = start >>> chunkShift;
        const to = (g - 1) >>> chunkShift;
        longest.set(from, Math.max(longest.get(from) ?? 0, g - start));
        if (from !== to) {
          invariant(this.#words[this.#exit + from] === g, `chunk ${from} has the wrong exit`);
          invariant(this.#words[this.#entry + to] === start, `chunk ${to} has the wrong entry`);
        }
      } else {
        while (!this.#isStop(g)) {
          g++;
          invariant(g < tail && !this.#isHole(g), `the span at ${start} has no end`);
        }
        g++;
        spans++;
        used += g - start;
      }
    }
    for (; g < this.granules; g++) {
      invariant(!this.#isHole(g) && !this.#isStop(g), `granule ${g} is beyond the tail and marked`);
    }
    invariant(spans === this.#spanCount, `${this.#spanCount} spans are counted, ${spans} are there`);
    invariant(used === this.#used, `${this.#used} used granules are counted, ${used} are there`);
    const chunks = (this.granules + chunkLength - 1) >>> chunkShift;
    for (let chunk = 0; chunk < chunks; chunk++) {
      const claimed = this.#maxima.get(chunk);
      const actual = longest.get(chunk) ?? 0;
      invariant(claimed === actual, `chunk ${chunk} claims a hole of ${claimed}, its longest has ${actual}`);
    }
    const fault = this.#maxima.fault();
    invariant(fault === undefined, `the tree of maxima is wrong: ${fault}`);
    invariant(spans > 0 || tail === this.first, 'a block without spans has a hole');
  }

  /** Turns the granules from `start` to `end`, which are in no span any more, into free ones. Pre: `start < end`. */
  #free(start: number, end: number): void {
    const joinsLeft = start > this.first && this.#isHole(start - 1);
    const left = joinsLeft ? this.#holeStart(start - 1) : start;
    if (end === this.#tail) {
      this.#tail = left;
      if (joinsLeft) {
        this.#clear(left, start);
        this.#forget(left, start);
      }
      return;
    }
    const joinsRight = this.#isHole(end);
    const right = joinsRight ? this.#holeEnd(end) : end;
    this.#mark(start, end);
    this.#tag(left, right);
    const chunk = left >>> chunkShift;
    if (right - left > this.#maxima.get(chunk)) this.#maxima.set(chunk, right - left);
    // The right neighbour now starts further left; its former chunk has one hole less.
    if (joinsRight && end >>> chunkShift !== chunk) this.#forget(end, right);
  }

  /** Corrects the maximum of the chunk where a hole from `start` to `end` used to start. */
  #forget(start: number, end: number): void {
    const chunk = start >>> chunkShift;
    if (this.#maxima.get(chunk) === end - start) this.#maxima.set(chunk, this.#longestFrom(chunk));
  }

  /** Sets the boundary tags of the hole from `start` to `end`, if it crosses an edge between chunks. */
  #tag(start: number, end: number): void {
    const from = start >>> chunkShift;
    const to = (end - 1) >>> chunkShift;
    if (from !== to) {
      this.#words[this.#exit + from] = end;
      this.#words[this.#entry + to] = start;
    }
  }

  #isHole(g: number): boolean {
    return (this.#words[g >>> 5] as number) << (g & 31) < 0;
  }

  #isStop(g: number): boolean {
    return (this.#words[this.#stop + (g >>> 5)] as number) << (g & 31) < 0;
  }

  #advanceGeneration(start: number): void {
    if (this.#generation === 0) return;
    const position = this.#generation + (start >>> 3);
    const shift = (start & 7) << 2;
    const word = this.#words[position] as number;
    this.#words[position] = (word & ~(15 << shift)) | ((((word >>> shift) + 1) & 15) << shift);
  }

  /** The last granule of the span that `g` is in. */
  #stopFrom(g: number): number {
    const words = this.#words;
    let position = this.#stop + (g >>> 5);
    let bits = (words[position] as number) << (g & 31);
    if (bits !== 0) return g + Math.clz32(bits);
    do {
      position++;
      bits = words[position] as number;
    } while (bits === 0);
    return ((position - this.#stop) << 5) + Math.clz32(bits);
  }

  /** The end of the hole that starts at `start`. */
  #holeEnd(start: number): number {
    const end = this.#endInChunk(start);
    if ((end & (chunkLength - 1)) !== 0 || end >= this.#tail || !this.#isHole(end)) return end;
    return this.#words[this.#exit + ((end - 1) >>> chunkShift)] as number;
  }

  /** The end of the run of hole bits from `g` on, not looked for beyond `g`'s chunk. Pre: `g` is in a hole. */
  #endInChunk(g: number): number {
    const words = this.#words;
    let word = g >>> 5;
    const end = g + Math.clz32(~((words[word] as number) << (g & 31)));
    if ((end & 31) !== 0) return end;
    const limit = (word | (chunkWords - 1)) + 1;
    for (word = end >>> 5; word < limit; word++) {
      const length = Math.clz32(~(words[word] as number));
      if (length < 32) return (word << 5) + length;
    }
    return limit << 5;
  }

  /** The start of the hole whose last granule is `last`. */
  #holeStart(last: number): number {
    const words = this.#words;
    let word = last >>> 5;
    const edge = (last >>> chunkShift) * chunkWords;
    let busy = ~((words[word] as number) >> (31 - (last & 31)));
    if (busy !== 0) return last - 30 + Math.clz32(busy & -busy);
    while (word > edge) {
      word--;
      busy = ~(words[word] as number);
      if (busy !== 0) return (word << 5) + 1 + Math.clz32(busy & -busy);
    }
    const start = edge << 5;
    if (start === 0 || !this.#isHole(start - 1)) return start;
    return words[this.#entry + (last >>> chunkShift)] as number;
  }

  /** The start of the first hole from `g` on, in `g`'s chunk. Pre: there is one. */
  #nextHole(g: number): number {
    const words = this.#words;
    let word = g >>> 5;
    let bits = (words[word] as number) << (g & 31);
    if (bits !== 0) return g + Math.clz32(bits);
    do {
      word++;
      bits = words[word] as number;
    } while (bits === 0);
    return (word << 5) + Math.clz32(bits);
  }

  /** The length of the longest hole that starts in `chunk`, counted anew. */
  #longestFrom(chunk: number): number {
    const words = this.#words;
    const start = chunk << chunkShift;
    const end = start + chunkLength;
    const wordEnd = Math.min(end >>> 5, this.#stop);
    let g = start > 0 && this.#isHole(start - 1) ? this.#endInChunk(start) : start;
    if (g === end) return 0;
    let longest = 0;
    let word = g >>> 5;
    let bits = (words[word] as number) << (g & 31);
    for (;;) {
      while (bits === 0) {
        word++;
        if (word >= wordEnd) return longest;
        g = word << 5;
        bits = words[word] as number;
      }
      g += Math.clz32(bits);
      const holeEnd = this.#endInChunk(g);
      if (holeEnd === end) return Math.max(longest, this.#holeEnd(g) - g);
      if (holeEnd - g > longest) longest = holeEnd - g;
      g = holeEnd;
      word = g >>> 5;
      bits = (words[word] as number) << (g & 31);
    }
  }

  #mark(start: number, end: number): void {
    const words = this.#words;
    const last = end - 1;
    const from = start >>> 5;
    const to = last >>> 5;
    const head = -1 >>> (start & 31);
    const foot = -1 << (31 - (last & 31));
    if (from === to) {
      words[from] = (words[from] as number) | (head & foot);
      return;
    }
    words[from] = (words[from] as number) | head;
    for (let word = from + 1; word < to; word++) words[word] = -1;
    words[to] = (words[to] as number) | foot;
  }

  #clear(start: number, end: number): void {
    const words = this.#words;
    const last = end - 1;
    const from = start >>> 5;
    const to = last >>> 5;
    const head = -1 >>> (start & 31);
    const foot = -1 << (31 - (last & 31));
    if (from === to) {
      words[from] = (words[from] as number) & ~(head & foot);
      return;
    }
    words[from] = (words[from] as number) & ~head;
    for (let word = from + 1; word < to; word++) words[word] = 0;
    words[to] = (words[to] as number) & ~foot;
  }
}
