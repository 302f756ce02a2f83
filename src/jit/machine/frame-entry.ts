/**
 * The frame entry of a function that has an entry of its own: `void entry(frame *)`.
 *
 * It saves what the platform wants preserved, sets up `rbx` and the fuel register, loads the arguments from the
 * native frame and calls. The place of that call's return address is noted in `UnwindStack`: a trap, however deep,
 * takes the stack pointer from there and returns, so that it comes back right behind the call, as a result does.
 */
import { FrameSlot, frameOffset } from '../../native/frame.ts';
import { elementAt } from '../../support/element.ts';
import type { Label } from '../code/label.ts';
import type { Type } from '../ir/opcode.ts';
import type { Assembler } from '../x64/assembler.ts';
import { ptr, qwordPtr } from '../x64/memory.ts';
import { eax, gp8, gp32, gp64, rax, rsp, xmm } from '../x64/register.ts';
import {
  ArgumentAssigner,
  type Convention,
  frameRegister,
  fuelRegister,
  generalScratch,
  vectorScratch,
} from './convention.ts';
import { firstGeneralLocation, isMemory, MemoryKind, memoryIndexOf } from './location.ts';
import { RegisterClass } from './operations.ts';

export interface FrameEntryOptions {
  readonly convention: Convention;
  readonly hasVex: boolean;
  readonly parameters: readonly Type[];
  readonly result: Type;
  /** The function's own entry. */
  readonly target: Label;
  readonly mayTrap: boolean;
  readonly usesFuel: boolean;
  /** Are integers in the frame as such, and no doubles? */
  readonly hasRawIntegers: boolean;
}

export function emitFrameEntry(a: Assembler, options: FrameEntryOptions): void {
  const { convention, parameters, target, mayTrap, usesFuel } = options;
  const frame = elementAt(gp64, frameRegister);
  const fuel = elementAt(gp64, fuelRegister);
  const scratch = elementAt(gp64, generalScratch);
  const saved = convention.savedGeneral.map((id) => elementAt(gp64, id));
  const unwindSlot = frameOffset(FrameSlot.UnwindStack);
  const fuelSlot = frameOffset(FrameSlot.Fuel);

  const assigner = new ArgumentAssigner(convention, MemoryKind.Outgoing);
  const places = parameters.map((type) =>
    assigner.next(type === 'f64' ? RegisterClass.Vector : RegisterClass.General),
  );
  const pushes = 1 + (usesFuel ? 1 : 0) + saved.length + (mayTrap ? 1 : 0);
  const argumentBytes = (assigner.stackWords * 8 + 15) & -16;
  const localBytes = argumentBytes + convention.savedVectors.length * 16;
  // With the return address, the words pushed so far must make an even number.
  const area = localBytes + (pushes % 2 === 0 ? 8 : 0);

  a.push(frame);
  if (usesFuel) a.push(fuel);
  for (const register of saved) a.push(register);
  a.mov(frame, elementAt(gp64, elementAt(convention.generalArguments, 0)));
  if (mayTrap) a.push(qwordPtr(frame, unwindSlot));
  if (area > 0) a.sub(rsp, area);
  convention.savedVectors.forEach((id, index) => {
    a.movaps(ptr(rsp, argumentBytes + index * 16), elementAt(xmm, id));
  });
  if (mayTrap) {
    a.lea(scratch, ptr(rsp, -8));
    a.mov(ptr(frame, unwindSlot), scratch);
  }
  if (usesFuel) a.mov(fuel, ptr(frame, fuelSlot));
  places.forEach((place, index) => {
    loadArgument(a, elementAt(parameters, index), place, index, options);
  });

  a.call(target);

  storeResult(a, options);
  if (usesFuel) a.mov(ptr(frame, fuelSlot), fuel);
  convention.savedVectors.forEach((id, index) => {
    a.movaps(elementAt(xmm, id), ptr(rsp, argumentBytes + index * 16));
  });
  if (area > 0) a.add(rsp, area);
  if (mayTrap) a.pop(qwordPtr(frame, unwindSlot));
  for (let i = saved.length - 1; i >= 0; i--) a.pop(elementAt(saved, i));
  if (usesFuel) a.pop(fuel);
  a.pop(frame);
  a.ret();
}

/** Brings a parameter from its slot, where it is a double whatever its type unless integers are raw, to where the function expects it. */
function loadArgument(
  a: Assembler,
  type: Type,
  place: number,
  index: number,
  { hasVex, hasRawIntegers }: FrameEntryOptions,
): void {
  const slot = ptr(elementAt(gp64, frameRegister), frameOffset(FrameSlot.Arguments + index));
  const outgoing = isMemory(place) ? ptr(rsp, memoryIndexOf(place) * 8) : undefined;
  const scratch = elementAt(gp64, generalScratch);
  if (type === 'f64') {
    if (outgoing === undefined) {
      if (hasVex) a.vmovsd(elementAt(xmm, place), slot);
      else a.movsd(elementAt(xmm, place), slot);
    } else {
      a.mov(scratch, slot);
      a.mov(outgoing, scratch);
    }
    return;
  }
  const id = outgoing === undefined ? place - firstGeneralLocation : generalScratch;
  if (type === 'i64' && hasRawIntegers) {
    a.mov(elementAt(gp64, id), slot);
  } else if (type === 'i64') {
    a.cvttsd2si(elementAt(gp64, id), qwordPtr(elementAt(gp64, frameRegister), slot.displacement));
  } else {
    // A number is true when it is neither zero nor NaN; unordered counts as equal here.
    const value = elementAt(xmm, vectorScratch);
    a.xorps(value, value);
    a.ucomisd(value, slot);
    a.setne(elementAt(gp8, id));
    a.movzx(elementAt(gp32, id), elementAt(gp8, id));
  }
  if (outgoing !== undefined) a.mov(outgoing, scratch);
}

function storeResult(a: Assembler, { result, hasVex, hasRawIntegers }: FrameEntryOptions): void {
  const place = ptr(elementAt(gp64, frameRegister), frameOffset(FrameSlot.Result));
  if (result === 'i64' && hasRawIntegers) {
    a.mov(place, rax);
    return;
  }
  const value = elementAt(xmm, 0);
  if (result !== 'f64') {
    if (result === 'bool') a.and(eax, 1);
    a.xorps(value, value);
    a.cvtsi2sd(value, rax);
  }
  if (hasVex) a.vmovsd(place, value);
  else a.movsd(place, value);
}
