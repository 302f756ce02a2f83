import { invariant } from '../support/invariant.ts';
import { firstCovered, isHole, isStop, lastCovered, stops } from './chunk-bitmaps.ts';

/** What {@link walkGranules} found. */
export interface GranuleCensus {
  readonly spans: number;
  /** Granules in spans. */
  readonly used: number;
  /** The length of the longest hole that starts in a chunk, by chunk. */
  readonly longest: ReadonlyMap<number, number>;
}

/**
 * Looks at every granule of a block, `tail` being the first of its free end; throws an `InvariantError` that
 * names the first contradiction among the bitmaps and boundary tags.
 */
export function walkGranules(
  words: Int32Array,
  first: number,
  tail: number,
  granules: number,
): GranuleCensus {
  const longest = new Map<number, number>();
  let spans = 0;
  let used = 0;
  let g = 0;
  for (; g < first; g++) {
    invariant(!isHole(words, g) && !isStop(words, g), `padding granule ${g} is marked`);
  }
  while (g < tail) {
    const start = g;
    if (isHole(words, g)) {
      while (g < tail && isHole(words, g)) {
        invariant(!isStop(words, g), `granule ${g} is free and the end of a span`);
        g++;
      }
      invariant(g < tail, `the hole at ${start} reaches the tail`);
      const chunk = start >>> 5;
      longest.set(chunk, Math.max(longest.get(chunk) ?? 0, g - start));
      checkTags(words, start, g);
    } else {
      while (!isStop(words, g)) {
        g++;
        invariant(g < tail && !isHole(words, g), `the span at ${start} has no end`);
      }
      g++;
      spans++;
      used += g - start;
    }
  }
  for (; g < granules; g++) {
    invariant(!isHole(words, g) && !isStop(words, g), `granule ${g} is beyond the tail and marked`);
  }
  return { spans, used, longest };
}

function checkTags(words: Int32Array, start: number, end: number): void {
  const first = firstCovered(start);
  const last = lastCovered(end);
  for (let chunk = first; chunk <= last; chunk++) {
    const tag = words[stops(chunk << 5)];
    const expected = first === last ? 0 : chunk === first ? end : chunk === last ? ~start : 0;
    invariant(tag === expected, `chunk ${chunk} in the hole from ${start} to ${end} is tagged ${tag}`);
  }
}
