/**
 * The operations of machine IR: what each takes and gives, and what the register allocator must know of it.
 *
 * Doubles are in vector registers, in the lowest lane or in all lanes of the function, and so are masks, what comparisons of
 * doubles give: all bits of the lane set or clear. With EVEX, lanes have their masks in mask registers instead, and operations of
 * their own. Emission picks the encoding for the feature level.
 */

/** Register classes. */
export const RegisterClass = Object.freeze({ Vector: 0, General: 1, Mask: 2 } as const);

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
  /** Carries a number beside its operands, in `immediates` of the machine function. */
  readonly hasImmediate: boolean;
  readonly kind: 'plain' | 'repair' | 'shift' | 'call' | 'jump' | 'branch' | 'return';
}

const table: Operation[] = [];

const classOfLetter = { v: RegisterClass.Vector, g: RegisterClass.General, k: RegisterClass.Mask } as const;

function define(name: string, signature: string, traits: Partial<Operation> = {}): number {
  const [operands = '', result = ''] = signature.split('>');
  const classes = (letters: string) =>
    [...letters].map((letter) => classOfLetter[letter as keyof typeof classOfLetter]);
  table.push({
    name,
    index: table.length,
    result: classes(result).at(0),
    operands: classes(operands),
    commutative: false,
    tied: 'never',
    foldable: 0,
    wide: false,
    hasImmediate: false,
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
/** On all lanes, from memory only if that holds all of them. */
const lanes = { tied: 'sse', foldable: 0b10, wide: true } as const;
const memory = { hasImmediate: true } as const;
const byConstant = { tied: 'sse' } as const;
const evex = { foldable: 0b10, wide: true } as const;

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
  /** `a * b - c` and `c - a * b`, likewise. */
  Fms: define('fms', 'vvv>v', { foldable: 0b110, commutative: true }),
  Fnma: define('fnma', 'vvv>v', { foldable: 0b110, commutative: true }),

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

  /** Integers of 64 bits in lanes; shifts are by the constant in the third word. */
  LaneAdd: define('lane.add', 'vv>v', { ...lanes, commutative: true }),
  LaneSub: define('lane.sub', 'vv>v', lanes),
  /** The product of the low halves, unsigned. */
  LaneMulU32: define('lane.mulu32', 'vv>v', { ...lanes, commutative: true }),
  LaneShl: define('lane.shl', 'v>v', byConstant),
  LaneShr: define('lane.shr', 'v>v', byConstant),
  /** Of integers that are sign-extended from 32 bits. */
  LaneSar32: define('lane.sar32', 'v>v', byConstant),
  /** The low half, sign-extended. */
  LaneSignExtend32: define('lane.sext32', 'v>v'),
  /** Toward zero, and back; with EVEX only. */
  LaneFloatToInt: define('lane.ftoi', 'v>v'),
  LaneIntToFloat: define('lane.itof', 'v>v'),

  /** One lane, whose number is the third word. */
  LaneWord: define('lane.word', 'v>g'),
  /** The even lanes of both, alternately, and the odd ones. */
  LaneEvens: define('lane.evens', 'vv>v', lanes),
  LaneOdds: define('lane.odds', 'vv>v', lanes),

  /** Masks of lanes in mask registers. */
  KEq: define('k.eq', 'vv>k', { ...evex, commutative: true }),
  KNe: define('k.ne', 'vv>k', { ...evex, commutative: true }),
  KLt: define('k.lt', 'vv>k', evex),
  KLe: define('k.le', 'vv>k', evex),
  KUnordered: define('k.unordered', 'vv>k', { ...evex, commutative: true }),
  KAnd: define('k.and', 'kk>k', { commutative: true }),
  KAndNot: define('k.andnot', 'kk>k'),
  KOr: define('k.or', 'kk>k', { commutative: true }),
  KXor: define('k.xor', 'kk>k', { commutative: true }),
  KNot: define('k.not', 'k>k'),
  /** Is any bit set in both? */
  KTest: define('k.test', 'vv>k', evex),
  KAll: define('k.all', '>k'),
  KNone: define('k.none', '>k'),
  /** All lanes, or none, as the lowest bit says. */
  KSplat: define('k.splat', 'g>k'),
  /** As many lanes from the first on. */
  KFirst: define('k.first', 'g>k'),
  /** Lanes of `b` where the mask `c` is set, else of `a`; or else zero. */
  KBlend: define('k.blend', 'vvk>v', evex),
  KKeep: define('k.keep', 'vk>v', { foldable: 0b1, wide: true }),

  /**
   * Elements of memory, see `memory-access.ts`: at a base and an index, or at a base alone; words to and from general registers;
   * those that a mask names. The immediate says of which type, and how many bytes behind.
   */
  Load: define('load', 'gg>v', memory),
  LoadAt: define('load.at', 'g>v', memory),
  LoadWord: define('load.word', 'gg>g', memory),
  LoadWordAt: define('load.word.at', 'g>g', memory),
  LoadMasked: define('load.masked', 'gk>v', memory),
  /** Two pairs of doubles, at a base and an index each. */
  LoadPairs: define('load.pairs', 'ggg>v', memory),
  /** Of sixteen doubles at a base, those that the lanes of the second operand number. */
  Permute16: define('permute16', 'gv>v', memory),
  /** The address of a table of the math library, by its number in the third word. */
  TableAddress: define('table', '>g'),
  /**
   * The first operand, but in lanes where the mask is clear the function of the math library, by its number in the immediate, of
   * the third; or of the first and the third.
   */
  Repair: define('repair', 'vvv>v', { tied: 'always', hasImmediate: true, kind: 'repair' }),
  RepairK: define('repair.k', 'vkv>v', { tied: 'always', hasImmediate: true, kind: 'repair' }),
  RepairBoth: define('repair.both', 'vvv>v', { tied: 'always', hasImmediate: true, kind: 'repair' }),
  RepairBothK: define('repair.both.k', 'vkv>v', { tied: 'always', hasImmediate: true, kind: 'repair' }),
  /** Arithmetic whose second operand is such an element, a double. */
  FAddLoad: define('fadd.load', 'vgg>v', memory),
  FSubLoad: define('fsub.load', 'vgg>v', memory),
  FMulLoad: define('fmul.load', 'vgg>v', memory),
  FDivLoad: define('fdiv.load', 'vgg>v', memory),
  FMinLoad: define('fmin.load', 'vgg>v', memory),
  FMaxLoad: define('fmax.load', 'vgg>v', memory),
  Store: define('store', 'ggv', memory),
  StoreAt: define('store.at', 'gv', memory),
  StoreWord: define('store.word', 'ggg', memory),
  StoreWordAt: define('store.word.at', 'gg', memory),
  StoreMasked: define('store.masked', 'gvk', memory),
  /** The same at a base and a distance in bytes; words are narrow integers too, which are extended. */
  LoadBytes: define('load.bytes', 'gg>v', memory),
  LoadBytesWord: define('load.bytes.word', 'gg>g', memory),
  StoreBytes: define('store.bytes', 'ggv', memory),
  StoreBytesWord: define('store.bytes.word', 'ggg', memory),
  /** Traps unless so many bytes, the third word, lie inside of the call's memory from the operand on. */
  Bound: define('bound', 'g'),
  /** The address of that memory, and how many bytes it has. */
  MemoryBase: define('memory.base', '>g'),
  MemorySize: define('memory.size', '>g'),
  /** The address of the variable of the module whose number is in the third word. */
  GlobalAddress: define('global', '>g'),
  /** The address of such an element. */
  Address: define('address', 'gg>g', memory),
  /** The address of memory of the function's own, the third word as a number of words. */
  StackAddress: define('stack', '>g'),

  /** A copy that counts as a value of its own: what loops are to have in a register. */
  Keep: define('keep', 'v>v', { foldable: 0b1, wide: true }),
  /** A value in all lanes. */
  Splat: define('splat', 'v>v', { foldable: 0b1 }),
  /** To the caller, as the result whose number stands in the third word. */
  Give: define('give', 'v'),

  /** Toward zero; 2^63 negated for NaN and what does not fit. */
  FloatToInt: define('ftoi', 'v>g', { foldable: 0b1 }),
  IntToFloat: define('itof', 'g>v'),
  GeneralToVector: define('gtov', 'g>v'),
  VectorToGeneral: define('vtog', 'v>g'),

  IAdd: define('iadd', 'gg>g', alu),
  ISub: define('isub', 'gg>g', { ...alu, commutative: false }),
  IMul: define('imul', 'gg>g', alu),
  IAnd: define('iand', 'gg>g', alu),
  IOr: define('ior', 'gg>g', alu),
  IXor: define('ixor', 'gg>g', alu),
  /**
   * Quotients and remainders of 64 bits, and of the low halves, which come sign-extended. The third word is 1 if the divisor may be one
   * that the instruction traps for.
   */
  IDiv: define('idiv', 'gg>g'),
  IRem: define('irem', 'gg>g'),
  IUDiv: define('iudiv', 'gg>g'),
  IURem: define('iurem', 'gg>g'),
  IDiv32: define('idiv32', 'gg>g'),
  IRem32: define('irem32', 'gg>g'),
  INeg: define('ineg', 'g>g', { tied: 'always' }),
  /** The low half, sign-extended. */
  SignExtend32: define('sext32', 'g>g', { foldable: 0b1 }),
  /** The low bits, sign-extended. */
  SignExtend8: define('sext8', 'g>g'),
  SignExtend16: define('sext16', 'g>g'),
  /** Shifts of the low half, zero-extended; the count is `b` modulo 32, in `cl`. */
  Shl32: define('shl32', 'gg>g', { tied: 'always', kind: 'shift' }),
  Sar32: define('sar32', 'gg>g', { tied: 'always', kind: 'shift' }),
  Shr32: define('shr32', 'gg>g', { tied: 'always', kind: 'shift' }),
  /** Shifts by the constant in the third word. */
  Shl32By: define('shl32.by', 'g>g', { tied: 'always' }),
  Sar32By: define('sar32.by', 'g>g', { tied: 'always' }),
  Shr32By: define('shr32.by', 'g>g', { tied: 'always' }),
  /** The low half, zero-extended. */
  ZeroExtend32: define('zext32', 'g>g'),
  /** Shifts of all bits. */
  Shl64: define('shl64', 'gg>g', { tied: 'always', kind: 'shift' }),
  Shr64: define('shr64', 'gg>g', { tied: 'always', kind: 'shift' }),
  Sar64: define('sar64', 'gg>g', { tied: 'always', kind: 'shift' }),
  Shl64By: define('shl64.by', 'g>g', { tied: 'always' }),
  Shr64By: define('shr64.by', 'g>g', { tied: 'always' }),
  Sar64By: define('sar64.by', 'g>g', { tied: 'always' }),
  Clz32: define('clz32', 'g>g'),
  /** Comparisons give 0 or 1. */
  BoolEq: define('bool.eq', 'gg>g', compare),
  BoolNe: define('bool.ne', 'gg>g', compare),
  BoolLt: define('bool.lt', 'gg>g', compare),
  BoolLe: define('bool.le', 'gg>g', compare),
  BoolGt: define('bool.gt', 'gg>g', compare),
  BoolGe: define('bool.ge', 'gg>g', compare),
  /** Below, and below or equal: unsigned. */
  BoolB: define('bool.b', 'gg>g', compare),
  BoolBe: define('bool.be', 'gg>g', compare),
  /** `b` where the bool `c` is set, else `a`. */
  Choose: define('choose', 'ggg>g', { tied: 'always', foldable: 0b10 }),

  /** Calls list their arguments in the machine function's `extra`; the third word says whom they call. */
  CallMath: define('call.math', '', { kind: 'call' }),
  CallFunction: define('call', '', { kind: 'call' }),
  CallHost: define('call.host', '', { kind: 'call' }),
  /** A function on lanes: its arguments go to memory (`lane-frame.ts`), those of one lane behind the word that the immediate names. */
  CallLanes: define('call.lanes', '', { kind: 'call', hasImmediate: true }),
  /** A result of it, at the word in the third word. */
  Take: define('take', '>v'),
  /** Asks the host whether to go on; the third word is the number of the function for which. */
  Look: define('look', '', { kind: 'call' }),

  /** To the fuel register, and from there. */
  SetFuel: define('fuel.set', 'g'),
  GetFuel: define('fuel.get', '>g'),

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
  BranchB: define('branch.b', 'gg', branch),
  BranchBe: define('branch.be', 'gg', branch),
  BranchBool: define('branch.bool', 'g', { kind: 'branch' }),
  /** Is a mask set in any lane? */
  BranchAny: define('branch.any', 'v', { kind: 'branch' }),
  BranchAnyK: define('branch.any.k', 'k', { kind: 'branch' }),
  /** The operand may be of either class. */
  Return: define('return', 'v', { kind: 'return' }),

  /** Only the allocator makes these: a copy between any two locations of which at most one is memory. */
  Move: define('move', ''),
} as const);

/** All operations by number. */
export const operations: readonly Operation[] = Object.freeze(table);
