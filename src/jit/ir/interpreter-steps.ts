/**
 * How the interpreter computes one operation: a closure over register numbers. What runs hot is written out here;
 * the rest calls `evaluate` of the opcode table, which stays the definition (a test compares the two).
 *
 * A register is 8 bytes, seen three ways over one buffer: an `f64`, an `i64`, and two int32 halves. A `bool` is kept
 * as the number 1 or 0.
 */
import { slots } from '../../support/element.ts';
import { grown } from '../../support/growable.ts';
import { invariant } from '../../support/invariant.ts';
import type { MathEvaluation } from '../math/library.ts';
import { tableColumn } from '../math/tables.ts';
import { type Datum, type Opcode, op, opcodes, type Type } from './opcode.ts';
import { lanesOf } from './type.ts';

export class Registers {
  numbers: Float64Array;
  integers: BigInt64Array;
  halves: Int32Array;
  /** The first register that no activation uses; what re-enters the interpreter starts here. */
  top = 0;

  constructor(length: number) {
    this.numbers = new Float64Array(length);
    this.integers = new BigInt64Array(this.numbers.buffer);
    this.halves = new Int32Array(this.numbers.buffer);
  }

  /** Makes room for `length` registers. Views change, so nobody keeps one across a call. */
  reserve(length: number): void {
    if (length <= this.numbers.length) return;
    this.integers = grown(this.integers, length);
    this.numbers = new Float64Array(this.integers.buffer);
    this.halves = new Int32Array(this.integers.buffer);
  }

  read(type: Type, register: number): Datum {
    if (type === 'i64') return this.integers[register] as bigint;
    const number = this.numbers[register] as number;
    return type === 'bool' ? number !== 0 : number;
  }

  copy(type: Type, to: number, from: number): void {
    if (type === 'i64') this.integers[to] = this.integers[from] as bigint;
    else this.numbers[to] = this.numbers[from] as number;
  }

  write(register: number, datum: Datum): void {
    if (typeof datum === 'bigint') this.integers[register] = datum;
    else this.numbers[register] = Number(datum);
  }
}

/** Computes one operation in the activation whose registers start at `base`. */
export type Step = (registers: Registers, base: number) => void;

/** The step of a pure operation: result register, then operand registers. */
type StepMaker = (d: number, a: number, b: number, c: number) => Step;

/** Positions of the halves of a register in {@link Registers.halves}. */
export const low: number = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 0 : 1;
export const high: number = 1 - low;

function binary(compute: (x: number, y: number) => number): StepMaker {
  return (d, a, b) =>
    ({ numbers }, n) => {
      numbers[n + d] = compute(numbers[n + a] as number, numbers[n + b] as number);
    };
}

function unary(compute: (x: number) => number): StepMaker {
  return (d, a) =>
    ({ numbers }, n) => {
      numbers[n + d] = compute(numbers[n + a] as number);
    };
}

/** An int32 result, sign-extended. */
function setInt32(halves: Int32Array, register: number, value: number): void {
  halves[2 * register + low] = value;
  halves[2 * register + high] = value >> 31;
}

function int32(compute: (x: number, y: number) => number): StepMaker {
  return (d, a, b) =>
    ({ halves }, n) => {
      const x = halves[2 * (n + a) + low] as number;
      const y = halves[2 * (n + b) + low] as number;
      setInt32(halves, n + d, compute(x, y));
    };
}

function bitwise(compute: (x: number, y: number) => number): StepMaker {
  return (d, a, b) =>
    ({ halves }, n) => {
      const [to, x, y] = [2 * (n + d), 2 * (n + a), 2 * (n + b)];
      const first = compute(halves[x] as number, halves[y] as number);
      halves[to + 1] = compute(halves[x + 1] as number, halves[y + 1] as number);
      halves[to] = first;
    };
}

/** Of the halves of two integers, the high ones signed, the low ones unsigned. */
function compared(
  compute: (high: number, low: number, otherHigh: number, otherLow: number) => boolean,
): StepMaker {
  return (d, a, b) =>
    ({ numbers, halves }, n) => {
      const [x, y] = [2 * (n + a), 2 * (n + b)];
      const holds = compute(
        halves[x + high] as number,
        (halves[x + low] as number) >>> 0,
        halves[y + high] as number,
        (halves[y + low] as number) >>> 0,
      );
      numbers[n + d] = holds ? 1 : 0;
    };
}

/** From the low half alone. */
function extended(compute: (lower: number) => number): StepMaker {
  return (d, a) =>
    ({ halves }, n) => {
      setInt32(halves, n + d, compute(halves[2 * (n + a) + low] as number));
    };
}

/** Stored to 64 bits, whatever comes of it. */
function integers64(compute: (x: bigint, y: bigint) => bigint): StepMaker {
  return (d, a, b) =>
    ({ integers }, n) => {
      integers[n + d] = compute(integers[n + a] as bigint, integers[n + b] as bigint);
    };
}

const makers = slots<StepMaker>(opcodes.length);

function make(opcode: Opcode, maker: StepMaker): void {
  makers[opcode.index] = maker;
}

make(op.fadd, (d, a, b) => ({ numbers }, n) => {
  numbers[n + d] = (numbers[n + a] as number) + (numbers[n + b] as number);
});
make(op.fsub, (d, a, b) => ({ numbers }, n) => {
  numbers[n + d] = (numbers[n + a] as number) - (numbers[n + b] as number);
});
make(op.fmul, (d, a, b) => ({ numbers }, n) => {
  numbers[n + d] = (numbers[n + a] as number) * (numbers[n + b] as number);
});
make(op.fdiv, (d, a, b) => ({ numbers }, n) => {
  numbers[n + d] = (numbers[n + a] as number) / (numbers[n + b] as number);
});
make(op.fneg, (d, a) => ({ numbers }, n) => {
  numbers[n + d] = -(numbers[n + a] as number);
});
make(
  op.frem,
  binary((x, y) => x % y),
);
make(
  op.fabs,
  unary((x) => Math.abs(x)),
);
make(
  op.fsqrt,
  unary((x) => Math.sqrt(x)),
);
make(
  op.ffloor,
  unary((x) => Math.floor(x)),
);
make(
  op.fceil,
  unary((x) => Math.ceil(x)),
);
make(
  op.ftrunc,
  unary((x) => Math.trunc(x)),
);
make(
  op.fround,
  unary((x) => Math.round(x)),
);
make(
  op.fsign,
  unary((x) => Math.sign(x)),
);
make(
  op.fdemote,
  unary((x) => Math.fround(x)),
);
make(
  op.fmin,
  binary((x, y) => Math.min(x, y)),
);
make(
  op.fmax,
  binary((x, y) => Math.max(x, y)),
);
make(
  op.feq,
  binary((x, y) => (x === y ? 1 : 0)),
);
make(
  op.fne,
  binary((x, y) => (x !== y ? 1 : 0)),
);
make(
  op.flt,
  binary((x, y) => (x < y ? 1 : 0)),
);
make(
  op.fle,
  binary((x, y) => (x <= y ? 1 : 0)),
);
make(
  op.fgt,
  binary((x, y) => (x > y ? 1 : 0)),
);
make(
  op.fge,
  binary((x, y) => (x >= y ? 1 : 0)),
);
make(
  op.band,
  binary((x, y) => x * y),
);
make(
  op.bor,
  binary((x, y) => Math.max(x, y)),
);
make(
  op.bxor,
  binary((x, y) => Math.abs(x - y)),
);
make(
  op.bnot,
  unary((x) => 1 - x),
);
make(
  op.btof,
  unary((x) => x),
);
make(
  op.iand,
  bitwise((x, y) => x & y),
);
make(
  op.ior,
  bitwise((x, y) => x | y),
);
make(
  op.ixor,
  bitwise((x, y) => x ^ y),
);
// By halves: a number that is a NaN need not keep its bits.
make(
  op.fbitand,
  bitwise((x, y) => x & y),
);
make(
  op.fbitandnot,
  bitwise((x, y) => ~x & y),
);
make(
  op.fbitor,
  bitwise((x, y) => x | y),
);
make(
  op.fbitxor,
  bitwise((x, y) => x ^ y),
);
make(op.bbits, (d, a) => ({ numbers, halves }, n) => {
  const bits = numbers[n + a] !== 0 ? -1 : 0;
  halves[2 * (n + d)] = bits;
  halves[2 * (n + d) + 1] = bits;
});
make(
  op.ishl32,
  int32((x, y) => x << y),
);
make(
  op.isar32,
  int32((x, y) => x >> y),
);
make(
  op.imul32,
  int32((x, y) => Math.imul(x, y)),
);
make(
  op.iadd32,
  int32((x, y) => (x + y) | 0),
);
make(
  op.isub32,
  int32((x, y) => (x - y) | 0),
);
make(
  op.idiv32,
  int32((x, y) => (x / y) | 0),
);
make(
  op.irem32,
  int32((x, y) => (y === 0 ? x : (x % y) | 0)),
);
make(
  op.isext8,
  extended((x) => (x << 24) >> 24),
);
make(
  op.isext16,
  extended((x) => (x << 16) >> 16),
);
make(
  op.isext32,
  extended((x) => x),
);
make(op.izext32, (d, a) => ({ halves }, n) => {
  halves[2 * (n + d) + low] = halves[2 * (n + a) + low] as number;
  halves[2 * (n + d) + high] = 0;
});
make(
  op.ieq,
  compared((x1, x0, y1, y0) => x1 === y1 && x0 === y0),
);
make(
  op.ine,
  compared((x1, x0, y1, y0) => x1 !== y1 || x0 !== y0),
);
make(
  op.ilt,
  compared((x1, x0, y1, y0) => x1 < y1 || (x1 === y1 && x0 < y0)),
);
make(
  op.ile,
  compared((x1, x0, y1, y0) => x1 < y1 || (x1 === y1 && x0 <= y0)),
);
make(
  op.igt,
  compared((x1, x0, y1, y0) => x1 > y1 || (x1 === y1 && x0 > y0)),
);
make(
  op.ige,
  compared((x1, x0, y1, y0) => x1 > y1 || (x1 === y1 && x0 >= y0)),
);
make(
  op.iult,
  compared((x1, x0, y1, y0) => x1 >>> 0 < y1 >>> 0 || (x1 === y1 && x0 < y0)),
);
make(
  op.iule,
  compared((x1, x0, y1, y0) => x1 >>> 0 < y1 >>> 0 || (x1 === y1 && x0 <= y0)),
);
make(
  op.iadd,
  integers64((x, y) => x + y),
);
make(
  op.isub,
  integers64((x, y) => x - y),
);
make(
  op.imul,
  integers64((x, y) => x * y),
);
make(
  op.ishl,
  integers64((x, y) => x << (y & 63n)),
);
make(
  op.isar,
  integers64((x, y) => x >> (y & 63n)),
);
make(op.ishr32, (d, a, b) => ({ halves }, n) => {
  const shifted = (halves[2 * (n + a) + low] as number) >>> (halves[2 * (n + b) + low] as number);
  halves[2 * (n + d) + low] = shifted;
  halves[2 * (n + d) + high] = 0;
});
make(op.ftoi32, (d, a) => ({ numbers, halves }, n) => {
  setInt32(halves, n + d, (numbers[n + a] as number) | 0);
});
make(op.itof, (d, a) => ({ numbers, halves }, n) => {
  // One rounding, in the addition: the high half times 2^32 is exact.
  const upper = (halves[2 * (n + a) + high] as number) * 2 ** 32;
  numbers[n + d] = upper + ((halves[2 * (n + a) + low] as number) >>> 0);
});

/** What the table has for the integer in a register. */
export function chosen<T>(
  { halves, integers }: Registers,
  register: number,
  { words, wide }: { readonly words: ReadonlyMap<number, T>; readonly wide: ReadonlyMap<bigint, T> },
): T | undefined {
  const word = halves[2 * register + low] as number;
  if (halves[2 * register + high] === word >> 31) return words.get(word);
  return wide.size === 0 ? undefined : wide.get(integers[register] as bigint);
}

/** `types` are those of the operands. */
export function makeStep(
  opcode: Opcode,
  d: number,
  operands: readonly number[],
  types: readonly Type[],
  type: Type,
): Step {
  const [a = 0, b = 0, c = 0] = operands;
  if (opcode === op.select) return makeSelect(d, a, b, c, type);
  const maker = makers[opcode.index];
  if (maker !== undefined) return maker(d, a, b, c);
  const evaluate = opcode.evaluate as ((...operands: Datum[]) => Datum) | undefined;
  invariant(evaluate !== undefined, `${opcode.name} has no definition to run`);
  const places = operands.map((register, index) => ({ register, type: types.at(index) ?? 'f64' }));
  return (registers, n) => {
    const data = places.map((place) => registers.read(place.type, n + place.register));
    registers.write(n + d, evaluate(...data));
  };
}

function makeSelect(d: number, c: number, a: number, b: number, type: Type): Step {
  return (registers, n) => {
    registers.copy(type, n + d, n + (registers.numbers[n + c] !== 0 ? a : b));
  };
}

/** Is one of `lanes` truth values from register `a` on true? */
export function makeAny(d: number, a: number, lanes: number): Step {
  return ({ numbers }, n) => {
    let any = 0;
    for (let lane = 0; lane < lanes; lane++) if (numbers[n + a + lane] !== 0) any = 1;
    numbers[n + d] = any;
  };
}

/** One for each lane of a type. */
export function eachLane<T>(type: Type, make: (lane: number) => T): T[] {
  return Array.from(slots(lanesOf(type)), (_, lane) => make(lane));
}

/** A function of the math library. */
export function makeMathStep(evaluate: MathEvaluation, d: number, operands: readonly number[]): Step {
  const [a = 0, b = 0] = operands;
  if (operands.length === 1) {
    return ({ numbers }, n) => {
      numbers[n + d] = evaluate(numbers[n + a] as number);
    };
  }
  if (operands.length === 2) {
    return ({ numbers }, n) => {
      numbers[n + d] = evaluate(numbers[n + a] as number, numbers[n + b] as number);
    };
  }
  return ({ numbers }, n) => {
    numbers[n + d] = evaluate(...operands.map((register) => numbers[n + register] as number));
  };
}

/** What a row of a table of the math library has in one of its columns. */
export function makeLookup(place: string, d: number, a: number): Step {
  const { table, column } = tableColumn(place);
  const { values, rows, columns } = table;
  return ({ numbers, halves }, n) => {
    const row = (halves[2 * (n + a) + low] as number) & (rows - 1);
    numbers[n + d] = values[row * columns + column] as number;
  };
}

/** Copies one register to another. */
export function makeMove(d: number, a: number, type: Type): Step {
  if (type === 'i64') {
    return ({ integers }, n) => {
      integers[n + d] = integers[n + a] as bigint;
    };
  }
  return ({ numbers }, n) => {
    numbers[n + d] = numbers[n + a] as number;
  };
}

export function makeConstant(d: number, constant: Datum): Step {
  if (typeof constant === 'bigint') {
    return ({ integers }, n) => {
      integers[n + d] = constant;
    };
  }
  const value = Number(constant);
  return ({ numbers }, n) => {
    numbers[n + d] = value;
  };
}
