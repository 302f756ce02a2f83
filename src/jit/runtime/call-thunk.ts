import type { Address } from '../../native/address.ts';
import { FrameSlot } from '../../native/frame.ts';
import { requireAddon } from '../../native/loader.ts';
import { ownSession } from '../../native/session.ts';
import { numberArgument } from '../../support/number-argument.ts';
import { CodeHolder } from '../code/code-holder.ts';
import { sysv, win64 } from '../machine/convention.ts';
import { emitFrameEntry } from '../machine/frame-entry.ts';
import { Assembler } from '../x64/assembler.ts';
import { type CallSignature, CallSlots, type CallType, classOfCall } from './call-signature.ts';
import type { JitCode } from './jit-code.ts';

/** A JavaScript function that runs machine code: it takes numbers and booleans, and throws a `TypeError` for others and for missing ones. */
export type NumericFunction = (...args: number[]) => number;

/** Code that `invoke` can enter and that calls the C function at `target` with arguments from the frame. */
export function buildCallThunk(name: string, target: Address, { args, result }: CallSignature): CodeHolder {
  const code = new CodeHolder();
  const a = new Assembler(code);
  const jump = code.newLabel();
  a.bind(code.newLabel(name));
  emitFrameEntry(a, {
    convention: process.platform === 'win32' ? win64 : sysv,
    hasVex: false,
    parameters: args.map(classOfCall),
    result: classOfCall(result),
    target: jump,
    mayTrap: false,
    usesFuel: false,
    hasRawIntegers: true,
  });
  a.bind(jump);
  a.jmpAddress(target);
  return code;
}

/** A function of numbers that enters `code` through `thunk`. Throws `ReleasedError` once either is released. */
export function callThrough(code: JitCode, thunk: JitCode, arity: number): NumericFunction {
  const { frame, invoke } = ownSession();
  return (...args) =>
    whileEntered(code, thunk, (entry) => {
      for (let i = 0; i < arity; i++)
        frame[FrameSlot.Arguments + i] = numberArgument(i < args.length ? args[i] : undefined, i, undefined);
      frame[FrameSlot.Entry] = entry;
      invoke();
      return frame[FrameSlot.Result] as number;
    });
}

/** The same of values of all types. */
export function typedCallThrough(
  code: JitCode,
  thunk: JitCode,
  { args: types, result }: CallSignature,
): (...args: unknown[]) => unknown {
  const { frame, invoke } = ownSession();
  const places = new CallSlots(frame, requireAddon().addressOf);
  return (...args) =>
    whileEntered(code, thunk, (entry) => {
      for (let i = 0; i < types.length; i++) {
        const value = i < args.length ? args[i] : undefined;
        places.write(FrameSlot.Arguments + i, types[i] as CallType, value, i);
      }
      frame[FrameSlot.Entry] = entry;
      kept.args = args;
      try {
        invoke();
      } finally {
        kept.args = undefined;
      }
      return places.read(FrameSlot.Result, result);
    });
}

/** Memory lives as long as something refers to it, and an optimiser may forget arguments that nobody reads again. */
const kept: { args: readonly unknown[] | undefined } = { args: undefined };

/** Runs `body` with the thunk's address while both are kept in place. */
function whileEntered<T>(code: JitCode, thunk: JitCode, body: (entry: Address) => T): T {
  const entry = thunk.address;
  code.enter();
  try {
    thunk.enter();
  } catch (error) {
    code.leave();
    throw error;
  }
  try {
    return body(entry);
  } finally {
    try {
      thunk.leave();
    } finally {
      code.leave();
    }
  }
}
