import type { Data, Vector } from 'apache-arrow';
import { storageOf } from './storage.ts';

/** Whether the buffers of a column have all of its rows, which the library does not ask. Of unions it is not known here. */
export function isWhole(data: Data): boolean {
  const { type, offset, length, values, nullBitmap, children, dictionary, stride } = data;
  const found = (values as ArrayLike<unknown> | undefined)?.length ?? 0;
  const storage = storageOf(type);
  if (storage === undefined || storage === 'none') return true;
  const { nullCount } = data;
  if (nullCount > 0 && (nullBitmap?.length ?? 0) * 8 < offset + length) return false;
  if (!children.every(isWhole) || stride < 0) return false;
  const items = children[0]?.length ?? 0;
  switch (storage) {
    case 'bits':
      return found * 8 >= offset + length;
    case 'fixed':
      if (dictionary !== undefined && !serves(dictionary, length - nullCount)) return false;
      return found >= length * stride;
    case 'bytes':
      return offsetsFit(data, found);
    case 'lists':
      return offsetsFit(data, items);
    case 'fixed lists':
      return items >= length * stride;
    case 'struct':
      return children.every((child) => child.length >= length);
  }
}

/** Chunks of dictionaries that have been looked at: one is that of many batches. */
const wholeChunks = new WeakSet<Data>();

/** Whether a dictionary is whole, and there at all if any value is. */
function serves({ data, length }: Vector, valueCount: number): boolean {
  for (const chunk of data) {
    if (!wholeChunks.has(chunk) && !isWhole(chunk)) return false;
    wholeChunks.add(chunk);
  }
  return length > 0 || valueCount === 0;
}

function offsetsFit({ length, valueOffsets }: Data, limit: number): boolean {
  if (length === 0) return true;
  const offsets = valueOffsets as ArrayLike<number | bigint> | undefined;
  if (offsets === undefined || offsets.length <= length) return false;
  let before = 0;
  for (let row = 0; row <= length; row++) {
    const next = Number(offsets[row]);
    if (next < before) return false;
    before = next;
  }
  return before <= limit;
}
