/** The typed arrays that a column may be, by kind of element. */
export const columnArrays = [
  Float64Array,
  Float32Array,
  Int8Array,
  Uint8Array,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
] as const;
