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
  const items = children.at(0)?.length ?? 0;
  switch (storage) {
    case 'bits':
      return found * 8 >= offset + length;
    case 'fixed':
      if (found < length * stride) return false;
      return (
        dictionary === undefined || (isWholeDictionary(dictionary) && indicesFit(data, dictionary.length))
      );
    case 'views':
      return found >= length * viewBytes && viewsFit(data);
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

function isWholeDictionary({ data }: Vector): boolean {
  for (const chunk of data) {
    if (!wholeChunks.has(chunk) && !isWhole(chunk)) return false;
    wholeChunks.add(chunk);
  }
  return true;
}

function indicesFit(data: Data, limit: number): boolean {
  const indices = data.values as ArrayLike<number | bigint>;
  for (let row = 0; row < data.length; row++) {
    const index = Number(indices[row]);
    if (!(index >= 0 && index < limit) && data.getValid(row)) return false;
  }
  return true;
}

/** A view is a length, and the bytes if they fit, else four of them, the number of a buffer and where they begin in it. */
const viewBytes = 16;

const longestInView = 12;

function viewsFit(data: Data): boolean {
  const { buffer, byteOffset, byteLength } = data.values as Uint8Array;
  const views = new DataView(buffer, byteOffset, byteLength);
  const buffers = data.variadicBuffers as readonly Uint8Array[];
  for (let row = 0; row < data.length; row++) {
    const at = row * viewBytes;
    const length = views.getInt32(at, true);
    if (length <= longestInView && length >= 0) continue;
    const index = views.getInt32(at + 8, true);
    const target = index < 0 ? undefined : buffers.at(index);
    const start = views.getInt32(at + 12, true);
    const fits = target !== undefined && length >= 0 && start >= 0 && start + length <= target.length;
    // What stands in the place of a missing value says nothing.
    if (!fits && data.getValid(row)) return false;
  }
  return true;
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
