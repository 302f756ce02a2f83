import type { AddonFailure, OsCall } from '../native/addon.ts';
import { CodedError } from '../support/coded-error.ts';
import { hintFor } from './virt-mem-hint.ts';

/** An {@link OsCall} that failed, with what can be done about it. */
export interface FailedAttempt extends OsCall {
  readonly hint: string | undefined;
}

/**
 * Virtual memory that could not be had, or a range that is not the caller's to touch.
 *
 * `code` is symbolic: the OS's own (`ENOMEM`, `EACCES`…), or `E_NOT_MAPPED` (not inside a mapping of this
 * thread's VirtMem), `E_PROTECTED` (its pages forbid the access), `E_NOT_WHOLE` (not exactly what one
 * allocation returned), `E_OWNED` (an allocator's: others may read it). `attempts` are all OS calls that failed on
 * the way, in order.
 */
export class VirtMemError extends CodedError {
  override readonly name = 'VirtMemError';
  readonly errno: number | undefined;
  readonly syscall: string | undefined;
  readonly attempts: readonly FailedAttempt[];

  constructor(operation: string, failure: AddonFailure) {
    // What OS calls have, and failures without one have not.
    const has = (name: keyof AddonFailure) => Object.hasOwn(failure, name);
    const attempts = (has('attempts') ? (failure.attempts ?? []) : []).map((call) => ({
      ...call,
      hint: hintFor(call),
    }));
    super(failure.code, `cannot ${operation}: ${describe(failure, attempts)}`, { cause: failure });
    this.errno = has('errno') ? failure.errno : undefined;
    this.syscall = has('syscall') ? failure.syscall : undefined;
    this.attempts = attempts;
  }
}

/** What a `catch` around an addon call throws on: `VirtMemError` for what the addon reports, anything else as it came. */
export function virtMemError(operation: string, caught: unknown): unknown {
  return isAddonFailure(caught) ? new VirtMemError(operation, caught) : caught;
}

function isAddonFailure(value: unknown): value is AddonFailure {
  return (
    value instanceof Error && Object.hasOwn(value, 'code') && typeof (value as AddonFailure).code === 'string'
  );
}

function describe(failure: AddonFailure, attempts: readonly FailedAttempt[]): string {
  if (attempts.length === 0) return failure.message;
  const ladder = attempts.length > 1;
  return attempts
    .map(({ strategy, syscall, code, hint }) => {
      const call = `${ladder ? `${strategy}: ` : ''}${syscall} failed with ${code}`;
      return hint === undefined ? call : `${call} (${hint})`;
    })
    .join('; ');
}
