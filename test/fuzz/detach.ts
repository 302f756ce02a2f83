/** Memory taken from under a typed array, whatever its own properties claim. */

const bufferOf = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), 'buffer')
  ?.get as (this: ArrayBufferView) => ArrayBuffer;
const clone = structuredClone;
const { apply } = Reflect;

export function realBuffer(array: ArrayBufferView): ArrayBuffer {
  return apply(bufferOf, array, []) as ArrayBuffer;
}

/** Detaches the buffer; gives the one that has the memory now. */
export function detach(array: ArrayBufferView): ArrayBuffer {
  const buffer = realBuffer(array);
  return clone(buffer, { transfer: [buffer] });
}
