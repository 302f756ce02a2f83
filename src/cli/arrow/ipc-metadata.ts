/**
 * Whether the lists in Arrow's metadata fit into it. The library makes an object of each element that a list says it has, and a single wrong
 * byte says billions.
 *
 * Metadata are FlatBuffers: a table has the distance to its vtable, which has its own size, that of the table, and where each field
 * is, 0 for one that is left out. Slots of fields are those of Message.fbs, Schema.fbs and File.fbs of Arrow's format.
 */
import { unreadable } from './ipc-failure.ts';

const unionType = 14;

const blockBytes = 24;

/** Where messages of a file are, with the bytes before their metadata. */
export interface MessageBlock {
  readonly offset: number;
  readonly length: number;
}

/** @throws CommandFailure, or RangeError for places beyond the end. */
export function requireMessage(metadata: Uint8Array): void {
  const message = rootOf(metadata);
  const header = message.table(2);
  const kind = message.byte(1);
  if (kind === 1) requireSchema(header);
  else requireBatch(kind === 2 ? header?.table(1) : header);
}

/**
 * The same of the footer of a file; gives the messages that it lists.
 *
 * @throws as {@link requireMessage}.
 */
export function blocksOf(footer: Uint8Array): MessageBlock[] {
  const root = rootOf(footer);
  requireSchema(root.table(1));
  root.list(4, 4);
  return [...root.list(2, blockBytes), ...root.list(3, blockBytes)].map((at) => ({
    offset: Number(root.view.getBigInt64(at, true)),
    length: root.view.getInt32(at + 8, true),
  }));
}

function requireSchema(schema: FlatTable | undefined): void {
  if (schema === undefined) throw unreadable('it has no schema');
  schema.list(2, 4);
  let left = schema.view.byteLength;
  const requireFields = (fields: readonly FlatTable[]): void => {
    for (const field of fields) {
      // A field may be its own child.
      if (--left < 0) throw unreadable('its schema has no end');
      field.list(6, 4);
      if (field.byte(2) === unionType) field.table(3)?.list(1, 4);
      requireFields(field.tables(5));
    }
  };
  requireFields(schema.tables(1));
}

function requireBatch(batch: FlatTable | undefined): void {
  batch?.list(1, 16);
  batch?.list(2, 16);
  batch?.list(4, 8);
}

function rootOf({ buffer, byteOffset, byteLength }: Uint8Array): FlatTable {
  const view = new DataView(buffer, byteOffset, byteLength);
  return new FlatTable(view, view.getUint32(0, true));
}

class FlatTable {
  readonly view: DataView;
  readonly #at: number;

  constructor(view: DataView, at: number) {
    this.view = view;
    this.#at = at;
  }

  byte(slot: number): number {
    const place = this.#place(slot);
    return place === undefined ? 0 : this.view.getUint8(place);
  }

  table(slot: number): FlatTable | undefined {
    const place = this.#place(slot);
    return place === undefined ? undefined : new FlatTable(this.view, this.#target(place));
  }

  tables(slot: number): FlatTable[] {
    return this.list(slot, 4).map((place) => new FlatTable(this.view, this.#target(place)));
  }

  /** Where the elements of a list are. */
  list(slot: number, elementBytes: number): number[] {
    const place = this.#place(slot);
    if (place === undefined) return [];
    const start = this.#target(place) + 4;
    const length = this.view.getUint32(start - 4, true);
    if (start + length * elementBytes > this.view.byteLength) throw unreadable('a list in it has no end');
    return Array.from({ length }, (_, index) => start + index * elementBytes);
  }

  #place(slot: number): number | undefined {
    const vtable = this.#at - this.view.getInt32(this.#at, true);
    const entry = 4 + 2 * slot;
    if (entry >= this.view.getUint16(vtable, true)) return undefined;
    const offset = this.view.getUint16(vtable + entry, true);
    return offset === 0 ? undefined : this.#at + offset;
  }

  #target(place: number): number {
    return place + this.view.getUint32(place, true);
  }
}
