import type { Data } from 'apache-arrow';
import { storageOf } from './storage.ts';

/** Whether the buffers of a column have all of its rows, which the library does not ask. Of unions it is not known here. */
export function isWhole(data: Data): boolean {
  const { type, offset, length, values, nullBitmap, children, dictionary, stride } = data;
  const found = (values as ArrayLike<unknown> | undefined)?.length ?? 0;
  const storage = storageOf(type);
  if (storage === undefined || storage === 'none') return true;
  const { nullCount } = data;
  if (nullCount > 0 && (nullBitmap?.length ?? 0) * 8 < offset + length) return false;
  if (!children.every(isWhole)) return false;
  const items = children[0]?.length ?? 0;
  switch (storage) {
    case 'bits':
      return found * 8 >= offset + length;
    case 'fixed':
      if (dictionary !== undefined && dictionary.length === 0 && nullCount < length) return false;
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
