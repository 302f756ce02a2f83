/**
 * The types of the assembler's methods, derived from the encoding table at compile time: a mnemonic takes what
 * some line of its encodings accepts. Families are not correlated: the type lets `vaddpd` mix `xmm` with
 * `ymm`, and the assembler refuses it at run time, so that code can be generic over the vector width.
 */
import type { Label } from '../code/label.ts';
import type { avx } from './encodings/avx.ts';
import type { avx512 } from './encodings/avx512.ts';
import type { general } from './encodings/general.ts';
import type { Line } from './encodings/line.ts';
import type { sse } from './encodings/sse.ts';
import type { Mem } from './memory.ts';
import type { Gp, Gp8, Gp16, Gp32, Gp64, KMask, Register, Vec, Xmm, Ymm, Zmm } from './register.ts';

/** What an instruction can be given. Integers beyond 2^53 are bigints. */
export type Operand = Register | Mem | Label | number | bigint;

interface Words {
  r8: Gp8;
  r16: Gp16;
  r32: Gp32;
  r64: Gp64;
  r: Gp;
  xmm: Xmm;
  ymm: Ymm;
  zmm: Zmm;
  k: KMask;
  cl: Gp8;
  xmm0: Xmm;
  '1': 1;
  ib: number;
  ibs: number;
  iw: number;
  id: number;
  ids: number;
  iq: number | bigint;
  rel8: Label;
  rel32: Label;
}

type Word<Text extends string, Vector> = Text extends keyof Words
  ? Words[Text]
  : Text extends 'v' | 'h'
    ? Vector
    : Text extends `m${string}` | `b${string}` | `[${string}`
      ? Mem
      : never;

type Alternatives<Text extends string, Vector> = Text extends `${infer Head}/${infer Rest}`
  ? Word<Head, Vector> | Alternatives<Rest, Vector>
  : Text extends `${infer Bare}{${string}`
    ? Word<Bare, Vector>
    : Word<Text, Vector>;

type List<Text extends string, Vector> = Text extends ''
  ? []
  : Text extends `${infer Head}, ${infer Rest}`
    ? [Alternatives<Head, Vector>, ...List<Rest, Vector>]
    : [Alternatives<Text, Vector>];

type OperandsOf<Lines extends readonly Line[], Vector> = {
  [Index in keyof Lines]: List<Lines[Index][0], Vector>;
}[number];

type General = (typeof general)[number];
type Sse = (typeof sse)[number];
type Avx = (typeof avx)[number];
type Avx512 = (typeof avx512)[number];

type NamesIn<Table> = Table extends unknown ? keyof Table : never;

/** Every mnemonic that the assembler knows. */
export type Mnemonic = NamesIn<General | Sse | Avx | Avx512>;

/** The operand lists that the parts of a table give for `Name`. */
type In<Table, Name, Vector> = Table extends unknown
  ? Name extends keyof Table
    ? Table[Name] extends readonly Line[]
      ? OperandsOf<Table[Name], Vector>
      : never
    : never
  : never;

/** The operand lists that `Name` accepts. */
export type OperandsFor<Name extends Mnemonic> =
  | In<General | Sse, Name, never>
  | In<Avx, Name, Xmm | Ymm>
  | In<Avx512, Name, Vec>;

/** A method for each mnemonic; emits one instruction. */
export type Mnemonics = { readonly [Name in Mnemonic]: (...operands: OperandsFor<Name>) => void };
