import type { Addon } from '../native/addon.ts';
import type { Address } from '../native/address.ts';
import { FrameSlot } from '../native/frame.ts';
import { slots } from '../support/element.ts';
import { CodeHolder } from './code-holder.ts';
import type { JitCode } from './jit-code.ts';
import { sysv, win64 } from './machine/convention.ts';
import { emitFrameEntry } from './machine/frame-entry.ts';
import { Assembler } from './x64/assembler.ts';

/** A JavaScript function that runs machine code; missing arguments are NaN. */
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
export function callThrough(addon: Addon, code: JitCode, thunk: JitCode, arity: number): NumericFunction {
  const { frame, invoke } = addon;
  return (...args) => {
    // Conversion can run any code, also such that uses the frame; so it comes first, and nothing comes between the rest.
    for (let i = 0; i < arity; i++) args[i] = Number(args.at(i));
    const entry = thunk.address;
    code.enter();
    thunk.enter();
    try {
      for (let i = 0; i < arity; i++) frame[FrameSlot.Arguments + i] = args[i] as number;
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
