/**
 * Problem: given a row of cells, each holding a number, find the leftmost cell that holds at least `n`, while
 * the numbers change all the time.
 *
 * Strategy: a tournament. Every level above the cells has one node for eight nodes below, holding their
 * maximum, up to a single root. A search walks down from the root and looks at no more than eight nodes a
 * level; a change walks up only as far as a maximum changes. So both are logarithmic (base 8) in the number
 * of cells.
 *
 * The levels lie one after another in a part of an `Int32Array` that the owner provides, so that a tree costs
 * 8/7 of its cells and no allocation of its own. Each level is padded to a multiple of eight with zeros, so
 * that no loop has to know where a level ends.
 */
export class MaxTree {
  declare private readonly words: Int32Array;
  /** Where the cells start in the words. */
  declare private readonly cells: number;
  /** Where each level starts, cells first, root last. */
  declare private readonly levels: Int32Array;
  declare private readonly root: number;

  /** How many words a tree over `cells` cells needs. */
  static wordCount(cells: number): number {
    return (levelOffsets(0, cells).at(-1) as number) + 1;
  }

  /** A tree over `words[offset …]`, which are zero: all cells hold zero. */
  constructor(words: Int32Array, offset: number, cells: number) {
    const levels = levelOffsets(offset, cells);
    this.words = words;
    this.cells = offset;
    this.levels = Int32Array.from(levels);
    this.root = levels.at(-1) as number;
  }

  /** The largest number in any cell. */
  get max(): number {
    return this.words[this.root] as number;
  }

  get(cell: number): number {
    return this.words[this.cells + cell] as number;
  }

  set(cell: number, value: number): void {
    const old = this.words[this.cells + cell] as number;
    if (value > old) this.raise(cell, value);
    else if (value < old) this.lower(cell, old, value);
  }

  /** Pre: `value` is larger than what the cell holds. */
  raise(cell: number, value: number): void {
    const words = this.words;
    words[this.cells + cell] = value;
    const levels = this.levels;
    let node = cell;
    for (let level = 1; level < levels.length; level++) {
      node >>>= 3;
      const position = (levels[level] as number) + node;
      if ((words[position] as number) >= value) return;
      words[position] = value;
    }
  }

  /** Sets the first so many cells to zero, those behind them being zero. */
  clear(count: number): void {
    const levels = this.levels;
    let last = count - 1;
    for (let level = 0; level < levels.length; level++) {
      const start = levels[level] as number;
      this.words.fill(0, start, start + last + 1);
      last >>>= 3;
    }
  }

  /** The leftmost cell that holds at least `n`. Pre: `n <= max`. */
  find(n: number): number {
    const words = this.words;
    const levels = this.levels;
    let node = 0;
    for (let level = levels.length - 2; level >= 0; level--) {
      let position = (levels[level] as number) + (node << 3);
      const first = position;
      while ((words[position] as number) < n) position++;
      node = (node << 3) + (position - first);
    }
    return node;
  }

  /** The first inner node that isn't the maximum of its children, as a sentence; undefined if all are well. */
  fault(): string | undefined {
    const levels = this.levels;
    for (let level = 0; level + 1 < levels.length; level++) {
      const base = levels[level] as number;
      const above = levels[level + 1] as number;
      const next = levels[level + 2] ?? above + 1;
      for (let node = 0; above + node < next; node++) {
        const children = this.words.subarray(
          Math.min(base + node * 8, above),
          Math.min(base + node * 8 + 8, above),
        );
        const max = children.reduce((a, b) => Math.max(a, b), 0);
        const claimed = this.words[above + node] as number;
        if (claimed !== max)
          return `node ${node} of level ${level + 1} holds ${claimed}, its children ${max}`;
      }
    }
    return undefined;
  }

  private lower(cell: number, old: number, value: number): void {
    const words = this.words;
    const levels = this.levels;
    words[this.cells + cell] = value;
    let node = cell;
    for (let level = 1; level < levels.length; level++) {
      const children = (levels[level - 1] as number) + (node & ~7);
      node >>>= 3;
      const position = (levels[level] as number) + node;
      // The node stays unless what its child held was its maximum.
      if (old < (words[position] as number)) return;
      let max = words[children] as number;
      for (let child = children + 1; child < children + 8; child++) {
        max = Math.max(max, words[child] as number);
      }
      if (max === old) return;
      words[position] = max;
    }
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
