/**
 * From elements in memory to doubles in a vector register: one of them, or one in each lane. No byte beyond them is read.
 */
import { elementAt } from '../../support/element.ts';
import type { MemoryType } from '../ir/memory-type.ts';
import type { Assembler } from '../x64/assembler.ts';
import { instructionOf } from '../x64/instruction.ts';
import { bytePtr, dwordPtr, type Mem, type MemoryOperand, ptr, qwordPtr, wordPtr } from '../x64/memory.ts';
import { gp32, gp64, type KMask, xmm, ymm, zmm } from '../x64/register.ts';
import { generalScratch } from './convention.ts';

/** Makes a memory operand, for an instruction that implies its size or for one that needs it. */
export type MakeMemory = (operand: MemoryOperand) => Mem;

const scratch = elementAt(gp32, generalScratch);
const wideScratch = elementAt(gp64, generalScratch);

/** Added to the bits of an unsigned integer of 32 bits they make the double 2^52 above it. */
const magicBits = 0x4330_0000_0000_0000n;
const magicHalves = 0x4330_0000_4330_0000n;

/** One element. */
export function loadElement(
  a: Assembler,
  hasVex: boolean,
  type: MemoryType,
  id: number,
  memory: MakeMemory,
): void {
  const target = elementAt(xmm, id);
  if (type === 'f64') {
    if (hasVex) a.vmovsd(target, memory(ptr));
    else a.movsd(target, memory(ptr));
    return;
  }
  // The conversions leave the rest of the register as it was: cleared, they do not wait for an older value.
  if (hasVex) a.vxorps(target, target, target);
  else a.xorps(target, target);
  switch (type) {
    case 'f32':
      if (hasVex) a.vcvtss2sd(target, target, memory(ptr));
      else a.cvtss2sd(target, memory(ptr));
      return;
    case 'i32':
      if (hasVex) a.vcvtsi2sd(target, target, memory(dwordPtr));
      else a.cvtsi2sd(target, memory(dwordPtr));
      return;
    case 'u32':
      a.mov(scratch, memory(dwordPtr));
      break;
    case 'i16':
      a.movsx(wideScratch, memory(wordPtr));
      break;
    case 'u16':
      a.movzx(wideScratch, memory(wordPtr));
      break;
    case 'i8':
      a.movsx(wideScratch, memory(bytePtr));
      break;
    default:
      a.movzx(wideScratch, memory(bytePtr));
  }
  if (hasVex) a.vcvtsi2sd(target, target, wideScratch);
  else a.cvtsi2sd(target, wideScratch);
}

/** An integer, extended to a general register. */
export function loadWord(a: Assembler, type: MemoryType, id: number, memory: MakeMemory): void {
  const target = elementAt(gp64, id);
  switch (type) {
    case 'i64':
      a.mov(target, memory(qwordPtr));
      return;
    case 'i32':
      a.movsxd(target, memory(dwordPtr));
      return;
    case 'u32':
      a.mov(elementAt(gp32, id), memory(dwordPtr));
      return;
    case 'i16':
      a.movsx(target, memory(wordPtr));
      return;
    case 'u16':
      a.movzx(elementAt(gp32, id), memory(wordPtr));
      return;
    case 'i8':
      a.movsx(target, memory(bytePtr));
      return;
    default:
      a.movzx(elementAt(gp32, id), memory(bytePtr));
  }
}

/** Two elements, with plain SSE2. */
export function loadPair(a: Assembler, type: MemoryType, id: number, memory: MakeMemory): void {
  const target = elementAt(xmm, id);
  switch (type) {
    case 'f64':
      a.movupd(target, memory(ptr));
      return;
    case 'f32':
      a.cvtps2pd(target, memory(ptr));
      return;
    case 'i32':
      a.cvtdq2pd(target, memory(ptr));
      return;
    case 'u32':
      a.movq(target, memory(ptr));
      a.punpckldq(target, ptr(a.code.int64(magicHalves, 2)));
      a.subpd(target, ptr(a.code.int64(magicBits, 2)));
      return;
    case 'i16':
    case 'u16':
      a.movd(target, memory(ptr));
      a.punpcklwd(target, target);
      if (type === 'i16') a.psrad(target, 16);
      else a.psrld(target, 16);
      break;
    default:
      a.movzx(scratch, memory(wordPtr));
      a.movd(target, scratch);
      a.punpcklbw(target, target);
      a.punpcklwd(target, target);
      if (type === 'i8') a.psrad(target, 24);
      else a.psrld(target, 24);
  }
  a.cvtdq2pd(target, target);
}

/** Integers of 8 and 16 bits, and what extends them to 32. */
const small: readonly MemoryType[] = ['i16', 'u16', 'i8', 'u8'];
const extensions = (['vpmovsxwd', 'vpmovzxwd', 'vpmovsxbd', 'vpmovzxbd'] as const).map(instructionOf);

/** Four elements, with AVX2. */
export function loadFour(a: Assembler, type: MemoryType, id: number, memory: MakeMemory): void {
  const [target, half] = [elementAt(ymm, id), elementAt(xmm, id)];
  switch (type) {
    case 'f64':
      a.vmovupd(target, memory(ptr));
      return;
    case 'f32':
      a.vcvtps2pd(target, memory(ptr));
      return;
    case 'i32':
      a.vcvtdq2pd(target, memory(ptr));
      return;
    case 'u32':
      a.vpmovzxdq(target, memory(ptr));
      a.vorps(target, target, ptr(a.code.int64(magicBits, 4)));
      a.vsubpd(target, target, ptr(a.code.int64(magicBits, 4)));
      return;
    default:
      a.emit(elementAt(extensions, small.indexOf(type)), half, memory(ptr));
  }
  a.vcvtdq2pd(target, half);
}

/** Eight elements, with AVX-512; `mask` says which of them exist. */
export function loadEight(
  a: Assembler,
  type: MemoryType,
  id: number,
  mask: KMask | undefined,
  memory: MakeMemory,
): void {
  const [target, half] = [elementAt(zmm, id), elementAt(ymm, id)];
  if (mask !== undefined) a.kz(mask);
  switch (type) {
    case 'f64':
      a.vmovupd(target, memory(ptr));
      return;
    case 'f32':
      a.vmovups(half, memory(ptr));
      a.vcvtps2pd(target, half);
      return;
    case 'i32':
    case 'u32':
      a.vmovdqu32(half, memory(ptr));
      if (type === 'i32') a.vcvtdq2pd(target, half);
      else a.vcvtudq2pd(target, half);
      return;
    default:
      a.emit(elementAt(extensions, small.indexOf(type)), half, memory(ptr));
  }
  a.vcvtdq2pd(target, half);
}
