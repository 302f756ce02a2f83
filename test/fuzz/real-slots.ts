/** What typed arrays are, whatever their own properties claim and whoever has patched their prototypes. */

const prototype = Object.getPrototypeOf(Uint8Array.prototype) as object;
const { apply } = Reflect;
const clone = structuredClone;

function getterOf(name: string): (this: unknown) => unknown {
  const getter = Object.getOwnPropertyDescriptor(prototype, name)?.get;
  if (getter === undefined) throw new TypeError(`typed arrays have no ${name}`);
  return getter;
}

const bufferOf = getterOf('buffer');
const lengthOf = getterOf('length');

function realBuffer(array: ArrayBufferView): ArrayBuffer {
  return apply(bufferOf, array, []) as ArrayBuffer;
}

export function realLength(array: ArrayBufferView): number {
  return apply(lengthOf, array, []) as number;
}

/** Detaches the buffer; gives the one that has the memory now. */
export function detach(array: ArrayBufferView): ArrayBuffer {
  const buffer = realBuffer(array);
  return clone(buffer, { transfer: [buffer] });
}
