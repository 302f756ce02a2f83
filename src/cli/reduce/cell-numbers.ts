import { cellEnd, cellStart, cellText } from '../map/cells.ts';
import type { RowBatch } from '../map/csv-scanner.ts';
import { latin1 } from '../map/encoding.ts';
import type { GroupColumn } from './row-source.ts';

/** Bytes that fit into a number with their count before them. */
const shortCell = 6;

/** A column of CSV. Cells that differ in quotes only are the same, and come as they were first written. */
export class CellNumbers implements GroupColumn<RowBatch> {
  readonly cells: Buffer[] = [];
  readonly #column: number;
  /** By the bytes as a number, which makes no string. */
  readonly #short = new Map<number, number>();
  /** By the bytes as latin1. */
  readonly #long = new Map<string, number>();
  /** By the bytes without quotes. */
  readonly #meanings = new Map<string, number>();

  constructor(column: number) {
    this.#column = column;
  }

  of(batch: RowBatch, rows: Uint32Array): Int32Array {
    const { bytes } = batch;
    const numbers = new Int32Array(rows.length);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      const start = cellStart(batch, row, this.#column);
      const end = cellEnd(batch, row, this.#column);
      if (end - start <= shortCell) {
        let key = end - start;
        for (let at = start; at < end; at++) key = key * 256 + (bytes[at] as number);
        numbers[i] = this.#short.get(key) ?? this.#add(this.#short, key, batch, row);
      } else {
        const key = latin1.decode(bytes.subarray(start, end));
        numbers[i] = this.#long.get(key) ?? this.#add(this.#long, key, batch, row);
      }
    }
    return numbers;
  }

  #add<Key>(known: Map<Key, number>, key: Key, batch: RowBatch, row: number): number {
    const meaning = cellText(batch, row, this.#column, latin1);
    let number = this.#meanings.get(meaning);
    if (number === undefined) {
      number = this.cells.length;
      this.#meanings.set(meaning, number);
      const start = cellStart(batch, row, this.#column);
      this.cells.push(Buffer.from(batch.bytes.subarray(start, cellEnd(batch, row, this.#column))));
    }
    known.set(key, number);
    return number;
  }
}
