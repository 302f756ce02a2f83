/**
 * For `chevrotain-runtime.mjs`: what the parsing part of chevrotain takes of lodash-es, as JavaScript has it by now. lodash-es does the
 * same with 60 KB, for arguments of every kind; here come arrays and plain objects.
 */
export const { isArray } = Array;
export const { keys, values } = Object;
export const noop = () => {};
export const isUndefined = (value) => value === undefined;
export const isString = (value) => typeof value === 'string';
export const isObject = (value) => typeof value === 'object' && value !== null;
export const has = (object, name) => isObject(object) && Object.hasOwn(object, name);
export const isEmpty = (collection) => keys(collection ?? []).length === 0;
export const clone = (collection) => (isArray(collection) ? collection.slice() : { ...collection });
export const compact = (list) => list.filter(Boolean);
export const flatten = (list) => list.flat();
export const includes = (list, value) => list.includes(value);
export const difference = (list, without) => list.filter((value) => !without.includes(value));
export const every = (list, predicate) => list.every((value) => predicate(value));
export const map = (list, transform) => list.map((value) => transform(value));
export const reduce = (list, combine, start) => list.reduce((result, value) => combine(result, value), start);
export function forEach(collection, visit) {
  for (const name of keys(collection)) visit(collection[name], name);
}
/** Never run here. */
export const dropRight = undefined;
export const find = undefined;
export const first = undefined;
export const uniq = undefined;
export const some = undefined;
