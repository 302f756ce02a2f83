/**
 * Problem: given a row of cells, each holding a number, find the leftmost cell that holds at least `n`, while
 * the numbers change all the time.
 *
 * Strategy: a tournament. Every level above the cells has one node for eight nodes below, holding their maximum,
 * up to a single root. A search walks down from the root and looks at no more than eight nodes a level; a change
 * walks up only as far as a maximum changes. So both are logarithmic (base 8) in the number of cells.
 *
 * The levels lie one after another in a part of an `Int32Array` that the owner provides, so that a tree costs 8/7
 * of its cells and no allocation of its own. Each level is padded to a multiple of eight with zeros, so that no
 * loop has to know where a level ends.
 */
export class MaxTree {
  readonly #words: Int32Array;
  /** Where each level starts in the words, cells first, root last. */
  readonly #levels: readonly number[];

  /** How many words a tree over `cells` cells needs. */
  static wordCount(cells: number): number {
    const levels = levelOffsets(0, cells);
    return (levels[levels.length - 1] as number) + 1;
  }

  /** A tree over `words[offset …]`, which are zero: all cells hold zero. */
  constructor(words: Int32Array, offset: number, cells: number) {
    this.#words = words;
    this.#levels = levelOffsets(offset, cells);
  }

  /** The largest number in any cell. */
  get max(): number {
    return this.#words[this.#levels[this.#levels.length - 1] as number] as number;
  }

  get(cell: number): number {
    return this.#words[(this.#levels[0] as number) + cell] as number;
  }

  set(cell: number, value: number): void {
    const words = this.#words;
    const levels = this.#levels;
    const top = levels.length - 1;
    let position = (levels[0] as number) + cell;
    const old = words[position] as number;
    if (old === value) return;
    words[position] = value;
    let node = cell;
    for (let level = 0; level < top; level++) {
      node >>>= 3;
      position = (levels[level + 1] as number) + node;
      const above = words[position] as number;
      if (value >= above) {
        if (value === above) return;
        words[position] = value;
        continue;
      }
      // The node above stays unless the old value was its maximum.
      if (old < above) return;
      const children = (levels[level] as number) + (node << 3);
      let max = words[children] as number;
      for (let child = children + 1; child < children + 8; child++) {
        const candidate = words[child] as number;
        if (candidate > max) max = candidate;
      }
      if (max === above) return;
      words[position] = max;
      value = max;
    }
  }

  /** The leftmost cell that holds at least `n`. Pre: `n <= max`. */
  find(n: number): number {
    const words = this.#words;
    const levels = this.#levels;
    let node = 0;
    for (let level = levels.length - 2; level >= 0; level--) {
      const base = levels[level] as number;
      node <<= 3;
      while ((words[base + node] as number) < n) node++;
    }
    return node;
  }

  /** The first inner node that isn't the maximum of its children, as a sentence; undefined if all are well. */
  fault(): string | undefined {
    for (let level = 0; level + 1 < this.#levels.length; level++) {
      const base = this.#levels[level] as number;
      const above = this.#levels[level + 1] as number;
      const next = this.#levels[level + 2] ?? above + 1;
      for (let node = 0; above + node < next; node++) {
        const children = this.#words.subarray(base + node * 8, Math.min(base + node * 8 + 8, above));
        const max = children.reduce((a, b) => Math.max(a, b), 0);
        const claimed = this.#words[above + node] as number;
        if (claimed !== max)
          return `node ${node} of level ${level + 1} holds ${claimed}, its children ${max}`;
      }
    }
    return undefined;
  }
}

function levelOffsets(offset: number, cells: number): number[] {
  const levels = [offset];
  let start = offset;
  for (let width = cells; width > 1; width = Math.ceil(width / 8)) {
    start += Math.ceil(width / 8) * 8;
    levels.push(start);
  }
  return levels;
}
