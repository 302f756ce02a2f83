/**
 * The operations of machine IR: what each takes and gives, and what the register allocator must know of it.
 *
 * Doubles are in vector registers, in the lowest lane or in all lanes of the function, and so are masks, what comparisons of
 * doubles give: all bits of the lane set or clear. Emission picks the encoding for the feature level.
 */

/** Register classes. */
export const RegisterClass = Object.freeze({ Vector: 0, General: 1 } as const);

export interface Operation {
  readonly name: string;
  readonly index: number;
  /** Class of the result, `undefined` if there is none. */
  readonly result: number | undefined;
  /** Classes of the operands in registers; calls and jumps list theirs elsewhere. */
  readonly operands: readonly number[];
  /** The first two operands may be exchanged. */
  readonly commutative: boolean;
  /**
   * The result overwrites the first operand: `always`, or only in the two-operand encodings of plain SSE. The
   * other operands must then be in other registers than the result, except the second of a commutative operation.
   */
  readonly tied: 'never' | 'sse' | 'always';
  /** Bit set of the operands that may stay in memory; at most one of them does. */
  readonly foldable: number;
  /** A folded operand is read over the whole register, not one lane: only constants of full width qualify. */
  readonly wide: boolean;
  readonly kind: 'plain' | 'shift' | 'call' | 'jump' | 'branch' | 'return';
}

const table: Operation[] = [];

function define(name: string, signature: string, traits: Partial<Operation> = {}): number {
  const [operands = '', result = ''] = signature.split('>');
  const classes = (letters: string) =>
    [...letters].map((letter) => (letter === 'v' ? RegisterClass.Vector : RegisterClass.General));
  table.push({
    name,
    index: table.length,
    result: classes(result).at(0),
    operands: classes(operands),
    commutative: false,
    tied: 'never',
    foldable: 0,
    wide: false,
    kind: 'plain',
    ...traits,
  });
  return table.length - 1;
}

const sse = { tied: 'sse', foldable: 0b10 } as const;
const sseUnary = { tied: 'sse' } as const;
const logic = { tied: 'sse', foldable: 0b10, wide: true, commutative: true } as const;
const alu = { tied: 'always', foldable: 0b10, commutative: true } as const;
const compare = { foldable: 0b10 } as const;
const branch = { kind: 'branch', foldable: 0b10 } as const;

export const MachineOp = Object.freeze({
  FAdd: define('fadd', 'vv>v', { ...sse, commutative: true }),
  FSub: define('fsub', 'vv>v', sse),
  FMul: define('fmul', 'vv>v', { ...sse, commutative: true }),
  FDiv: define('fdiv', 'vv>v', sse),
  /** As the hardware does: the second operand if either is NaN or both are zero. */
  FMin: define('fmin', 'vv>v', sse),
  FMax: define('fmax', 'vv>v', sse),
  FSqrt: define('fsqrt', 'v>v', sseUnary),
  FFloor: define('ffloor', 'v>v', sseUnary),
  FCeil: define('fceil', 'v>v', sseUnary),
  FTrunc: define('ftrunc', 'v>v', sseUnary),
  /** To float32 and back. */
  FDemote: define('fdemote', 'v>v', sseUnary),
  /** `a * b + c` rounded once; any of its three encodings, so any operand may be overwritten. */
  Fma: define('fma', 'vvv>v', { foldable: 0b110, commutative: true }),

  And: define('and', 'vv>v', logic),
  /** `~a & b`. */
  AndNot: define('andnot', 'vv>v', { ...logic, commutative: false }),
  Or: define('or', 'vv>v', logic),
  Xor: define('xor', 'vv>v', logic),
  /** Lanes of `b` where the mask `c` is set, else of `a`. */
  Blend: define('blend', 'vvv>v', { foldable: 0b10, wide: true }),

  /** Comparisons give masks: all bits of a lane set or clear. */
  MaskEq: define('mask.eq', 'vv>v', { ...sse, commutative: true }),
  MaskNe: define('mask.ne', 'vv>v', { ...sse, commutative: true }),
  MaskLt: define('mask.lt', 'vv>v', sse),
  MaskLe: define('mask.le', 'vv>v', sse),
  MaskUnordered: define('mask.unordered', 'vv>v', { ...sse, commutative: true }),
  /** The lowest bit of a mask as 0 or 1. */
  MaskToBool: define('mask.bool', 'v>g'),

  /** A value in all lanes. */
  Splat: define('splat', 'v>v', { foldable: 0b1 }),
  /** To the caller, as the result whose number stands in the third word. */
  Give: define('give', 'v'),

  /** Toward zero; 2^63 negated for NaN and what does not fit. */
  FloatToInt: define('ftoi', 'v>g', { foldable: 0b1 }),
  IntToFloat: define('itof', 'g>v'),
  GeneralToVector: define('gtov', 'g>v'),

  IAdd: define('iadd', 'gg>g', alu),
  ISub: define('isub', 'gg>g', { ...alu, commutative: false }),
  IMul: define('imul', 'gg>g', alu),
  IAnd: define('iand', 'gg>g', alu),
  IOr: define('ior', 'gg>g', alu),
  IXor: define('ixor', 'gg>g', alu),
  INeg: define('ineg', 'g>g', { tied: 'always' }),
  /** The low half, sign-extended. */
  SignExtend32: define('sext32', 'g>g', { foldable: 0b1 }),
  /** Shifts of the low half, zero-extended; the count is `b` modulo 32, in `cl`. */
  Shl32: define('shl32', 'gg>g', { tied: 'always', kind: 'shift' }),
  Sar32: define('sar32', 'gg>g', { tied: 'always', kind: 'shift' }),
  Shr32: define('shr32', 'gg>g', { tied: 'always', kind: 'shift' }),
  /** Shifts by the constant in the third word. */
  Shl32By: define('shl32.by', 'g>g', { tied: 'always' }),
  Sar32By: define('sar32.by', 'g>g', { tied: 'always' }),
  Shr32By: define('shr32.by', 'g>g', { tied: 'always' }),
  Clz32: define('clz32', 'g>g'),
  /** Comparisons give 0 or 1. */
  BoolEq: define('bool.eq', 'gg>g', compare),
  BoolNe: define('bool.ne', 'gg>g', compare),
  BoolLt: define('bool.lt', 'gg>g', compare),
  BoolLe: define('bool.le', 'gg>g', compare),
  BoolGt: define('bool.gt', 'gg>g', compare),
  BoolGe: define('bool.ge', 'gg>g', compare),
  /** `b` where the bool `c` is set, else `a`. */
  Choose: define('choose', 'ggg>g', { tied: 'always', foldable: 0b10 }),

  /** Calls list their arguments in the machine function's `extra`; the third word says whom they call. */
  CallMath: define('call.math', '', { kind: 'call' }),
  CallFunction: define('call', '', { kind: 'call' }),
  CallHost: define('call.host', '', { kind: 'call' }),

  /** Spends as many units of fuel as the third word says; where they run out, asks for more or traps. */
  Fuel: define('fuel', ''),

  /** To the block in the third word, with arguments for its parameters in `extra`. */
  Jump: define('jump', '', { kind: 'jump' }),
  /** To the block in the third word if so, else to that in the last; unordered is "not so" except for `ne`. */
  BranchFloatGt: define('branch.fgt', 'vv', branch),
  BranchFloatGe: define('branch.fge', 'vv', branch),
  BranchFloatEq: define('branch.feq', 'vv', branch),
  BranchFloatNe: define('branch.fne', 'vv', branch),
  BranchEq: define('branch.eq', 'gg', branch),
  BranchNe: define('branch.ne', 'gg', branch),
  BranchLt: define('branch.lt', 'gg', branch),
  BranchLe: define('branch.le', 'gg', branch),
  BranchGt: define('branch.gt', 'gg', branch),
  BranchGe: define('branch.ge', 'gg', branch),
  BranchBool: define('branch.bool', 'g', { kind: 'branch' }),
  /** Is a mask set in any lane? */
  BranchAny: define('branch.any', 'v', { kind: 'branch' }),
  /** The operand may be of either class. */
  Return: define('return', 'v', { kind: 'return' }),

  /** Only the allocator makes these: a copy between any two locations of which at most one is memory. */
  Move: define('move', ''),
} as const);

/** All operations by number. */
export const operations: readonly Operation[] = Object.freeze(table);
