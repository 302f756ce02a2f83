/**
 * Spill slots of one function. A slot belongs to one value until that value's last position, then to another: a
 * binary heap by last position says which have become free, so a long function needs few.
 */
import { grown } from '../../support/growable.ts';

export class SpillSlots {
  /** The heap: pairs of last position and slot. */
  #heap = new Int32Array(64);
  #size = 0;
  readonly #free: number[] = [];
  #count = 0;

  reset(): void {
    this.#size = 0;
    this.#free.length = 0;
    this.#count = 0;
  }

  /** Slots handed out at the same time, at most. */
  get count(): number {
    return this.#count;
  }

  /** A slot for a value that lives from `position` to `lastPosition`; positions never decrease from call to call. */
  take(position: number, lastPosition: number): number {
    while (this.#size > 0 && (this.#heap[0] as number) < position) this.#free.push(this.#pop());
    const slot = this.#free.pop() ?? this.#count++;
    this.#push(lastPosition, slot);
    return slot;
  }

  #push(key: number, slot: number): void {
    const needed = this.#size * 2 + 2;
    if (needed > this.#heap.length) this.#heap = grown(this.#heap, needed);
    const heap = this.#heap;
    let at = this.#size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((heap[parent * 2] as number) <= key) break;
      heap[at * 2] = heap[parent * 2] as number;
      heap[at * 2 + 1] = heap[parent * 2 + 1] as number;
      at = parent;
    }
    heap[at * 2] = key;
    heap[at * 2 + 1] = slot;
  }

  #pop(): number {
    const heap = this.#heap;
    const slot = heap[1] as number;
    const last = --this.#size;
    const key = heap[last * 2] as number;
    const moved = heap[last * 2 + 1] as number;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= last) break;
      if (child + 1 < last && (heap[child * 2 + 2] as number) < (heap[child * 2] as number)) child++;
      if ((heap[child * 2] as number) >= key) break;
      heap[at * 2] = heap[child * 2] as number;
      heap[at * 2 + 1] = heap[child * 2 + 1] as number;
      at = child;
    }
    heap[at * 2] = key;
    heap[at * 2 + 1] = moved;
    return slot;
  }
}
