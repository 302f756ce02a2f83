/**
 * From a vector register to elements in memory. What is stored as integers comes as integers of 64 bits in lanes, of which the
 * low bits count; `u8c` comes as doubles from 0 to 255. No byte beyond the elements is written.
 */
import { elementAt } from '../../support/element.ts';
import type { MemoryType } from '../ir/memory-type.ts';
import type { Assembler } from '../x64/assembler.ts';
import { bytePtr, dwordPtr, type Mem, ptr, qwordPtr, wordPtr } from '../x64/memory.ts';
import { gp8, gp16, gp32, gp64, type KMask, xmm, ymm, zmm } from '../x64/register.ts';
import { generalScratch, laneScratch, vectorScratch } from './convention.ts';
import type { MakeMemory } from './element-loads.ts';

const scratch = elementAt(gp32, generalScratch);
const [x, y, z] = [
  elementAt(xmm, vectorScratch),
  elementAt(ymm, vectorScratch),
  elementAt(zmm, vectorScratch),
];
const other = elementAt(xmm, laneScratch);

/** Which of four parts go to the lower half: the even ones. */
const evens = 0b10_00_10_00;
const lowEvens = 0b00_00_10_00;

/** A word of a general register, or its low part. */
export function storeWord(a: Assembler, type: MemoryType, id: number, memory: MakeMemory): void {
  switch (type) {
    case 'i64':
      a.mov(memory(qwordPtr), elementAt(gp64, id));
      return;
    case 'i32':
    case 'u32':
      a.mov(memory(dwordPtr), elementAt(gp32, id));
      return;
    case 'i16':
    case 'u16':
      a.mov(memory(wordPtr), elementAt(gp16, id));
      return;
    default:
      a.mov(memory(bytePtr), elementAt(gp8, id));
  }
}

/** One double, as an element of floats or clamped. */
export function storeElement(
  a: Assembler,
  hasVex: boolean,
  type: MemoryType,
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
      if (hasVex) {
        a.vcvtsd2ss(x, source, source);
        a.vmovss(memory(ptr), x);
      } else {
        a.cvtsd2ss(x, source);
        a.movss(memory(ptr), x);
      }
      return;
    default:
      if (hasVex) a.vcvtsd2si(scratch, source);
      else a.cvtsd2si(scratch, source);
      a.mov(memory(bytePtr), elementAt(gp8, generalScratch));
  }
}

/** Two lanes, with plain SSE2. */
export function storePair(a: Assembler, type: MemoryType, id: number, memory: MakeMemory): void {
  const source = elementAt(xmm, id);
  switch (type) {
    case 'f64':
      a.movupd(memory(ptr), source);
      return;
    case 'f32':
      a.cvtpd2ps(x, source);
      a.movq(memory(ptr), x);
      return;
    case 'i32':
    case 'u32':
      a.pshufd(x, source, lowEvens);
      a.movq(memory(ptr), x);
      return;
    case 'i16':
    case 'u16':
      a.pshufd(x, source, lowEvens);
      a.pshuflw(x, x, lowEvens);
      a.movd(memory(ptr), x);
      return;
    case 'u8c':
      a.cvtpd2dq(x, source);
      a.packssdw(x, x);
      break;
    default:
      // Packing saturates, so nothing may stand above what counts.
      a.movaps(x, source);
      a.andps(x, ptr(a.code.int64(0xffn, 2)));
      a.pshufd(x, x, lowEvens);
      a.packssdw(x, x);
  }
  a.packuswb(x, x);
  a.movd(scratch, x);
  a.mov(memory(wordPtr), elementAt(gp16, generalScratch));
}

/** Four lanes, with AVX2. */
export function storeFour(a: Assembler, type: MemoryType, id: number, memory: MakeMemory): void {
  const source = elementAt(ymm, id);
  switch (type) {
    case 'f64':
      a.vmovupd(memory(ptr), source);
      return;
    case 'f32':
      a.vcvtpd2ps(x, source);
      a.vmovups(memory(ptr), x);
      return;
    case 'i32':
    case 'u32':
      a.vextracti128(x, source, 1);
      a.vshufps(x, elementAt(xmm, id), x, evens);
      a.vmovups(memory(ptr), x);
      return;
    case 'i16':
    case 'u16':
      packDoublewords(a, id, 0xffffn);
      a.vpackusdw(x, x, x);
      a.vmovq(memory(ptr), x);
      return;
    case 'u8c':
      a.vcvtpd2dq(x, source);
      break;
    default:
      packDoublewords(a, id, 0xffn);
  }
  a.vpackssdw(x, x, x);
  a.vpackuswb(x, x, x);
  a.vmovd(memory(dwordPtr), x);
}

/** The low halves of four lanes, masked, side by side in the scratch register: packing on from there saturates. */
function packDoublewords(a: Assembler, id: number, bits: bigint): void {
  a.vandps(y, elementAt(ymm, id), ptr(a.code.int64(bits, 4)));
  a.vextracti128(other, y, 1);
  a.vshufps(x, x, other, evens);
}

/** Eight lanes, with AVX-512; `mask` says which of them are stored. */
export function storeEight(
  a: Assembler,
  type: MemoryType,
  id: number,
  mask: KMask | undefined,
  memory: MakeMemory,
): void {
  const source = elementAt(zmm, id);
  const place = (): Mem => {
    if (mask !== undefined) a.k(mask);
    return memory(ptr);
  };
  switch (type) {
    case 'f64':
      a.vmovupd(place(), source);
      return;
    case 'f32':
      a.vcvtpd2ps(y, source);
      a.vmovups(place(), y);
      return;
    case 'i32':
    case 'u32':
      a.vpmovqd(place(), source);
      return;
    case 'i16':
    case 'u16':
      a.vpmovqw(place(), source);
      return;
    case 'u8c':
      a.vcvtpd2qq(z, source);
      a.vpmovqb(place(), z);
      return;
    default:
      a.vpmovqb(place(), source);
  }
}
