/** Values of callers in the words of error messages. */

import { cutText } from './cut-text.ts';
import { typedArrayName } from './intrinsics.ts';
import { isMap } from './platform.ts';

/** What kind of value it is: `a string`, `null`, `an array`. Runs no code of the caller. */
export function describeKind(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'an array';
  if (isMap(value)) return 'a Map';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** The value itself where that is short to say: `5`, `"text"`, and else its kind. Runs no code of the caller. */
export function describeValue(value: unknown): string {
  switch (typeof value) {
    case 'number':
    case 'boolean':
      return String(value);
    case 'string':
      return JSON.stringify(cutText(value));
    default:
      return describeKind(value);
  }
}

/** The kind of a value, of an object the name of its class: `a DataView`, `an Int8Array`. May run code of the caller. */
export function describeClass(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return describeKind(value);
  const name = typedArrayName(value) ?? constructorName(value);
  if (typeof name !== 'string' || name === '') return 'an object without a constructor';
  if (name === 'Object') return describeKind(value);
  return `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${cutText(name)}`;
}

function constructorName(value: object): unknown {
  try {
    return value.constructor?.name;
  } catch {
    return undefined;
  }
}
