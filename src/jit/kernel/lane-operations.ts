/**
 * The packed instructions that kernels are made of, for each family of encodings: plain SSE on two lanes of 64 bits,
 * VEX on four, EVEX on eight. What differs between the families besides the mnemonic is said in the table, so that whoever
 * makes a sequence of operations need not know: two-operand forms overwrite an operand, comparisons of EVEX give a mask register,
 * and constants of EVEX are broadcast by the instruction that uses them.
 */
import { invariant } from '../../support/invariant.ts';
import { type Instruction, instructionOf } from '../x64/instruction.ts';
import type { Mnemonic } from '../x64/mnemonics.ts';

export type LaneFamily = 'sse' | 'vex' | 'evex';

/** Where a value lives: mask registers exist in EVEX only, elsewhere a mask is a vector of lanes of all ones or zeros. */
export type LaneClass = 'vector' | 'mask';

/** How much of a register counts: all lanes of 64 bits, lanes of 32 bits in half as much, or the low 128 bits. */
export type LaneWidth = 'full' | 'half' | 'low';

export interface LaneOperation {
  readonly name: string;
  /** Undefined where emission has more to do than to write one instruction: see `lane-memory.ts`. */
  readonly instruction: Instruction | undefined;
  /** Class of the result; undefined if there is none. */
  readonly result: LaneClass | undefined;
  readonly resultWidth: LaneWidth;
  readonly operandWidth: LaneWidth;
  /** The operand whose register receives the result, or -1. */
  readonly tied: number;
  /** The operand that may be in memory, or -1. */
  readonly fold: number;
  /** A constant in memory has 64 bits and is broadcast. */
  readonly broadcasts: boolean;
  /** May the memory be that of a column, which is aligned to its elements only? */
  readonly foldsColumns: boolean;
  readonly commutative: boolean;
  /** The last operand is a mask register that masks the instruction: others keep lanes, or become zero. */
  readonly masking: 'none' | 'blend' | 'zero';
}

interface Traits {
  readonly commutative?: true;
  readonly resultWidth?: LaneWidth;
  readonly operandWidth?: LaneWidth;
  readonly result?: LaneClass;
  readonly tied?: number;
  readonly fold?: number;
  readonly broadcasts?: boolean;
  readonly foldsColumns?: boolean;
  readonly masking?: 'blend' | 'zero';
}

type Families = Partial<Record<LaneFamily, LaneOperation>>;

function operation(mnemonic: string | undefined, name: string, traits: Traits): LaneOperation {
  return Object.freeze({
    name,
    instruction: mnemonic === undefined ? undefined : instructionOf(mnemonic as Mnemonic),
    result: 'vector',
    resultWidth: 'full',
    operandWidth: 'full',
    tied: -1,
    fold: -1,
    broadcasts: false,
    foldsColumns: true,
    commutative: false,
    masking: 'none',
    ...traits,
  } as const);
}

const sseOnly = (mnemonic: string, traits: Traits): Families => ({
  sse: operation(mnemonic, mnemonic, { foldsColumns: false, ...traits }),
});
const vexOnly = (mnemonic: string, traits: Traits): Families => ({
  vex: operation(mnemonic, mnemonic, traits),
});
const evexOnly = (mnemonic: string, traits: Traits): Families => ({
  evex: operation(mnemonic, mnemonic, traits),
});

/** Two operands of which SSE overwrites the first; `sse` is the mnemonic without `v`. */
const binary = (sse: string, traits: Traits = {}): Families => ({
  ...sseOnly(sse, { tied: 0, fold: 1, ...traits }),
  ...vexOnly(`v${sse}`, { fold: 1, ...traits }),
  ...evexOnly(`v${sse}`, { fold: 1, broadcasts: true, ...traits }),
});

/** One operand; no family overwrites it. */
const unary = (sse: string, evex = `v${sse}`): Families => ({
  ...sseOnly(sse, { fold: 0 }),
  ...vexOnly(`v${sse}`, { fold: 0 }),
  ...evexOnly(evex, { fold: 0, broadcasts: true }),
});

const shift = (sse: string): Families => ({
  ...sseOnly(sse, { tied: 0 }),
  ...vexOnly(`v${sse}`, {}),
  ...evexOnly(`v${sse}`, {}),
});

/** From 32 bits to 64, from half a register. Its memory needs no alignment in any family. */
const widen = (sse: string): Families => {
  const traits = { fold: 0, operandWidth: 'half' } as const;
  return {
    ...sseOnly(sse, { ...traits, foldsColumns: true }),
    ...vexOnly(`v${sse}`, traits),
    ...evexOnly(`v${sse}`, traits),
  };
};

const narrow = (sse: string): Families => ({
  ...sseOnly(sse, { resultWidth: 'half' }),
  ...vexOnly(`v${sse}`, { resultWidth: 'half' }),
  ...evexOnly(`v${sse}`, { resultWidth: 'half' }),
});

/** Within the low 128 bits. */
const packLow = (sse: string): Families => {
  const traits = { resultWidth: 'low', operandWidth: 'low' } as const;
  return { ...sseOnly(sse, { ...traits, tied: 0 }), ...vexOnly(`v${sse}`, traits) };
};

const masks = (mnemonic: string, commutative: boolean): Families =>
  evexOnly(mnemonic, { result: 'mask', ...(commutative ? { commutative } : {}) });

/** Loads and stores, which `lane-memory.ts` writes; the immediate numbers the column, output, uniform or reduction. */
const memory = (name: string, traits: Traits | { readonly result: undefined }): Families => {
  const entry = operation(undefined, name, traits as Traits);
  return { sse: entry, vex: entry, evex: entry };
};

const commutative = { commutative: true } as const;

const table = {
  add: binary('addpd', commutative),
  sub: binary('subpd'),
  mul: binary('mulpd', commutative),
  div: binary('divpd'),
  /** The second operand if one is NaN or both are zero. */
  min: binary('minpd'),
  max: binary('maxpd'),
  and: binary('andpd', commutative),
  /** Not the first, and the second. */
  andNot: binary('andnpd'),
  or: binary('orpd', commutative),
  xor: binary('xorpd', commutative),
  sqrt: unary('sqrtpd'),
  /** Immediate: the mode. */
  round: unary('roundpd', 'vrndscalepd'),
  /** Immediate: the predicate. */
  compare: {
    ...sseOnly('cmppd', { tied: 0, fold: 1 }),
    ...vexOnly('vcmppd', { fold: 1 }),
    ...evexOnly('vcmppd', { fold: 1, broadcasts: true, result: 'mask' }),
  },
  /** x · y + z. */
  fma: {
    ...vexOnly('vfmadd231pd', { tied: 2, fold: 1 }),
    ...evexOnly('vfmadd231pd', { tied: 2, fold: 1, broadcasts: true }),
  },
  /** The second operand where the third, a mask, is set; else the first. */
  blend: {
    ...vexOnly('vblendvpd', { fold: 1 }),
    ...evexOnly('vblendmpd', { fold: 1, broadcasts: true, masking: 'blend' }),
  },
  /** The first operand where the second, a mask, is set; else 0. */
  keep: evexOnly('vmovapd', { fold: 0, masking: 'zero' }),
  /** Immediate: 4 for the smaller, 5 for the larger; zeros are ordered by sign, a NaN loses. */
  range: evexOnly('vrangepd', { fold: 1, broadcasts: true }),

  maskAnd: masks('kandw', true),
  maskAndNot: masks('kandnw', false),
  maskOr: masks('korw', true),
  maskXor: masks('kxorw', true),
  maskNot: masks('knotw', false),

  floatToDouble: widen('cvtps2pd'),
  doubleToFloat: narrow('cvtpd2ps'),
  int32ToDouble: widen('cvtdq2pd'),
  uint32ToDouble: evexOnly('vcvtudq2pd', { fold: 0, operandWidth: 'half' }),
  /** To the nearest, ties to even. */
  doubleToInt32: narrow('cvtpd2dq'),
  doubleToInt64: evexOnly('vcvttpd2qq', { fold: 0, broadcasts: true }),
  /** To the nearest, ties to even. */
  doubleToNearestInt64: evexOnly('vcvtpd2qq', { fold: 0, broadcasts: true }),
  int64ToDouble: evexOnly('vcvtqq2pd', { fold: 0, broadcasts: true }),
  zeroExtend: vexOnly('vpmovzxdq', { operandWidth: 'half' }),

  addInteger: binary('paddq', commutative),
  subInteger: binary('psubq'),
  /** Product of the low halves, unsigned. */
  mulInteger: binary('pmuludq', commutative),
  shiftLeft: shift('psllq'),
  shiftRight: shift('psrlq'),
  /** On lanes of 32 bits. */
  shiftRightSigned32: shift('psrad'),
  shiftRightSigned: evexOnly('vpsraq', {}),
  shiftLeftBy: { ...vexOnly('vpsllvq', { fold: 1 }), ...evexOnly('vpsllvq', { fold: 1, broadcasts: true }) },
  shiftRightBy: { ...vexOnly('vpsrlvq', { fold: 1 }), ...evexOnly('vpsrlvq', { fold: 1, broadcasts: true }) },
  shiftRightSigned32By: vexOnly('vpsravd', { fold: 1 }),
  shiftRightSignedBy: evexOnly('vpsravq', { fold: 1, broadcasts: true }),
  leadingZeros: evexOnly('vplzcntq', { fold: 0, broadcasts: true }),
  /** Immediate: which lane of 32 bits goes where, within each 128 bits. */
  shuffle32: { ...sseOnly('pshufd', {}), ...vexOnly('vpshufd', {}) },
  blend32: vexOnly('vpblendd', {}),
  interleave32: sseOnly('punpckldq', { tied: 0, fold: 1 }),

  upperHalf: vexOnly('vextracti128', { resultWidth: 'low' }),
  shufflePairs: vexOnly('vshufps', { resultWidth: 'low', operandWidth: 'low' }),
  shuffle16: sseOnly('pshuflw', {}),
  packDoublewords: packLow('packssdw'),
  packUnsignedDoublewords: vexOnly('vpackusdw', { resultWidth: 'low', operandWidth: 'low' }),
  packWords: packLow('packuswb'),

  /** All lanes, or none: the immediate. */
  maskConstant: memory('mask', { result: 'mask' }),
  uniform: memory('uniform', {}),
  length: memory('length', {}),
  index: memory('index', {}),
  loadDouble: memory('load', {}),
  /** Elements of 32 bits, floats or integers, in half a register. */
  loadWord: memory('load', { resultWidth: 'half' }),
  /** Integers of 8 or 16 bits, extended to 32. No instruction can take them from memory on its way. */
  loadSmall: memory('extend', { resultWidth: 'half' }),
  store: memory('store', { result: undefined }),
  loadAccumulator: memory('load accumulator', {}),
  storeAccumulator: memory('store accumulator', { result: undefined }),
  /** The accumulators that are to be combined with those that `loadAccumulator` gives. */
  loadUpper: memory('load upper', {}),
  storeInvariant: memory('store invariant', { result: undefined }),
  /** What a function that was called for the row left on the stack. */
  loadResult: memory('load result', {}),
  storeArgument: memory('store argument', { result: undefined }),
} as const satisfies Record<string, Families>;

export type LaneOperationName = keyof typeof table;

/** The operation in a family; an invariant fails if the family lacks it. */
export function laneOperation(name: LaneOperationName, family: LaneFamily): LaneOperation {
  const families: Families = table[name];
  const entry = Object.hasOwn(families, family) ? families[family] : undefined;
  invariant(entry !== undefined, `${family} has no operation ${name}`);
  return entry;
}
