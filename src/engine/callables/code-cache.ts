import { requireStack } from '../../support/stack-reserve.ts';
import type { SharedCode } from './shared-code.ts';

/**
 * Keeps the code of the sources compiled last, each counted as one more user of it. A `Map` iterates in order of
 * insertion, so the first entry is the least recently used if each use inserts anew.
 */
export class CodeCache {
  /** Sources that it keeps at the most. */
  readonly capacity: number;
  readonly #entries = new Map<string, SharedCode>();
  #hits = 0;
  #misses = 0;

  /** `capacity` is a number of sources; 0 keeps nothing. */
  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get statistics(): { size: number; capacity: number; hits: number; misses: number } {
    return { size: this.#entries.size, capacity: this.capacity, hits: this.#hits, misses: this.#misses };
  }

  /** What is kept. */
  get codes(): Iterable<SharedCode> {
    return this.#entries.values();
  }

  /** The code under `key`, or what `compile` makes of it. The caller gets a use of its own, to be dropped. Not for a capacity of 0. */
  obtain(key: string, compile: () => SharedCode): SharedCode {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      this.#hits++;
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known.retain();
    }
    this.#misses++;
    const code = compile();
    this.#entries.set(key, code.retain());
    this.#evict(this.capacity);
    return code;
  }

  clear(): void {
    this.#evict(0);
  }

  #evict(size: number): void {
    for (const [key, code] of this.#entries) {
      if (this.#entries.size <= size) return;
      requireStack(2);
      this.#entries.delete(key);
      code.drop();
    }
  }
}
