/**
 * The operations of the IR: one table that says of each what it takes, what it gives, and what it computes.
 *
 * `evaluate` is the definition. The interpreter runs it, the constant folder runs it at compile time, and
 * machine code is held against it, so that all three agree bit for bit. Floating point is JavaScript's:
 * IEEE 754 doubles, round to nearest even, `fmin`/`fmax`/`fround`/`frem` as `Math.min`, `Math.max`,
 * `Math.round` and `%`. An `i64` is a bigint here, in two's complement.
 */
import { bitsOf, bitwise, copySign, fusedMultiplyAdd, ofBits } from '../../support/float.ts';
import { numberAlgebra } from '../math/number-algebra.ts';
import type { ScalarType } from './type.ts';

export type { Type } from './type.ts';

/** A run-time value of the IR: `f64` is a number, `bool` a boolean, `i64` a bigint. */
export type Datum = number | boolean | bigint;

/** An operation: what it takes, what it gives, and what it computes. */
export interface Opcode {
  readonly name: string;
  /** Position in the table; dense, for lookup in arrays. */
  readonly index: number;
  /** Operand types, those of one lane each; `select` and calls are polymorphic and say so with `undefined`. */
  readonly operands: readonly ScalarType[] | undefined;
  /** Result type; `undefined` where the instruction itself carries it. */
  readonly result: ScalarType | undefined;
  /** Exchange of the two operands changes no bit of the result. */
  readonly commutative: boolean;
  /** No effect but its result, so it may be folded, shared, moved and dropped. */
  readonly pure: boolean;
  /** Definition of a pure operation other than constants and `callmath`; of each lane, where there are several. */
  readonly evaluate: ((...operands: never[]) => Datum) | undefined;
  /** Close to what machines have; made by `opt/legalise` and `opt/vectorise`. Lowering and the optimiser know nothing of it. */
  readonly primitive: boolean;
}

const table: Opcode[] = [];

const plain: Traits = { commutative: false, effect: false, primitive: false };

interface Traits {
  readonly commutative: boolean;
  readonly effect: boolean;
  readonly primitive: boolean;
}

function define(
  name: string,
  operands: readonly ScalarType[] | undefined,
  result: ScalarType | undefined,
  evaluate?: Opcode['evaluate'],
  traits: Traits = plain,
): Opcode {
  const opcode = Object.freeze({
    name,
    index: table.length,
    operands,
    result,
    commutative: traits.commutative,
    pure: !traits.effect,
    evaluate,
    primitive: traits.primitive,
  });
  table.push(opcode);
  return opcode;
}

const f = ['f64'] as const;
const ff = ['f64', 'f64'] as const;
const fff = ['f64', 'f64', 'f64'] as const;
const b = ['bool'] as const;
const bb = ['bool', 'bool'] as const;
const i = ['i64'] as const;
const ii = ['i64', 'i64'] as const;
const commutative: Traits = { ...plain, commutative: true };
const effect: Traits = { ...plain, effect: true };
const primitive: Traits = { ...plain, primitive: true };
const memory: Traits = { ...effect, primitive: true };
const both: Traits = { ...plain, primitive: true, commutative: true };

/** The double all of whose bits are set, a NaN. */
const allBits = new Float64Array(new BigInt64Array([-1n]).buffer)[0] as number;

const leastInt64 = -(2n ** 63n);

function toInt64(x: number): bigint {
  const whole = Math.trunc(x);
  return whole >= -(2 ** 63) && whole < 2 ** 63 ? BigInt(whole) : leastInt64;
}

const int32 = (x: bigint): number => Number(BigInt.asIntN(32, x));
const unsigned = (x: bigint): bigint => BigInt.asUintN(64, x);

function remainder32(x: number, y: number): number {
  return y === 0 ? x : (x % y) | 0;
}

/** All operations, by name; docs/ir.md has them in a table. */
export const op = Object.freeze({
  /** Constants carry their value in `immediate`. */
  fconst: define('fconst', [], 'f64'),
  bconst: define('bconst', [], 'bool'),
  iconst: define('iconst', [], 'i64'),

  fadd: define('fadd', ff, 'f64', (x: number, y: number) => x + y, commutative),
  fsub: define('fsub', ff, 'f64', (x: number, y: number) => x - y),
  fmul: define('fmul', ff, 'f64', (x: number, y: number) => x * y, commutative),
  fdiv: define('fdiv', ff, 'f64', (x: number, y: number) => x / y),
  frem: define('frem', ff, 'f64', (x: number, y: number) => x % y),
  ffma: define('ffma', fff, 'f64', fusedMultiplyAdd),
  fneg: define('fneg', f, 'f64', (x: number) => -x),
  fabs: define('fabs', f, 'f64', Math.abs),
  fsqrt: define('fsqrt', f, 'f64', Math.sqrt),
  ffloor: define('ffloor', f, 'f64', Math.floor),
  fceil: define('fceil', f, 'f64', Math.ceil),
  ftrunc: define('ftrunc', f, 'f64', Math.trunc),
  fround: define('fround', f, 'f64', Math.round),
  fsign: define('fsign', f, 'f64', Math.sign),
  fmin: define('fmin', ff, 'f64', (x: number, y: number) => Math.min(x, y), commutative),
  fmax: define('fmax', ff, 'f64', (x: number, y: number) => Math.max(x, y), commutative),
  /** The magnitude of the first with the sign bit of the second. A NaN's sign bit is unspecified. */
  fcopysign: define('fcopysign', ff, 'f64', copySign),
  /** To float32 and back, as `Math.fround`. */
  fdemote: define('fdemote', f, 'f64', Math.fround),

  feq: define('feq', ff, 'bool', (x: number, y: number) => x === y, commutative),
  fne: define('fne', ff, 'bool', (x: number, y: number) => x !== y, commutative),
  flt: define('flt', ff, 'bool', (x: number, y: number) => x < y),
  fle: define('fle', ff, 'bool', (x: number, y: number) => x <= y),
  fgt: define('fgt', ff, 'bool', (x: number, y: number) => x > y),
  fge: define('fge', ff, 'bool', (x: number, y: number) => x >= y),

  band: define('band', bb, 'bool', (x: boolean, y: boolean) => x && y, commutative),
  bor: define('bor', bb, 'bool', (x: boolean, y: boolean) => x || y, commutative),
  bxor: define('bxor', bb, 'bool', (x: boolean, y: boolean) => x !== y, commutative),
  bnot: define('bnot', b, 'bool', (x: boolean) => !x),
  /** true is 1, false is 0. */
  btof: define('btof', b, 'f64', (x: boolean) => (x ? 1 : 0)),

  /** `condition ? first : second`; both are computed, so only for what is pure and cheap. */
  select: define('select', undefined, undefined, (c: boolean, x: Datum, y: Datum) => (c ? x : y)),

  iadd: define('iadd', ii, 'i64', (x: bigint, y: bigint) => BigInt.asIntN(64, x + y), commutative),
  isub: define('isub', ii, 'i64', (x: bigint, y: bigint) => BigInt.asIntN(64, x - y)),
  imul: define('imul', ii, 'i64', (x: bigint, y: bigint) => BigInt.asIntN(64, x * y), commutative),
  iand: define('iand', ii, 'i64', (x: bigint, y: bigint) => x & y, commutative),
  ior: define('ior', ii, 'i64', (x: bigint, y: bigint) => x | y, commutative),
  ixor: define('ixor', ii, 'i64', (x: bigint, y: bigint) => x ^ y, commutative),
  ieq: define('ieq', ii, 'bool', (x: bigint, y: bigint) => x === y, commutative),
  ine: define('ine', ii, 'bool', (x: bigint, y: bigint) => x !== y, commutative),
  ilt: define('ilt', ii, 'bool', (x: bigint, y: bigint) => x < y),
  ile: define('ile', ii, 'bool', (x: bigint, y: bigint) => x <= y),
  igt: define('igt', ii, 'bool', (x: bigint, y: bigint) => x > y),
  ige: define('ige', ii, 'bool', (x: bigint, y: bigint) => x >= y),

  /** The 32-bit operations of JavaScript on the low halves; results are sign-extended, but `ishr32` and `iclz32` zero-extend. */
  ishl32: define('ishl32', ii, 'i64', (x: bigint, y: bigint) => BigInt(int32(x) << int32(y))),
  isar32: define('isar32', ii, 'i64', (x: bigint, y: bigint) => BigInt(int32(x) >> int32(y))),
  ishr32: define('ishr32', ii, 'i64', (x: bigint, y: bigint) => BigInt(int32(x) >>> int32(y))),
  imul32: define(
    'imul32',
    ii,
    'i64',
    (x: bigint, y: bigint) => BigInt(Math.imul(int32(x), int32(y))),
    commutative,
  ),
  iclz32: define('iclz32', i, 'i64', (x: bigint) => BigInt(Math.clz32(int32(x)))),
  /** JavaScript's ToInt32, sign-extended: modulo 2^32, NaN and infinities give 0. */
  ftoi32: define('ftoi32', f, 'i64', (x: number) => BigInt(x | 0)),
  itof: define('itof', i, 'f64', (x: bigint) => Number(x)),
  /** Toward zero; the least integer where that does not fit. */
  ftoi: define('ftoi', f, 'i64', toInt64),
  /** The bits of a double as an integer, and an integer's as a double. Those of a NaN are unspecified. */
  fasi: define('fasi', f, 'i64', bitsOf),
  iasf: define('iasf', i, 'f64', ofBits),

  /** Of the low halves, sign-extended. Quotients are those toward zero; by zero it is zero, and the rest is the dividend. */
  iadd32: define(
    'iadd32',
    ii,
    'i64',
    (x: bigint, y: bigint) => BigInt((int32(x) + int32(y)) | 0),
    commutative,
  ),
  isub32: define('isub32', ii, 'i64', (x: bigint, y: bigint) => BigInt((int32(x) - int32(y)) | 0)),
  idiv32: define('idiv32', ii, 'i64', (x: bigint, y: bigint) => BigInt((int32(x) / int32(y)) | 0)),
  irem32: define('irem32', ii, 'i64', (x: bigint, y: bigint) => BigInt(remainder32(int32(x), int32(y)))),
  /** Of 64 bits, signed; the least integer by -1 is itself. */
  idiv: define('idiv', ii, 'i64', (x: bigint, y: bigint) => (y === 0n ? 0n : BigInt.asIntN(64, x / y))),
  irem: define('irem', ii, 'i64', (x: bigint, y: bigint) => (y === 0n ? x : x % y)),
  /** Of 64 bits, unsigned. */
  iudiv: define('iudiv', ii, 'i64', (x: bigint, y: bigint) =>
    y === 0n ? 0n : BigInt.asIntN(64, unsigned(x) / unsigned(y)),
  ),
  iurem: define('iurem', ii, 'i64', (x: bigint, y: bigint) =>
    y === 0n ? x : BigInt.asIntN(64, unsigned(x) % unsigned(y)),
  ),
  iult: define('iult', ii, 'bool', (x: bigint, y: bigint) => unsigned(x) < unsigned(y)),
  iule: define('iule', ii, 'bool', (x: bigint, y: bigint) => unsigned(x) <= unsigned(y)),
  /** Shifts of all 64 bits by the second modulo 64; to the right, zeros follow `ishr`, and copies of the sign `isar`. */
  ishl: define('ishl', ii, 'i64', (x: bigint, y: bigint) => BigInt.asIntN(64, x << (y & 63n))),
  ishr: define('ishr', ii, 'i64', (x: bigint, y: bigint) => BigInt.asIntN(64, unsigned(x) >> (y & 63n))),
  isar: define('isar', ii, 'i64', (x: bigint, y: bigint) => x >> (y & 63n)),
  /** The low bits, sign-extended and zero-extended. */
  isext8: define('isext8', i, 'i64', (x: bigint) => BigInt.asIntN(8, x)),
  isext16: define('isext16', i, 'i64', (x: bigint) => BigInt.asIntN(16, x)),
  isext32: define('isext32', i, 'i64', (x: bigint) => BigInt.asIntN(32, x)),
  izext32: define('izext32', i, 'i64', (x: bigint) => BigInt.asUintN(32, x)),
  /** The product of the low halves, which are unsigned. */
  imulu32: define(
    'imulu32',
    ii,
    'i64',
    (x: bigint, y: bigint) => BigInt.asIntN(64, BigInt.asUintN(32, x) * BigInt.asUintN(32, y)),
    commutative,
  ),

  /** The double with the bits of `immediate`, a bigint; for patterns that are no numbers. */
  fbits: define('fbits', [], 'f64', undefined, primitive),
  /** Bits of doubles. What a result that is a NaN looks like beyond that is unspecified where a NaN was made. */
  fbitand: define('fbitand', ff, 'f64', (x: number, y: number) => bitwise(x, y, (a, b) => a & b), both),
  /** Bits of the second that are clear in the first. */
  fbitandnot: define(
    'fbitandnot',
    ff,
    'f64',
    (x: number, y: number) => bitwise(x, y, (a, b) => ~a & b),
    primitive,
  ),
  fbitor: define('fbitor', ff, 'f64', (x: number, y: number) => bitwise(x, y, (a, b) => a | b), both),
  fbitxor: define('fbitxor', ff, 'f64', (x: number, y: number) => bitwise(x, y, (a, b) => a ^ b), both),
  /** All bits set where true, none where false. */
  bbits: define('bbits', b, 'f64', (x: boolean) => (x ? allBits : 0), primitive),
  /** The second, and not the first. */
  bandnot: define('bandnot', bb, 'bool', (x: boolean, y: boolean) => !x && y, primitive),
  /** Either is a NaN. */
  funordered: define(
    'funordered',
    ff,
    'bool',
    (x: number, y: number) => Number.isNaN(x) || Number.isNaN(y),
    both,
  ),
  /** The smaller; the second if one is a NaN or both are zeros. */
  fless: define('fless', ff, 'f64', (x: number, y: number) => (x < y ? x : y), primitive),
  /** The larger; the second if one is a NaN or both are zeros. */
  fmore: define('fmore', ff, 'f64', (x: number, y: number) => (x > y ? x : y), primitive),

  /**
   * Exact arithmetic, for the bodies of the math library, whose algebra (`math/algebra.ts`) says under which conditions: a sum
   * and a difference with a product that is a double, `c + x y` and `c - x y`; `x y + c`, which is a double; and what `x y`
   * loses when it is rounded to the third operand.
   */
  faddproduct: define('faddproduct', fff, 'f64', numberAlgebra.addProduct, primitive),
  fsubproduct: define('fsubproduct', fff, 'f64', numberAlgebra.subProduct, primitive),
  fexactma: define('fexactma', fff, 'f64', numberAlgebra.exactMultiplyAdd, primitive),
  fproducterror: define('fproducterror', fff, 'f64', numberAlgebra.productError, primitive),
  /** `x y - z` and `z - x y`, rounded once. */
  ffms: define(
    'ffms',
    fff,
    'f64',
    (x: number, y: number, z: number) => fusedMultiplyAdd(x, y, -z),
    primitive,
  ),
  ffnma: define(
    'ffnma',
    fff,
    'f64',
    (x: number, y: number, z: number) => fusedMultiplyAdd(-x, y, z),
    primitive,
  ),
  /** A column of a table of the math library, `name column` in `immediate`; the operand's low bits number the row. */
  ftable: define('ftable', i, 'f64', undefined, primitive),
  /**
   * The second operand in lanes where the first is true; where it is not, what the function of the math library in `immediate`
   * gives of the third (and fourth).
   */
  frepair: define('frepair', undefined, 'f64', undefined, primitive),

  /** For code: the address of a table of the math library, named in `immediate`. */
  tableaddress: define('tableaddress', [], 'i64', undefined, primitive),
  /** One lane of integers, by its number, in `immediate`. */
  ilane: define('ilane', undefined, 'i64', undefined, primitive),
  /** Of pairs of doubles in memory, at the first operand and so many doubles behind as the others say each, one behind the other. */
  pairs: define('pairs', undefined, undefined, undefined, primitive),
  /** The even lanes of both, alternately, and the odd ones. */
  fevens: define('fevens', ff, 'f64', undefined, primitive),
  fodds: define('fodds', ff, 'f64', undefined, primitive),
  /** Of sixteen doubles in memory, at the first operand and as many bytes behind as `immediate` says, those that the low bits of the second number. */
  permute16: define('permute16', undefined, undefined, undefined, primitive),
  /** Is the bit set whose number is in `immediate`? */
  ibit: define('ibit', undefined, 'bool', undefined, primitive),

  /**
   * In kernels: the element of a column at a row, NaN where there is none. The operands are the bits of the column's address, how many
   * rows it has, and the row, which is truncated.
   */
  element: define('element', fff, 'f64', undefined, primitive),

  /** What it is given, in a register: for what loops use in each round. */
  keep: define('keep', undefined, undefined, undefined, primitive),
  /** The number of each lane: 0, 1, 2 … */
  iota: define('iota', [], 'f64', undefined, primitive),
  /** As many lanes from the first on as its operand says. */
  firstlanes: define('firstlanes', undefined, 'bool', undefined, primitive),

  /**
   * Elements of an array, converted to doubles: the first operand is its address, the second the number of the (first) element,
   * the third, if there is one, says which lanes exist; others are +0, and their memory is left alone. `immediate` is the type of
   * the elements, see `memory-type.ts`; `i64` are words, which give an integer.
   */
  load: define('load', undefined, undefined, undefined, memory),
  /** Stores the third operand, converted; the fourth, if there is one, says which lanes. */
  store: define('store', undefined, undefined, undefined, memory),
  /** The address of memory of the function's own, `immediate` words of 8 bytes. */
  stack: define('stack', undefined, 'i64', undefined, memory),

  /**
   * The memory of the call, by an offset in bytes, of any alignment: what is there, as the type in `immediate` says. Integers are
   * extended to 64 bits. An access that is not inside as a whole is a trap.
   */
  mload: define('mload', undefined, undefined, undefined, effect),
  /** Stores the second operand at the offset that the first is, of integers the low bits; passes it on. */
  mstore: define('mstore', undefined, undefined, undefined, effect),
  /** How many bytes memory has at the moment. */
  msize: define('msize', [], 'i64', undefined, effect),
  /** Variables of the module, by name. */
  getglobal: define('getglobal', undefined, undefined, undefined, effect),
  setglobal: define('setglobal', undefined, undefined, undefined, effect),
  /** Its operand, if so many bytes from there on are inside of memory; else a trap. Once inside, always inside: memory only grows. */
  bound: define('bound', i, 'i64', undefined, memory),
  /** The address of memory. */
  membase: define('membase', [], 'i64', undefined, primitive),
  /** As `mload` and `mstore`, of memory at the address in front, for offsets that are known to be inside. */
  mread: define('mread', undefined, undefined, undefined, memory),
  mwrite: define('mwrite', undefined, undefined, undefined, memory),

  /** Lanes of one value. */
  splat: define('splat', undefined, undefined, undefined, primitive),
  /** Is any lane true? Of a scalar: is it? */
  any: define('any', undefined, 'bool', undefined, primitive),

  /** For kernels: the fuel that calls from here on have; what is left of it. */
  setfuel: define('setfuel', i, 'i64', undefined, memory),
  getfuel: define('getfuel', [], 'i64', undefined, memory),
  /** For kernels: asks the host whether to go on, for the function whose number is in `immediate`. */
  look: define('look', [], 'i64', undefined, memory),
  /** A result of the call of a function on lanes, by its number, in `immediate`; stands behind it in front of any other call. */
  taken: define('taken', undefined, undefined, undefined, memory),

  /**
   * One result of a function of several, by its number, in `immediate`; passes its operand on. Functions on lanes give their
   * results like this, in memory of their caller.
   */
  give: define('give', undefined, undefined, undefined, memory),

  /** Its operand, as something that derivatives are taken by. */
  vary: define('vary', f, 'f64', undefined, primitive),
  /** The derivative of the first operand by the second, which is a `vary`; `differentiate` puts it into effect. */
  derive: define('derive', ff, 'f64', undefined, primitive),

  /** A function of the math library, named in `immediate`; pure. */
  callmath: define('callmath', undefined, 'f64'),
  /** A function of the same module, named in `immediate`; may recurse, so it may trap. */
  call: define('call', undefined, undefined, undefined, effect),
  /** A host function, by its index in the module's `hosts`; may do anything. */
  callhost: define('callhost', undefined, undefined, undefined, effect),
});

/** Those that carry a value, and take none. */
export const constantOpcodes: ReadonlySet<Opcode | undefined> = new Set([
  op.fconst,
  op.bconst,
  op.iconst,
  op.fbits,
]);

/** All opcodes by index. */
export const opcodes: readonly Opcode[] = Object.freeze(table);

/** All opcodes by name, for parsers. */
export const opcodeByName: ReadonlyMap<string, Opcode> = new Map(
  table.map((opcode) => [opcode.name, opcode]),
);
