/**
 * Whether the lists in Arrow's metadata fit into it, and the rows that they tell of into what comes with them. The library makes an object of
 * each element that a list says it has, fills up columns that are shorter than their batch, and a single wrong byte says billions.
 *
 * Metadata are FlatBuffers: a table has the distance to its vtable, which has its own size, that of the table, and where each field
 * is, 0 for one that is left out. Slots of fields are those of Message.fbs, Schema.fbs and File.fbs of Arrow's format.
 */
import { unreadable } from './ipc-failure.ts';

const unionType = 14;

const blockBytes = 24;

/** Rows that a batch may have without a byte for them, as those of the null type are. */
const mostWithoutBytes = 2 ** 20;

/** Where messages of a file are, with the bytes before their metadata. */
export interface MessageBlock {
  readonly offset: number;
  readonly length: number;
}

/** Looks at the metadata of an input in their order. */
export class MetadataCheck {
  /** How many nodes of a batch each column has: one, and one for each field in it. */
  #nodeCounts: readonly number[] = [];

  /**
   * Gives the length of the body of a message.
   *
   * @throws CommandFailure, or RangeError for places beyond the end.
   */
  message(metadata: Uint8Array): number {
    const message = rootOf(metadata);
    const kind = message.byte(1);
    const header = message.table(2);
    const bodyLength = message.long(3);
    if (!(bodyLength >= 0)) throw unreadable('a message has no length');
    if (kind === 1) this.#nodeCounts = requireSchema(header);
    else if (kind === 2) requireBatch(header?.table(1), bodyLength, [1]);
    else requireBatch(header, bodyLength, this.#nodeCounts);
    return bodyLength;
  }

  /**
   * Gives the messages that the footer of a file lists.
   *
   * @throws as {@link message}.
   */
  footer(footer: Uint8Array): MessageBlock[] {
    const root = rootOf(footer);
    this.#nodeCounts = requireSchema(root.table(1));
    root.list(4, 4);
    return [...root.list(2, blockBytes), ...root.list(3, blockBytes)].map((at) => ({
      offset: Number(root.view.getBigInt64(at, true)),
      length: root.view.getInt32(at + 8, true),
    }));
  }
}

/** Gives the number of nodes of each column. */
function requireSchema(schema: FlatTable | undefined): number[] {
  if (schema === undefined) throw unreadable('it has no schema');
  schema.list(2, 4);
  let left = schema.view.byteLength;
  const countNodes = (field: FlatTable): number => {
    // A field may be its own child.
    if (--left < 0) throw unreadable('its schema has no end');
    field.list(6, 4);
    if (field.byte(2) === unionType) field.table(3)?.list(1, 4);
    const inner = field.tables(5).map(countNodes);
    // Values of a dictionary are no part of the batch.
    return field.table(4) === undefined ? inner.reduce((sum, count) => sum + count, 1) : 1;
  };
  return schema.tables(1).map(countNodes);
}

function requireBatch(batch: FlatTable | undefined, bodyLength: number, nodeCounts: readonly number[]): void {
  if (batch === undefined) return;
  batch.list(2, 16);
  batch.list(4, 8);
  const lengths = batch.list(1, 16).map((place) => Number(batch.view.getBigInt64(place, true)));
  if (batch.table(3) !== undefined)
    throw unreadable(
      'it is compressed (LZ4 or ZSTD), for which apache-arrow has no codec; write it without compression',
    );
  const length = batch.long(0);
  const most = Math.max(bodyLength * 8, mostWithoutBytes);
  if (![length, ...lengths].every((each) => each >= 0 && each <= most))
    throw unreadable('a batch has more rows than bytes for them');
  let node = 0;
  for (const count of nodeCounts) {
    if (lengths.at(node) !== length) throw unreadable('a column has not as many rows as its batch');
    node += count;
  }
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

  long(slot: number): number {
    const place = this.#place(slot);
    return place === undefined ? 0 : Number(this.view.getBigInt64(place, true));
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
    const places: number[] = [];
    for (let index = 0; index < length; index++) places.push(start + index * elementBytes);
    return places;
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
