/** Emission of operations on integers of 64 bits in lanes. */
import { elementAt } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import type { Assembler } from '../x64/assembler.ts';
import { instructionOf } from '../x64/instruction.ts';
import { xmm, ymm, zmm } from '../x64/register.ts';
import { vectorScratch } from './convention.ts';
import { laneEncodings } from './encodings.ts';
import { MachineOp } from './operations.ts';
import { general, type Places } from './places.ts';

const mnemonic = Object.freeze({
  vcvttpd2qq: instructionOf('vcvttpd2qq'),
  vcvtqq2pd: instructionOf('vcvtqq2pd'),
  movq: instructionOf('movq'),
  vmovq: instructionOf('vmovq'),
});

/** Which half of a lane goes where, of each pair of lanes: the low ones twice, or both to the front. */
const lowHalfTwice = 0b10_10_00_00;
const lowHalves = 0b00_00_10_00;
const highHalves = 0b10101010;

/** Integers in lanes; says whether it is one of their operations. */
export function emitIntegers(
  a: Assembler,
  places: Places,
  hasVex: boolean,
  operation: number,
  result: number,
  first: number,
  second: number,
  third: number,
): boolean {
  const encoding = laneEncodings.get(operation);
  if (encoding !== undefined) {
    // Two operands, or one and a count.
    const last =
      second < 0 ? third : places.isWide ? places.broadcastOperand(second) : places.lanesOperand(second);
    if (hasVex) {
      a.emit(encoding.vex, places.laneRegister(result), places.laneRegister(first), last);
    } else if (result === second && result !== first) {
      a.emit(encoding.sse, places.laneRegister(result), places.laneRegister(first));
    } else {
      places.move(result, first);
      a.emit(encoding.sse, places.laneRegister(result), last);
    }
    return true;
  }
  if (operation === MachineOp.LaneFloatToInt) {
    a.emit(mnemonic.vcvttpd2qq, places.laneRegister(result), places.laneRegister(first));
  } else if (operation === MachineOp.LaneIntToFloat) {
    a.emit(mnemonic.vcvtqq2pd, places.laneRegister(result), places.laneRegister(first));
  } else if (operation === MachineOp.LaneSignExtend32) {
    signExtend(a, places, hasVex, result, first);
  } else if (operation === MachineOp.LaneWord) {
    takeLane(a, places, hasVex, result, first, third);
  } else {
    return false;
  }
  return true;
}

/** The low half of each lane, with its sign in the high half. */
function signExtend(a: Assembler, places: Places, hasVex: boolean, result: number, first: number): void {
  if (places.isWide) {
    a.vpsllq(elementAt(zmm, result), elementAt(zmm, first), 32);
    a.vpsraq(elementAt(zmm, result), elementAt(zmm, result), 32);
  } else if (hasVex) {
    const signs = elementAt(ymm, vectorScratch);
    a.vpshufd(signs, elementAt(ymm, first), lowHalfTwice);
    a.vpsrad(signs, signs, 31);
    a.vpblendd(elementAt(ymm, result), elementAt(ymm, first), signs, highHalves);
  } else {
    const [target, signs] = [elementAt(xmm, result), elementAt(xmm, vectorScratch)];
    a.pshufd(target, elementAt(xmm, first), lowHalves);
    a.movaps(signs, target);
    a.psrad(signs, 31);
    a.punpckldq(target, signs);
  }
}

/** A lane to a general register: of the upper half of four by way of a scratch register. */
function takeLane(
  a: Assembler,
  places: Places,
  hasVex: boolean,
  result: number,
  first: number,
  lane: number,
): void {
  const scratch = elementAt(xmm, vectorScratch);
  let half = elementAt(xmm, first);
  invariant(places.lanes <= 4, 'four lanes have two halves');
  if (lane >= 2) {
    a.vextracti128(scratch, elementAt(ymm, first), 1);
    half = scratch;
  }
  if (lane % 2 === 0) {
    a.emit(hasVex ? mnemonic.vmovq : mnemonic.movq, general(result), half);
  } else if (hasVex) {
    a.vpextrq(general(result), half, 1);
  } else {
    a.movaps(scratch, half);
    a.unpckhpd(scratch, scratch);
    a.movq(general(result), scratch);
  }
}
