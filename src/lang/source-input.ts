/** A source and its parameters, as callers pass them. */
import { describeKind, describeValue } from '../support/describe-value.ts';

/** More are an error of the program, and not of the source, whatever its limits say. */
const mostParameters = 65_536;

/** @throws TypeError for anything but a string. */
export function requireSource(source: unknown): asserts source is string {
  if (typeof source !== 'string') throw new TypeError(`source must be a string, not ${describeKind(source)}`);
}

/**
 * The names in a list of our own: what becomes of the caller's does not matter afterwards. Each is read once.
 *
 * @param what How messages name the list.
 * @throws TypeError for what is no array of strings. Whether they are names of the language, the checker says.
 */
export function readParameters(given: readonly string[], what?: string): readonly string[];
export function readParameters(
  given: readonly string[] | undefined,
  what?: string,
): readonly string[] | undefined;
export function readParameters(given: unknown, what = 'parameters'): readonly string[] | undefined {
  if (given === undefined) return undefined;
  if (!Array.isArray(given)) {
    throw new TypeError(`${what} must be an array of names, not ${describeValue(given)}`);
  }
  const count: unknown = given.length;
  if (typeof count !== 'number' || count > mostParameters) {
    throw new RangeError(`${what} must be at most ${mostParameters}`);
  }
  const names: string[] = [];
  for (let index = 0; index < count; index++) {
    // What is absent is not looked for in prototypes.
    const name: unknown = Object.hasOwn(given, index) ? given[index] : undefined;
    if (typeof name !== 'string') {
      throw new TypeError(`${what}[${index}] must be a name, not ${describeValue(name)}`);
    }
    names.push(name);
  }
  return names;
}
