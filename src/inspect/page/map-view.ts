import type { Stretch } from '../picture/memory-cells.ts';

/** Bytes that the map shows at the least: two small functions. */
const leastSize = 256;

/** Which stretch of memory the map shows. It stays within memory, and at the same bytes when there is more of it. */
export class MapView {
  #from = 0;
  #size = 0;
  #total = 0;

  get stretch(): Stretch {
    return { from: this.#from, size: this.#size };
  }

  get total(): number {
    return this.#total;
  }

  get isWhole(): boolean {
    return this.#size >= this.#total;
  }

  /** Memory has so many bytes now; what was shown whole is so still. */
  setTotal(total: number): void {
    if (this.isWhole) this.#size = total;
    this.#total = total;
    this.show(this.#from, this.#size);
  }

  show(from: number, size: number): void {
    this.#size = Math.min(Math.max(size, leastSize), this.#total);
    this.#from = Math.min(Math.max(from, 0), this.#total - this.#size);
  }

  /** Shows so many times as much, with a position staying where it is. */
  zoom(factor: number, at: number): void {
    const size = Math.min(Math.max(this.#size * factor, leastSize), this.#total);
    this.show(at - ((at - this.#from) * size) / Math.max(this.#size, 1), size);
  }

  /** Moves by a share of what is shown. */
  pan(share: number): void {
    this.show(this.#from + share * this.#size, this.#size);
  }

  /** Moves until a position is shown. */
  reveal(position: number): void {
    if (position < this.#from) this.show(position - this.#size / 4, this.#size);
    else if (position >= this.#from + this.#size) this.show(position - (this.#size * 3) / 4, this.#size);
  }
}
