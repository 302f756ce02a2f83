/** Emission of operations on masks of lanes in mask registers, and of those that such a mask decides. */
import { elementAt } from '../../support/element.ts';
import type { Assembler } from '../x64/assembler.ts';
import { instructionOf } from '../x64/instruction.ts';
import { ptr } from '../x64/memory.ts';
import { gp32, gp64, k0 } from '../x64/register.ts';
import { generalScratch } from './convention.ts';
import { maskEncodings, maskPredicates } from './encodings.ts';
import { MachineOp } from './operations.ts';
import { general, low32, mask, type Places } from './places.ts';

const mnemonic = Object.freeze({
  vcmppd: instructionOf('vcmppd'),
  vblendmpd: instructionOf('vblendmpd'),
  vmovapd: instructionOf('vmovapd'),
  vptestmq: instructionOf('vptestmq'),
});

/** The masks of the first n lanes, a byte each, for n from 0 to 7. */
const firstLanes = 0x7f3f_1f0f_0703_0100n;

/** Masks in registers of their own; says whether it is one of their operations. */
export function emitMasks(
  a: Assembler,
  places: Places,
  operation: number,
  result: number,
  first: number,
  second: number,
  third: number,
): boolean {
  const predicate = maskPredicates.get(operation);
  if (predicate !== undefined) {
    a.emit(
      mnemonic.vcmppd,
      mask(result),
      places.laneRegister(first),
      places.broadcastOperand(second),
      predicate,
    );
    return true;
  }
  const logic = maskEncodings.get(operation);
  if (logic !== undefined) {
    a.emit(logic, mask(result), mask(first), second < 0 ? undefined : mask(second));
    return true;
  }
  switch (operation) {
    case MachineOp.KTest:
      a.emit(mnemonic.vptestmq, mask(result), places.laneRegister(first), places.broadcastOperand(second));
      break;
    case MachineOp.KAll:
      a.kxnorw(mask(result), k0, k0);
      break;
    case MachineOp.KNone:
      a.kxorw(mask(result), k0, k0);
      break;
    case MachineOp.KSplat: {
      const bits = elementAt(gp32, generalScratch);
      a.mov(bits, low32(first));
      a.neg(bits);
      a.kmovw(mask(result), bits);
      break;
    }
    case MachineOp.KFirst:
      a.lea(elementAt(gp64, generalScratch), ptr(a.code.int64(firstLanes)));
      a.kmovb(mask(result), ptr(elementAt(gp64, generalScratch), general(first), 1));
      break;
    case MachineOp.KBlend:
      a.k(mask(third));
      a.emit(
        mnemonic.vblendmpd,
        places.laneRegister(result),
        places.laneRegister(first),
        places.broadcastOperand(second),
      );
      break;
    case MachineOp.KKeep:
      a.kz(mask(second));
      a.emit(mnemonic.vmovapd, places.laneRegister(result), places.lanesOperand(first));
      break;
    default:
      return false;
  }
  return true;
}
