/**
 * Elements between memory and registers: the only instructions of a kernel that touch columns and outputs.
 *
 * Whole vectors are moved at once. What remains at the end is moved without touching a byte beyond: EVEX masks
 * the lanes that do not exist, the other families move one element to or from the lowest lane.
 */
import { elementAt } from '../../support/element.ts';
import type { Assembler } from '../x64/assembler.ts';
import { type Instruction, instructionOf } from '../x64/instruction.ts';
import { bytePtr, dwordPtr, type Mem, type MemoryOperand, ptr, wordPtr } from '../x64/memory.ts';
import type { Mnemonic } from '../x64/mnemonics.ts';
import { al, eax, gp16, k7, type Vec, xmm, ymm, zmm } from '../x64/register.ts';
import type { ColumnType, OutputType } from './kernel-spec.ts';
import type { LaneFamily, LaneWidth } from './lane-operations.ts';

/** `whole`: as many rows as there are lanes. `part`: with EVEX those lanes that `k7` names, else one row. */
export type RowExtent = 'whole' | 'part';

/** Masks the lanes of rows that exist. */
export const extentMask = k7;

/** Makes a memory operand, for an instruction that implies its size or for one that needs it. */
export type MakeMemory = (operand: MemoryOperand) => Mem;

const ax = elementAt(gp16, 0);

const full = { sse: xmm, vex: ymm, evex: zmm } as const;
const half = { sse: xmm, vex: xmm, evex: ymm } as const;

export function vectorRegister(family: LaneFamily, id: number, width: LaneWidth = 'full'): Vec {
  const registers: readonly Vec[] = width === 'full' ? full[family] : width === 'half' ? half[family] : xmm;
  return elementAt(registers, id);
}

/** Lanes of 64 bits. */
export const laneCounts = Object.freeze({ sse: 2, vex: 4, evex: 8 } as const);

type Instructions = Readonly<Record<string, Instruction>>;

function table(mnemonics: Readonly<Record<string, Mnemonic>>): Instructions {
  return Object.fromEntries(
    Object.entries(mnemonics).map(([name, mnemonic]) => [name, instructionOf(mnemonic)]),
  );
}

/** One instruction from memory to a register, for the families that have one for each type. */
const loads = {
  vex: table({
    f64: 'vmovupd',
    f32: 'vmovups',
    i32: 'vmovdqu',
    u32: 'vmovdqu',
    i16: 'vpmovsxwd',
    u16: 'vpmovzxwd',
    i8: 'vpmovsxbd',
    u8: 'vpmovzxbd',
  }),
  evex: table({
    f64: 'vmovupd',
    f32: 'vmovups',
    i32: 'vmovdqu32',
    u32: 'vmovdqu32',
    i16: 'vpmovsxwd',
    u16: 'vpmovzxwd',
    i8: 'vpmovsxbd',
    u8: 'vpmovzxbd',
  }),
} as const;

export function emitLoad(
  a: Assembler,
  family: LaneFamily,
  extent: RowExtent,
  type: ColumnType,
  id: number,
  memory: MakeMemory,
): void {
  const target = vectorRegister(family, id, type === 'f64' ? 'full' : 'half');
  if (family === 'evex') {
    const instruction = loads.evex[type] as Instruction;
    if (extent === 'part') a.kz(extentMask);
    a.emit(instruction, target, memory(ptr));
  } else if (extent === 'part') {
    emitElementLoad(a, family === 'vex', type, id, memory);
  } else if (family === 'vex') {
    a.emit(loads.vex[type] as Instruction, target, memory(ptr));
  } else {
    emitPairLoad(a, type, id, memory);
  }
}

/** Two elements, with plain SSE2. */
function emitPairLoad(a: Assembler, type: ColumnType, id: number, memory: MakeMemory): void {
  const target = elementAt(xmm, id);
  switch (type) {
    case 'f64':
      a.movupd(target, memory(ptr));
      return;
    case 'f32':
    case 'i32':
    case 'u32':
      a.movq(target, memory(ptr));
      return;
    case 'i16':
    case 'u16':
      a.movd(target, memory(ptr));
      a.punpcklwd(target, target);
      if (type === 'i16') a.psrad(target, 16);
      else a.psrld(target, 16);
      return;
    default:
      a.movzx(eax, memory(wordPtr));
      a.movd(target, eax);
      a.punpcklbw(target, target);
      a.punpcklwd(target, target);
      if (type === 'i8') a.psrad(target, 24);
      else a.psrld(target, 24);
  }
}

/** One element to the lowest lane. */
function emitElementLoad(
  a: Assembler,
  hasVex: boolean,
  type: ColumnType,
  id: number,
  memory: MakeMemory,
): void {
  const target = elementAt(xmm, id);
  if (type === 'f64') {
    if (hasVex) a.vmovsd(target, memory(ptr));
    else a.movsd(target, memory(ptr));
    return;
  }
  if (type === 'f32' || type === 'i32' || type === 'u32') {
    if (hasVex) a.vmovd(target, memory(ptr));
    else a.movd(target, memory(ptr));
    return;
  }
  const isSigned = type === 'i8' || type === 'i16';
  const source = memory(type === 'i8' || type === 'u8' ? bytePtr : wordPtr);
  if (isSigned) a.movsx(eax, source);
  else a.movzx(eax, source);
  if (hasVex) a.vmovd(target, eax);
  else a.movd(target, eax);
}

export function emitStore(
  a: Assembler,
  family: LaneFamily,
  extent: RowExtent,
  type: OutputType,
  id: number,
  memory: MakeMemory,
): void {
  if (family === 'evex') {
    emitMaskableStore(a, extent, type, id, memory);
  } else if (extent === 'part') {
    emitElementStore(a, family === 'vex', type, id, memory);
  } else if (family === 'vex') {
    emitFourStore(a, type, id, memory);
  } else {
    emitPairStore(a, type, id, memory);
  }
}

function emitMaskableStore(
  a: Assembler,
  extent: RowExtent,
  type: OutputType,
  id: number,
  memory: MakeMemory,
): void {
  const source = elementAt(zmm, id);
  if (extent === 'part') a.k(extentMask);
  switch (type) {
    case 'f64':
      a.vmovupd(memory(ptr), source);
      return;
    case 'f32':
      a.vmovups(memory(ptr), elementAt(ymm, id));
      return;
    case 'i32':
    case 'u32':
      a.vpmovqd(memory(ptr), source);
      return;
    case 'i16':
    case 'u16':
      a.vpmovqw(memory(ptr), source);
      return;
    default:
      a.vpmovqb(memory(ptr), source);
  }
}

/** Elements smaller than a double have been packed at the low end of the register. */
function emitFourStore(a: Assembler, type: OutputType, id: number, memory: MakeMemory): void {
  const source = elementAt(xmm, id);
  switch (type) {
    case 'f64':
      a.vmovupd(memory(ptr), elementAt(ymm, id));
      return;
    case 'f32':
    case 'i32':
    case 'u32':
      a.vmovups(memory(ptr), source);
      return;
    case 'i16':
    case 'u16':
      a.vmovq(memory(ptr), source);
      return;
    default:
      a.vmovd(memory(ptr), source);
  }
}

function emitPairStore(a: Assembler, type: OutputType, id: number, memory: MakeMemory): void {
  const source = elementAt(xmm, id);
  switch (type) {
    case 'f64':
      a.movupd(memory(ptr), source);
      return;
    case 'f32':
    case 'i32':
    case 'u32':
      a.movq(memory(ptr), source);
      return;
    case 'i16':
    case 'u16':
      a.movd(memory(ptr), source);
      return;
    default:
      a.movd(eax, source);
      a.mov(memory(wordPtr), ax);
  }
}

function emitElementStore(
  a: Assembler,
  hasVex: boolean,
  type: OutputType,
  id: number,
  memory: MakeMemory,
): void {
  const source = elementAt(xmm, id);
  switch (type) {
    case 'f64':
      if (hasVex) a.vmovsd(memory(ptr), source);
      else a.movsd(memory(ptr), source);
      return;
    case 'f32':
    case 'i32':
    case 'u32':
      if (hasVex) a.vmovd(memory(dwordPtr), source);
      else a.movd(memory(dwordPtr), source);
      return;
    default:
      if (hasVex) a.vmovd(eax, source);
      else a.movd(eax, source);
      if (type === 'i16' || type === 'u16') a.mov(memory(wordPtr), ax);
      else a.mov(memory(bytePtr), al);
  }
}
