/** The inspector is a server, which no page can be: see `inspect-engines.ts`. */

export function inspectEngine(): never {
  throw new Error('the inspector needs Node.js');
}
