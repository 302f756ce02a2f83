/** Values of callers in the words of error messages. No code of the caller runs here. */
import { types } from 'node:util';
import { cutText } from './cut-text.ts';

/** What kind of value it is: `a string`, `null`, `an array`. */
export function describeKind(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'an array';
  if (types.isMap(value)) return 'a Map';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** The value itself where that is short to say: `5`, `"text"`, and else its kind. */
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
