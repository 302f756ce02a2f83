/**
 * Objects of options, as callers pass them.
 *
 * They are foreign: properties may be getters that give two answers, a name may be misspelt, and `Object.prototype` may have
 * acquired properties. So a door reads each option exactly once, into a record of its own, and goes by that.
 */

import { cutText } from './cut-text.ts';
import { describeValue } from './describe-value.ts';
import { isMap } from './platform.ts';
import { suggestName } from './suggest-name.ts';

/** The names of a kind of options; the type sees to it that none is forgotten. */
export function optionNames<T extends object>(
  names: {
    readonly [Name in keyof Required<T>]: true;
  },
): readonly (keyof T & string)[] {
  return Object.freeze(Object.keys(names) as (keyof T & string)[]);
}

/** No options, whatever objects have in common. */
const none = Object.freeze(Object.create(null));

/**
 * The options in `given`, its own or inherited (but not from `Object.prototype`), each read once. Undefined stands for none
 * at all, and for each option that is left out. What the values are remains to be checked.
 *
 * @param what How messages name the object.
 * @throws TypeError for what is no object of options, and for a name that is not `known`.
 */
export function readOptions<T extends object>(
  given: object | undefined,
  known: readonly (keyof T & string)[],
  what = 'options',
): Readonly<Partial<T>> {
  if (given === undefined) return none;
  requireOptions(given, known, what);
  const values: Record<string, unknown> = Object.create(null);
  for (const name of known) values[name] = isOfAllObjects(given, name) ? undefined : Reflect.get(given, name);
  return values as Partial<T>;
}

/** Throws a TypeError unless `given` is an object all of whose enumerable names are `known`. Reads no value. */
function requireOptions(given: unknown, known: readonly string[], what: string): void {
  // Lists and maps keep what they hold elsewhere, so that they would count as empty.
  const isRecord =
    typeof given === 'object' &&
    given !== null &&
    !Array.isArray(given) &&
    !ArrayBuffer.isView(given) &&
    !isMap(given);
  if (!isRecord) throw new TypeError(`${what} must be an object, not ${describeValue(given)}`);
  for (const name in given) {
    if (known.includes(name) || isOfAllObjects(given, name)) continue;
    throw new TypeError(`unknown name '${cutText(name)}' in ${what}; ${knownNames(name, known)}`);
  }
}

/** @throws RangeError for what is none of the `allowed`. */
export function requireOneOf<T extends string>(
  name: string,
  value: unknown,
  allowed: readonly T[],
): asserts value is T {
  if (typeof value === 'string' && (allowed as readonly string[]).includes(value)) return;
  throw new RangeError(`${name} must be one of ${allowed.join(', ')}, not ${describeValue(value)}`);
}

/** The end of a message about a name that is not among the `known`: what was meant, or what there is. */
export function knownNames(name: string, known: readonly string[]): string {
  const meant = suggestName(cutText(name), known);
  if (meant !== undefined) return `did you mean '${meant}'?`;
  return known.length === 0 ? 'there are none' : `there are ${cutText(known.join(', '), 300)}`;
}

/** Whether `Object.prototype`, where somebody has put the name, answers for what `given` itself lacks. */
export function isOfAllObjects(given: object, name: string): boolean {
  return (
    Object.hasOwn(Object.prototype, name) &&
    !Object.hasOwn(given, name) &&
    Object.getPrototypeOf(given) !== null
  );
}
