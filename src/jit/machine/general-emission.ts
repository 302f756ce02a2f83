/** Emission of operations on integers and bools, in general registers. */
import { elementAt } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import type { Assembler } from '../x64/assembler.ts';
import { instructionOf } from '../x64/instruction.ts';
import { dwordPtr, ptr, qwordPtr } from '../x64/memory.ts';
import { cl, gp8, gp16 } from '../x64/register.ts';
import { divisions, emitDivision } from './division-emission.ts';
import { arithmetic, setters, shifts, wideShifts } from './encodings.ts';
import { firstGeneralLocation, isMemory } from './location.ts';
import { MachineOp } from './operations.ts';
import { general, low32, type Places } from './places.ts';

const mnemonic = Object.freeze({ cmp: instructionOf('cmp') });

/** Emits an operation on integers or bools. */
export function emitGeneral(
  a: Assembler,
  places: Places,
  operation: number,
  result: number,
  first: number,
  second: number,
  third: number,
): void {
  switch (operation) {
    case MachineOp.ZeroExtend32:
      a.mov(low32(result), low32(first));
      return;
    case MachineOp.INeg:
      places.move(result, first);
      a.neg(general(result));
      return;
    case MachineOp.SignExtend32:
      a.movsxd(general(result), isMemory(first) ? places.memory(first, dwordPtr) : low32(first));
      return;
    case MachineOp.SignExtend8:
      a.movsx(general(result), elementAt(gp8, first - firstGeneralLocation));
      return;
    case MachineOp.SignExtend16:
      a.movsx(general(result), elementAt(gp16, first - firstGeneralLocation));
      return;
    case MachineOp.Clz32:
      // One more than the highest set bit of x is the highest set bit of 2x + 1, which is never zero.
      a.mov(low32(result), low32(first));
      a.lea(general(result), ptr(undefined, general(result), 2, 1));
      a.bsr(general(result), general(result));
      a.neg(general(result));
      a.add(general(result), 32);
      return;
    case MachineOp.Choose:
      a.test(low32(third), low32(third));
      places.move(result, first);
      a.cmovne(general(result), isMemory(second) ? places.memory(second, qwordPtr) : general(second));
      return;
  }
  const shift = shifts.get(operation);
  if (shift !== undefined) {
    if (wideShifts.has(operation)) {
      places.move(result, first);
      a.emit(shift, general(result), second < 0 ? third : cl);
      return;
    }
    // A copy of 32 bits even onto itself: it clears the upper half whatever the count.
    if (result !== first || operation === MachineOp.Shr32 || operation === MachineOp.Shr32By) {
      a.mov(low32(result), low32(first));
    }
    a.emit(shift, low32(result), second < 0 ? third : cl);
    return;
  }
  const setter = setters.get(operation);
  if (setter !== undefined) {
    a.emit(mnemonic.cmp, general(first), places.generalOperand(second));
    a.emit(setter, elementAt(gp8, result - firstGeneralLocation));
    a.movzx(low32(result), elementAt(gp8, result - firstGeneralLocation));
    return;
  }
  const division = divisions.get(operation);
  if (division !== undefined) {
    emitDivision(a, places, division, result, first, second, third === 1);
    return;
  }
  const instruction = arithmetic.get(operation);
  invariant(instruction !== undefined, `no encoding for operation ${operation}`);
  if (result === second && result !== first) {
    a.emit(instruction, general(result), general(first));
    return;
  }
  const operand = places.generalOperand(second);
  if (operation === MachineOp.IMul && typeof operand === 'number') {
    a.imul(general(result), general(first), operand);
    return;
  }
  places.move(result, first);
  a.emit(instruction, general(result), operand);
}
