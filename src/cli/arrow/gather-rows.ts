import { Data } from 'apache-arrow';
import { storageOf } from './storage.ts';

type Values = Uint8Array | BigInt64Array;

/** Some rows of a column of a type that is stored in a known way, as a column. */
export function gatherRows(data: Data, rows: Uint32Array): Data {
  const { type, offset, children, dictionary, stride, variadicBuffers } = data;
  const values = data.values as Values | undefined;
  // Those of the null type have no bitmap.
  const isFull = data.nullCount === 0 || (data.nullBitmap as Uint8Array | undefined) === undefined;
  const nullBitmap = isFull ? undefined : gatherBits(data.nullBitmap, offset, rows);
  const made = (kept: Values | undefined, offsets: Values | undefined, inner: Data[] = []): Data =>
    new Data(
      type,
      0,
      rows.length,
      isFull ? 0 : -1,
      [offsets, kept, nullBitmap] as object,
      inner,
      dictionary,
      variadicBuffers,
    );
  const [child] = children;
  switch (storageOf(type)) {
    case 'bits':
      return made(gatherBits(values as Uint8Array, offset, rows), undefined);
    case 'fixed':
    case 'views':
      return made(gatherFixed(values as Values, rows, stride), undefined);
    case 'bytes': {
      const { spans, offsets } = spansOf(data.valueOffsets as Values, rows);
      return made(gatherSpans(values as Values, spans), offsets);
    }
    case 'lists': {
      const { spans, offsets } = spansOf(data.valueOffsets as Values, rows);
      return made(undefined, offsets, [gatherRows(child as Data, rowsIn(spans))]);
    }
    case 'fixed lists':
      return made(undefined, undefined, [gatherRows(child as Data, elementsOf(rows, stride))]);
    case 'struct':
      return made(
        undefined,
        undefined,
        children.map((each) => gatherRows(each, rows)),
      );
    default:
      return new Data(type, 0, rows.length, rows.length);
  }
}

/** Of rows that are so many values each. */
function gatherFixed(values: Values, rows: Uint32Array, stride: number): Values {
  const gathered = emptyLike(values, rows.length * stride);
  let at = 0;
  for (const row of rows) {
    const start = row * stride;
    for (let i = 0; i < stride; i++) gathered[at++] = values[start + i] as number;
  }
  return gathered;
}

/** The numbers of the elements of lists of one length. */
function elementsOf(rows: Uint32Array, length: number): Uint32Array {
  const elements = new Uint32Array(rows.length * length);
  let at = 0;
  for (const row of rows) {
    for (let i = 0; i < length; i++) elements[at++] = row * length + i;
  }
  return elements;
}

function emptyLike(values: Values, length: number): Uint8Array {
  return new (values.constructor as new (length: number) => Uint8Array)(length);
}

type Span = readonly [start: number, length: number];

/** Where the rows lie that offsets tell, and offsets of these rows alone. */
function spansOf(offsets: Values, rows: Uint32Array): { spans: Span[]; offsets: Values } {
  const isLarge = offsets instanceof BigInt64Array;
  const gathered = isLarge ? new BigInt64Array(rows.length + 1) : new Int32Array(rows.length + 1);
  let end = 0;
  const spans = Array.from(rows, (row, index): Span => {
    const start = Number(offsets[row]);
    const length = Number(offsets[row + 1]) - start;
    end += length;
    gathered[index + 1] = isLarge ? BigInt(end) : end;
    return [start, length];
  });
  return { spans, offsets: gathered as Values };
}

function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((sum, [, length]) => sum + length, 0);
}

function gatherSpans(values: Values, spans: readonly Span[]): Values {
  const gathered = emptyLike(values, lengthOf(spans));
  let at = 0;
  for (const [start, count] of spans) {
    for (let i = 0; i < count; i++) gathered[at++] = values[start + i] as number;
  }
  return gathered;
}

function rowsIn(spans: readonly Span[]): Uint32Array {
  const rows = new Uint32Array(lengthOf(spans));
  let at = 0;
  for (const [start, count] of spans) {
    for (let i = 0; i < count; i++) rows[at++] = start + i;
  }
  return rows;
}

function gatherBits(bits: Uint8Array, offset: number, rows: Uint32Array): Uint8Array {
  const gathered = new Uint8Array(Math.ceil(rows.length / 8));
  for (let i = 0; i < rows.length; i++) {
    const bit = offset + (rows[i] as number);
    if (((bits[bit >>> 3] as number) >> (bit & 7)) & 1)
      gathered[i >>> 3] = (gathered[i >>> 3] as number) | (1 << (i & 7));
  }
  return gathered;
}
