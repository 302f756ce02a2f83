/**
 * Thrown when the program contradicts itself: a bug in exprjit or in a plug-in, never a user's mistake.
 * User mistakes are {@link CodedError}s.
 */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** States what must hold at this point and why; narrows types, so that no `!` is needed. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** Marks a place that exhaustive case analysis cannot reach. */
export function unreachable(value: never): never {
  throw new InvariantError(`unexpected ${String(value)}`);
}
