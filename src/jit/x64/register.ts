import { slots } from '../../support/element.ts';
import { OperandKind } from './operand-kind.ts';

/** The register files, general ones by their width in bits. */
export type RegisterKind = 'gp8' | 'gp16' | 'gp32' | 'gp64' | 'xmm' | 'ymm' | 'zmm' | 'k';

/** A machine register. There is one object per register, so registers compare by identity. */
export class Register<Kind extends RegisterKind = RegisterKind> {
  readonly kind: Kind;
  /** The register's number in encodings: 0 to 15, 31 or 7 depending on its kind. */
  readonly id: number;
  /** Bytes. */
  readonly size: number;
  readonly name: string;
  readonly kinds: number;

  constructor(kind: Kind, id: number, size: number, name: string, kinds: number) {
    this.kind = kind;
    this.id = id;
    this.size = size;
    this.name = name;
    this.kinds = kinds;
  }

  /** The name as assemblers write it. */
  toString(): string {
    return this.name;
  }
}

/** A general register's low eight bits. */
export type Gp8 = Register<'gp8'>;
/** A general register's low 16 bits. */
export type Gp16 = Register<'gp16'>;
/** A general register's low 32 bits. */
export type Gp32 = Register<'gp32'>;
/** A general register. */
export type Gp64 = Register<'gp64'>;
/** A general register of 32 or 64 bits. */
export type Gp = Gp32 | Gp64;
/** A vector register of 128 bits. */
export type Xmm = Register<'xmm'>;
/** A vector register of 256 bits. */
export type Ymm = Register<'ymm'>;
/** A vector register of 512 bits. */
export type Zmm = Register<'zmm'>;
/** A vector register of any width. */
export type Vec = Xmm | Ymm | Zmm;
/** An AVX-512 mask register. */
export type KMask = Register<'k'>;

const names64 = 'rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15'.split(' ');
const names32 = 'eax ecx edx ebx esp ebp esi edi'.split(' ');
const names16 = 'ax cx dx bx sp bp si di'.split(' ');
/** With these names 4 to 7 always mean the low bytes; `ah ch dh bh` cannot be encoded beside a REX prefix and are left out. */
const names8 = 'al cl dl bl spl bpl sil dil'.split(' ');

function general<Kind extends RegisterKind>(
  kind: Kind,
  size: number,
  bit: number,
  nameOf: (id: number) => string,
): readonly Register<Kind>[] {
  return Object.freeze(
    Array.from(slots(16), (_, id) => {
      const kinds = kind === 'gp8' && id === 1 ? bit | OperandKind.Cl : bit;
      return Object.freeze(new Register(kind, id, size, nameOf(id), kinds));
    }),
  );
}

function vector<Kind extends 'xmm' | 'ymm' | 'zmm'>(
  kind: Kind,
  size: number,
  low: number,
  high: number,
): readonly Register<Kind>[] {
  return Object.freeze(
    Array.from(slots(32), (_, id) => {
      const kinds = id >= 16 ? high : kind === 'xmm' && id === 0 ? low | OperandKind.Xmm0 : low;
      return Object.freeze(new Register(kind, id, size, `${kind}${id}`, kinds));
    }),
  );
}

/** All registers of each kind, by number. */
export const gp64: readonly Gp64[] = general('gp64', 8, OperandKind.Gp64, (id) => `${names64[id]}`);
/** 32-bit general registers by number. */
export const gp32: readonly Gp32[] = general(
  'gp32',
  4,
  OperandKind.Gp32,
  (id) => names32.at(id) ?? `r${id}d`,
);
/** 16-bit general registers by number. */
export const gp16: readonly Gp16[] = general(
  'gp16',
  2,
  OperandKind.Gp16,
  (id) => names16.at(id) ?? `r${id}w`,
);
/** 8-bit general registers by number, the low bytes throughout. */
export const gp8: readonly Gp8[] = general('gp8', 1, OperandKind.Gp8, (id) => names8.at(id) ?? `r${id}b`);
/** 128-bit vector registers by number; 16 and up exist under AVX-512 only. */
export const xmm: readonly Xmm[] = vector('xmm', 16, OperandKind.Xmm, OperandKind.HighXmm);
/** 256-bit vector registers by number; 16 and up exist under AVX-512 only. */
export const ymm: readonly Ymm[] = vector('ymm', 32, OperandKind.Ymm, OperandKind.HighYmm);
/** 512-bit vector registers by number, AVX-512 only. */
export const zmm: readonly Zmm[] = vector('zmm', 64, OperandKind.Zmm, OperandKind.Zmm);
/** Mask registers by number, AVX-512 only. */
export const k: readonly KMask[] = Object.freeze(
  Array.from(slots(8), (_, id) => Object.freeze(new Register('k', id, 8, `k${id}`, OperandKind.K))),
);

/** The tuple that `registers` is, for destructuring into names. */
function sixteen<T>(registers: readonly T[]) {
  return registers as readonly [T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T];
}

/** 64-bit general registers. */
// biome-ignore format: one line per kind
export const [rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15] = sixteen(gp64);
/** Their low 32 bits. */
// biome-ignore format: one line per kind
export const [eax, ecx, edx, ebx, esp, ebp, esi, edi, r8d, r9d, r10d, r11d, r12d, r13d, r14d, r15d] = sixteen(gp32);
/** Their low eight bits. */
// biome-ignore format: one line per kind
export const [al, cl, dl, bl, spl, bpl, sil, dil, r8b, r9b, r10b, r11b, r12b, r13b, r14b, r15b] = sixteen(gp8);
/** 128-bit vector registers. */
// biome-ignore format: one line per kind
export const [xmm0, xmm1, xmm2, xmm3, xmm4, xmm5, xmm6, xmm7, xmm8, xmm9, xmm10, xmm11, xmm12, xmm13, xmm14, xmm15] = sixteen(xmm);
/** 256-bit vector registers. */
// biome-ignore format: one line per kind
export const [ymm0, ymm1, ymm2, ymm3, ymm4, ymm5, ymm6, ymm7, ymm8, ymm9, ymm10, ymm11, ymm12, ymm13, ymm14, ymm15] = sixteen(ymm);
/** Mask registers; `k0` cannot mask. */
// biome-ignore format: one line per kind
export const [k0, k1, k2, k3, k4, k5, k6, k7] = k as readonly [KMask, KMask, KMask, KMask, KMask, KMask, KMask, KMask];
