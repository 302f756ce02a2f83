/**
 * The bitmaps of a block's chunks, as functions on the words that hold them. A chunk is 32 granules; it has a
 * word `hole`, which marks free granules, and a word `stop`, which marks the last granule of each span, side by
 * side. The first granule has the highest bit. `GranuleMap` tells what they are for.
 */

/*
 * Where the bitmaps of the chunk of granule `g` stand. The numbers are written out, since the engine does not
 * fold a module's constants into its code, and these are in every hot path.
 */

export function holes(g: number): number {
  return (g >>> 5) << 1;
}

export function stops(g: number): number {
  return ((g >>> 5) << 1) + 1;
}

/** The first chunk that lies wholly behind `start`. */
export function firstCovered(start: number): number {
  return (start + 31) >>> 5;
}

/** The last chunk that lies wholly before `end`. */
export function lastCovered(end: number): number {
  return (end >>> 5) - 1;
}

export function isHole(words: Int32Array, g: number): boolean {
  return (words[holes(g)] as number) << (g & 31) < 0;
}

export function isStop(words: Int32Array, g: number): boolean {
  if (words[holes(g)] === -1) return false;
  return (words[stops(g)] as number) << (g & 31) < 0;
}

export function setStop(words: Int32Array, g: number): void {
  const position = stops(g);
  words[position] = (words[position] as number) | (0x80000000 >>> (g & 31));
}

export function clearStop(words: Int32Array, g: number): void {
  const position = stops(g);
  words[position] = (words[position] as number) & ~(0x80000000 >>> (g & 31));
}

/** The first granule after the chunk of `g` that ends a span. */
export function nextStop(words: Int32Array, g: number): number {
  let next = g & ~31;
  let ahead = 0;
  do {
    next += 32;
    ahead = words[stops(next)] as number;
  } while (ahead === 0);
  return next + Math.clz32(ahead);
}

/** The bitmap of the holes of the chunk at `base`, without one that enters it from the left. */
export function startingHoles(words: Int32Array, base: number): number {
  const bits = words[holes(base)] as number;
  if (bits >= 0 || base === 0 || ((words[holes(base - 1)] as number) & 1) === 0) return bits;
  const entering = Math.clz32(~bits);
  return entering === 32 ? 0 : bits & (-1 >>> entering);
}

/**
 * The end of the free run that holds granule `start`, or `limit` if it reaches so far. Boundary tags shorten the way;
 * it finds its end without them too.
 */
export function freeEnd(words: Int32Array, start: number, limit: number): number {
  let end = start;
  while (end < limit) {
    const bits = words[holes(end)] as number;
    const at = end & 31;
    const length = Math.clz32(~(bits << at));
    if (at + length < 32) return end + length;
    const tag = bits === -1 ? (words[stops(end)] as number) : 0;
    end = tag > 0 ? tag : (end | 31) + 1;
  }
  return limit;
}

/** The start of the free run that ends before granule `end`; `end` if there is none. Needs no tags either. */
export function freeStart(words: Int32Array, end: number): number {
  let start = end;
  while (start > 0) {
    const last = start - 1;
    const shift = 31 - (last & 31);
    // An arithmetic shift: when all bits are ones, the run reaches the chunk's start.
    const bits = (words[holes(last)] as number) >> shift;
    if (bits !== -1) return start - 31 + Math.clz32(~bits & (bits + 1));
    const tag = shift === 0 ? (words[stops(last)] as number) : 0;
    start = tag < 0 ? ~tag : last & ~31;
  }
  return start;
}

/** Sets the boundary tags of the hole from `start` to `end`, if it covers two chunks or more. */
export function tagHole(words: Int32Array, start: number, end: number): void {
  const first = firstCovered(start);
  const last = lastCovered(end);
  if (first > last) return;
  words[stops(first << 5)] = first < last ? end : 0;
  if (first < last) words[stops(last << 5)] = ~start;
}

/** Makes one hole of the holes that touch one another from `start` on, and gives its end, which is before the tail. */
export function joinHoles(words: Int32Array, start: number): number {
  const first = firstCovered(start);
  let next = first;
  while (words[next << 1] === -1) {
    const position = (next << 1) + 1;
    const tag = words[position] as number;
    words[position] = 0;
    if (tag > 0) {
      next = lastCovered(tag);
      words[(next << 1) + 1] = 0;
    }
    next++;
  }
  const end = (next << 5) + Math.clz32(~(words[next << 1] as number));
  tagHole(words, start, end);
  return end;
}

/** Marks `start` to `end` as a hole, or as part of one. */
export function markHole(words: Int32Array, start: number, end: number): void {
  const from = holes(start);
  const to = holes(end - 1);
  const head = -1 >>> (start & 31);
  const foot = -1 << (31 - ((end - 1) & 31));
  if (from === to) {
    words[from] = (words[from] as number) | (head & foot);
    return;
  }
  words[from] = (words[from] as number) | head;
  for (let position = from + 2; position < to; position += 2) words[position] = -1;
  words[to] = (words[to] as number) | foot;
}

/** Takes `start` to `end` out of a hole; a chunk that it covered gets its `stop` bitmap back. */
export function clearHole(words: Int32Array, start: number, end: number): void {
  const from = holes(start);
  const to = holes(end - 1);
  let cleared = -1 >>> (start & 31);
  for (let position = from; position <= to; position += 2) {
    if (position === to) cleared &= -1 << (31 - ((end - 1) & 31));
    const bits = words[position] as number;
    if (bits === -1) words[position + 1] = 0;
    words[position] = bits & ~cleared;
    cleared = -1;
  }
}

/** Makes a granule part of a hole, whatever it is in. The hole's tags do not follow. */
export function freeGranule(words: Int32Array, g: number): void {
  const position = holes(g);
  const bit = 0x80000000 >>> (g & 31);
  words[position + 1] = (words[position + 1] as number) & ~bit;
  words[position] = (words[position] as number) | bit;
}

/** The granule after the last span of so many chunks; `first` if there is none. Needs no tags. */
export function endOfSpans(words: Int32Array, first: number, chunks: number): number {
  for (let chunk = chunks - 1; chunk >= 0; chunk--) {
    const ends = words[2 * chunk + 1] as number;
    if (ends !== 0 && words[2 * chunk] !== -1) return (chunk << 5) + Math.clz32(ends & -ends) + 1;
  }
  return first;
}

/** Takes the marks away from granule `tail` on, and the tags of chunks that holes cover. `end` is the number of words. */
export function clearFrom(words: Int32Array, tail: number, end: number): void {
  const position = holes(tail);
  for (let before = 0; before < position; before += 2) if (words[before] === -1) words[before + 1] = 0;
  if (position >= end) return;
  const kept = ~(-1 >>> (tail & 31));
  words[position] = (words[position] as number) & kept;
  words[position + 1] = (words[position + 1] as number) & kept;
  words.fill(0, position + 2, end);
}
