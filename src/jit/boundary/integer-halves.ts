/** Integers of 64 bits as two numbers, on the side of JavaScript; `conversions.ts` has the side of code. */

const integer = new BigInt64Array(1);
const halves = new Uint32Array(integer.buffer);
const [lowAt, highAt] = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? [0, 1] : [1, 0];

/** Modulo 2^64. */
export function halvesOf(value: bigint): readonly [low: number, high: number] {
  integer[0] = value;
  return [halves[lowAt] as number, halves[highAt] as number];
}

/** With a sign. */
export function wholeOf(low: number, high: number): bigint {
  halves[lowAt] = low;
  halves[highAt] = high;
  return integer[0] as bigint;
}
