import { type TrapCode, TrapError } from '../../jit/ir/trap-error.ts';
import { Trap } from '../../native/frame.ts';
import { elementAt } from '../../support/element.ts';
import type { FuelGrant } from './fuel.ts';
import type { HostImplementation } from './host-call.ts';

/** Bounds on one call. */
export interface CallLimits {
  readonly fuel: FuelGrant;
  /** Milliseconds. */
  readonly timeout: number | undefined;
}

/** What calls of code need that can trap or call back. */
export interface CallGuard extends CallLimits {
  /** Host functions by their index in the module. */
  readonly hosts: readonly HostImplementation[];
  /** Names of the module's functions by index. */
  readonly functionNames: readonly string[];
}

/** What to throw when code traps at one of its limits. */
export function trapError(guard: CallGuard, trap: number, functionIndex: number): TrapError {
  const functionName = elementAt(guard.functionNames, functionIndex);
  return new TrapError(codeOf(trap), functionName);
}

function codeOf(trap: number): TrapCode {
  switch (trap) {
    case Trap.Stack:
      return 'E_STACK';
    case Trap.Fuel:
      return 'E_FUEL';
    case Trap.Bounds:
      return 'E_BOUNDS';
    default:
      return 'E_TIMEOUT';
  }
}
