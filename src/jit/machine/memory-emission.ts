/** Emission of loads, stores and addresses. */
import { elementAt } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import { sizeOf } from '../ir/memory-type.ts';
import type { Assembler } from '../x64/assembler.ts';
import { ptr, qwordPtr } from '../x64/memory.ts';
import { type Vec, xmm, ymm, zmm } from '../x64/register.ts';
import { vectorScratch } from './convention.ts';
import { loadEight, loadElement, loadFour, loadPair, loadWord, type MakeMemory } from './element-loads.ts';
import { storeEight, storeElement, storeFour, storePair, storeWord } from './element-stores.ts';
import { loadingEncodings } from './encodings.ts';
import { firstGeneralLocation } from './location.ts';
import { unpackAccess } from './memory-access.ts';
import { MachineOp } from './operations.ts';
import { general, mask } from './places.ts';

/** Where an access has its operands, and how many lanes it has. */
export interface Access {
  readonly operation: number;
  readonly immediate: number;
  readonly lanes: number;
  readonly result: number;
  readonly first: number;
  readonly second: number;
  readonly third: number;
}

const indexed: ReadonlySet<number> = new Set([
  MachineOp.Load,
  MachineOp.LoadWord,
  MachineOp.Store,
  MachineOp.StoreWord,
  MachineOp.Address,
]);

/** Those whose second operand counts bytes. */
const byBytes: ReadonlySet<number> = new Set([
  MachineOp.LoadBytes,
  MachineOp.LoadBytesWord,
  MachineOp.StoreBytes,
  MachineOp.StoreBytesWord,
]);

export function emitAccess(a: Assembler, hasVex: boolean, access: Access): void {
  const { operation, immediate, lanes, result, first, second, third } = access;
  const { type, displacement } = unpackAccess(immediate);
  const loading = loadingEncodings.get(operation);
  if (loading !== undefined) {
    const element = ptr(general(second), general(third), sizeOf(type), displacement);
    const { vex, packedVex, packedEvex } = loading;
    const instruction = lanes === 1 ? vex : lanes === 8 ? packedEvex : packedVex;
    const registers: readonly Vec[] = lanes === 1 ? xmm : lanes === 8 ? zmm : ymm;
    a.emit(instruction, elementAt(registers, result), elementAt(registers, first), element);
    return;
  }
  const isByBytes = byBytes.has(operation);
  const memory: MakeMemory =
    isByBytes || indexed.has(operation)
      ? (operand) => operand(general(first), general(second), isByBytes ? 1 : sizeOf(type), displacement)
      : (operand) => operand(general(first), displacement);
  switch (operation) {
    case MachineOp.Address:
      a.lea(general(result), memory(qwordPtr));
      return;
    case MachineOp.LoadPairs:
      a.vmovupd(elementAt(xmm, result), ptr(general(first), general(second), 8, displacement));
      a.vinsertf128(
        elementAt(ymm, result),
        elementAt(ymm, result),
        ptr(general(first), general(third), 8, displacement),
        1,
      );
      return;
    case MachineOp.Permute16: {
      const [picked, lower] = [elementAt(zmm, result), elementAt(zmm, vectorScratch)];
      if (result !== second) a.vmovapd(picked, elementAt(zmm, second));
      a.vmovupd(lower, ptr(general(first), displacement));
      a.vpermi2pd(picked, lower, ptr(general(first), displacement + 64));
      return;
    }
    case MachineOp.LoadWord:
    case MachineOp.LoadWordAt:
      a.mov(general(result), memory(qwordPtr));
      return;
    case MachineOp.LoadBytesWord:
      loadWord(a, type, result - firstGeneralLocation, memory);
      return;
    case MachineOp.LoadBytes:
      loadElement(a, hasVex, type, result, memory);
      return;
    case MachineOp.StoreBytes:
      storeElement(a, hasVex, type, third, memory);
      return;
    case MachineOp.StoreBytesWord:
    case MachineOp.StoreWord:
      storeWord(a, type, third - firstGeneralLocation, memory);
      return;
    case MachineOp.StoreWordAt:
      storeWord(a, type, second - firstGeneralLocation, memory);
      return;
    case MachineOp.LoadMasked:
      loadEight(a, type, result, mask(second), memory);
      return;
    case MachineOp.StoreMasked:
      storeEight(a, type, second, mask(third), memory);
      return;
    case MachineOp.Load:
    case MachineOp.LoadAt:
      if (lanes === 1) loadElement(a, hasVex, type, result, memory);
      else if (lanes === 2) loadPair(a, type, result, memory);
      else if (lanes === 4) loadFour(a, type, result, memory);
      else loadEight(a, type, result, undefined, memory);
      return;
    default: {
      invariant(operation === MachineOp.Store || operation === MachineOp.StoreAt, 'what is left is a store');
      const stored = operation === MachineOp.Store ? third : second;
      if (lanes === 1) storeElement(a, hasVex, type, stored, memory);
      else if (lanes === 2) storePair(a, type, stored, memory);
      else if (lanes === 4) storeFour(a, type, stored, memory);
      else storeEight(a, type, stored, undefined, memory);
    }
  }
}
