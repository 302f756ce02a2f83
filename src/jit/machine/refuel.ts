/**
 * The routine that code calls when its fuel has run out.
 *
 * Fuel comes in slices, so that somebody looks at clocks and stop flags every few milliseconds although code on its way
 * looks at nothing but one register. The host gives the next slice, or sets the trap. It is called in the midst of
 * anything, so every register is as before when this returns; of vector registers that is the low half, where scalar code
 * has all its values, or all of it where code works on lanes, masks included.
 */
import { FrameSlot, frameOffset, hostRequest } from '../../native/frame.ts';
import { alignUp } from '../../support/alignment.ts';
import { elementAt } from '../../support/element.ts';
import type { Label } from '../code/label.ts';
import type { Assembler } from '../x64/assembler.ts';
import { instructionOf } from '../x64/instruction.ts';
import { dwordPtr, ptr, qwordPtr } from '../x64/memory.ts';
import { gp64, k, rbp, rsp, ymm, zmm } from '../x64/register.ts';
import { type Convention, frameRegister, fuelRegister, Gpr } from './convention.ts';

const move = instructionOf('vmovups');

/** Registers that the host may overwrite. */
const volatile = [Gpr.Rax, Gpr.Rcx, Gpr.Rdx, Gpr.Rsi, Gpr.Rdi, Gpr.R8, Gpr.R9, Gpr.R10, Gpr.R11];

/** What `fxsave` writes, in bytes, and how it must be aligned. */
const stateSize = 512;
const stateAlignment = 16;

/** Those that VEX encodings have. */
const vectorCount = 16;

/**
 * Binds and emits the routine. The number of the function that asks stands in the high half of `HostCall`. The
 * stack may be aligned in any way.
 */
export function emitRefuel(a: Assembler, convention: Convention, label: Label, lanes: 1 | 2 | 4 | 8): void {
  const frame = elementAt(gp64, frameRegister);
  const fuel = elementAt(gp64, fuelRegister);
  const fuelSlot = ptr(frame, frameOffset(FrameSlot.Fuel));
  const registers = volatile.map((id) => elementAt(gp64, id));
  const state = ptr(rsp, convention.shadowSpace);
  const savesLanes = lanes > 2;
  const vectors = (lanes > 4 ? zmm : ymm.slice(0, vectorCount)).map(
    (register) => [ptr(rsp, convention.shadowSpace + register.id * lanes * 8), register] as const,
  );
  const masks = (lanes > 4 ? k.slice(1) : []).map(
    (register) =>
      [ptr(rsp, convention.shadowSpace + (vectors.length * lanes + register.id) * 8), register] as const,
  );
  const savedSize = savesLanes
    ? alignUp(vectors.length * lanes * 8 + k.length * 8, stateAlignment)
    : stateSize;
  const unwind = a.code.newLabel();

  a.align(16);
  a.bind(label);
  for (const register of registers) a.push(register);
  a.push(rbp);
  a.mov(rbp, rsp);
  a.sub(rsp, savedSize + convention.shadowSpace);
  a.and(rsp, -stateAlignment);
  if (savesLanes) {
    for (const [place, register] of vectors) a.emit(move, place, register);
    for (const [place, register] of masks) a.kmovw(place, register);
    a.vzeroupper();
  } else {
    a.fxsave64(state);
  }
  a.mov(fuelSlot, fuel);
  a.mov(dwordPtr(frame, frameOffset(FrameSlot.HostCall)), hostRequest.Refuel);
  a.mov(
    elementAt(gp64, elementAt(convention.generalArguments, 0)),
    ptr(frame, frameOffset(FrameSlot.HostCallContext)),
  );
  a.callThrough(qwordPtr(frame, frameOffset(FrameSlot.HostCallEntry)), 'host', 'refuel');
  a.mov(fuel, fuelSlot);
  if (savesLanes) {
    for (const [place, register] of vectors) a.emit(move, register, place);
    for (const [place, register] of masks) a.kmovw(register, place);
  } else {
    a.fxrstor64(state);
  }
  a.mov(rsp, rbp);
  a.pop(rbp);
  for (const register of [...registers].reverse()) a.pop(register);
  a.cmp(dwordPtr(frame, frameOffset(FrameSlot.Trap)), 0);
  a.jne(unwind);
  a.ret();
  a.bind(unwind);
  a.mov(rsp, ptr(frame, frameOffset(FrameSlot.UnwindStack)));
  a.ret();
}
