import { cutText } from './cut-text.ts';
import { describeKind } from './describe-value.ts';

/**
 * An argument of a compiled function that is no number, as one: a boolean is 1 or 0. Runs no code of the caller.
 *
 * @param names Of the parameters, for the message; undefined, or empty, where these have none.
 * @throws TypeError, which names the parameter, for anything else.
 */
export function numberArgument(value: unknown, index: number, names: readonly string[] | undefined): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  const name = names === undefined ? '' : cutText(names[index] ?? '');
  const position = `argument ${index + 1}`;
  if (value === undefined)
    throw new TypeError(`${name === '' ? position : `the argument ${name}`} is missing`);
  throw new TypeError(`${name === '' ? position : name} must be a number, not ${describeKind(value)}`);
}
