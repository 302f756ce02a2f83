import type { EngineModel } from '../engine-model.ts';
import type { Code } from '../snapshot.ts';
import { type AddressSpace, lastAtMost } from './address-space.ts';

/** A stretch of an {@link AddressSpace}, in bytes. */
export interface Stretch {
  readonly from: number;
  readonly size: number;
}

/** What a picture shows of a piece of code: a quantity from 0 to 1, or undefined where it has none. */
export type Quantity = (code: Code) => number | undefined;

/**
 * What lies in each of equal cells of a stretch, in bytes. Where several functions fall into one cell they are added up, so that a
 * picture of 100,000 of them is true: it shows how much of a cell is code, and the mean of the quantity that colours it.
 */
export class MemoryCells {
  /** Bytes of one cell; less than one where a byte is many pixels wide. */
  readonly cellSize: number;
  /** Of functions that have the quantity. */
  readonly known: Float32Array;
  /** The quantity, times the bytes that have it. */
  readonly weighted: Float32Array;
  /** Of functions that have it not. */
  readonly unknown: Float32Array;
  readonly kernels: Float32Array;
  readonly library: Float32Array;
  /** Used by what is known or not: what is left of it is padding. */
  readonly used: Float32Array;
  /** Cells in which a piece of code ends that is wide enough to be told from its neighbour. */
  readonly edges: Uint8Array;

  constructor(model: EngineModel, space: AddressSpace, stretch: Stretch, count: number, quantity: Quantity) {
    this.cellSize = stretch.size / count;
    this.known = new Float32Array(count);
    this.weighted = new Float32Array(count);
    this.unknown = new Float32Array(count);
    this.kernels = new Float32Array(count);
    this.library = new Float32Array(count);
    this.used = new Float32Array(count);
    this.edges = new Uint8Array(count);
    this.#fillUsed(space, stretch);
    this.#fillCode(model, space, stretch, quantity);
  }

  #fillUsed(space: AddressSpace, { from, size }: Stretch): void {
    const first = Math.max(space.blockIndexAt(from), 0);
    for (let i = first; i < space.blocks.length; i++) {
      const start = space.starts[i] as number;
      if (start >= from + size) return;
      const { runs } = space.blocks[i] as (typeof space.blocks)[number];
      for (let at = 0; at < runs.length; at += 2) {
        this.#add(this.used, start + (runs[at] as number) - from, runs[at + 1] as number, 1);
      }
    }
  }

  #fillCode(model: EngineModel, space: AddressSpace, stretch: Stretch, quantity: Quantity): void {
    for (const { code, position } of codeIn(model.byAddress, space, stretch)) {
      const at = position - stretch.from;
      if (code.kind === 'kernel') this.#add(this.kernels, at, code.size, 1);
      else if (code.kind === 'library') this.#add(this.library, at, code.size, 1);
      else {
        const value = quantity(code);
        if (value === undefined) this.#add(this.unknown, at, code.size, 1);
        else {
          this.#add(this.known, at, code.size, 1);
          this.#add(this.weighted, at, code.size, value);
        }
      }
      const last = Math.ceil((at + code.size) / this.cellSize) - 1;
      if (code.size >= 4 * this.cellSize && last < this.edges.length) this.edges[last] = 1;
    }
  }

  /** Adds a value for each byte of a range that is given from the start of the stretch. */
  #add(cells: Float32Array, at: number, size: number, value: number): void {
    const { cellSize } = this;
    const start = Math.max(at, 0);
    const end = Math.min(at + size, cells.length * cellSize);
    for (let cell = Math.floor(start / cellSize); cell < cells.length; cell++) {
      const from = Math.max(start, cell * cellSize);
      const to = Math.min(end, (cell + 1) * cellSize);
      if (to <= from) return;
      cells[cell] = (cells[cell] as number) + (to - from) * value;
    }
  }
}

/** A piece of code, and where it is. */
export interface PlacedCode {
  readonly code: Code;
  readonly position: number;
}

/** The code that lies in a stretch, also in part. The list is in the order of addresses. */
export function* codeIn(
  list: readonly Code[],
  space: AddressSpace,
  { from, size }: Stretch,
): Iterable<PlacedCode> {
  if (space.size === 0) return;
  const first = Math.max(
    lastAtMost(list, space.addressAt(from), ({ address }) => address),
    0,
  );
  for (let i = first; i < list.length; i++) {
    const code = list[i] as Code;
    const position = space.positionOf(code.address);
    if (position === undefined || position + code.size <= from) continue;
    if (position >= from + size) return;
    yield { code, position };
  }
}
