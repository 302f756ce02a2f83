import { expect } from 'chai';
import type { NumericArray } from '../../../src/index.ts';
import { elementAt } from '../../../src/support/element.ts';

/** Fails at the first element that differs; -0 is not 0, and one NaN is as good as another. */
export function expectSame(actual: ArrayLike<number>, expected: ArrayLike<number>, what = ''): void {
  expect(actual.length, `length ${what}`).to.equal(expected.length);
  for (let i = 0; i < actual.length; i++) {
    if (!Object.is(actual[i], expected[i])) {
      expect.fail(`${what}: element ${i} of ${actual.length} is ${actual[i]}, not ${expected[i]}`);
    }
  }
}

export const arrayTypes = [
  Float64Array,
  Float32Array,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
] as const;

export type NumericArrayType = (typeof arrayTypes)[number];

/** `values` in a part of a larger buffer, `offset` elements from its start, between canaries. */
export function misaligned(
  type: NumericArrayType,
  values: readonly number[],
  offset: number,
): { array: NumericArray; expectCanaries(): void } {
  const canary = 85;
  const memory = new type(offset + values.length + 9).fill(canary);
  const array = memory.subarray(offset, offset + values.length);
  array.set(values);
  return {
    array,
    expectCanaries() {
      for (let i = 0; i < memory.length; i++) {
        if (i >= offset && i < offset + values.length) continue;
        if (elementAt(memory, i) !== canary) expect.fail(`element ${i - offset} was overwritten`);
      }
    },
  };
}
