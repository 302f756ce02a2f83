import type { Address } from '../../native/address.ts';
import { FrameSlot } from '../../native/frame.ts';
import { ownSession } from '../../native/session.ts';
import { slots } from '../../support/element.ts';
import { numberArgument } from '../../support/number-argument.ts';
import { CodeHolder } from '../code/code-holder.ts';
import { sysv, win64 } from '../machine/convention.ts';
import { emitFrameEntry } from '../machine/frame-entry.ts';
import { Assembler } from '../x64/assembler.ts';
import type { JitCode } from './jit-code.ts';

/** A JavaScript function that runs machine code: it takes numbers and booleans, and throws a `TypeError` for others and for missing ones. */
export type NumericFunction = (...args: number[]) => number;

/** Code that `invoke` can enter and that calls `double target(double…)` with `arity` arguments from the frame. */
export function buildCallThunk(name: string, target: Address, arity: number): CodeHolder {
  const code = new CodeHolder();
  const a = new Assembler(code);
  const jump = code.newLabel();
  a.bind(code.newLabel(name));
  emitFrameEntry(a, {
    convention: process.platform === 'win32' ? win64 : sysv,
    hasVex: false,
    parameters: Array.from(slots(arity), () => 'f64' as const),
    result: 'f64',
    target: jump,
    mayTrap: false,
    usesFuel: false,
  });
  a.bind(jump);
  a.jmpAddress(target);
  return code;
}

/** A function that enters `code` through `thunk`. Throws `ReleasedError` once either is released. */
export function callThrough(code: JitCode, thunk: JitCode, arity: number): NumericFunction {
  const { frame, invoke } = ownSession();
  return (...args) => {
    const entry = thunk.address;
    code.enter();
    try {
      thunk.enter();
    } catch (error) {
      code.leave();
      throw error;
    }
    try {
      for (let i = 0; i < arity; i++)
        frame[FrameSlot.Arguments + i] = numberArgument(i < args.length ? args[i] : undefined, i, undefined);
      frame[FrameSlot.Entry] = entry;
      invoke();
      return frame[FrameSlot.Result] as number;
    } finally {
      try {
        thunk.leave();
      } finally {
        code.leave();
      }
    }
  };
}
