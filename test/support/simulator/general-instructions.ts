/** Instructions on general registers. */
import { elementAt } from '../../../src/support/element.ts';
import { conditionNames, type Flags } from './flags.ts';
import { readerOf, sizeOf, writerTo } from './general-operands.ts';
import { type Semantics, type SemanticsTable, UnknownInstructionError } from './semantics.ts';

/** A result without its carries, modulo the width later on; sets the flags. */
type Arithmetic = (x: bigint, y: bigint, bits: number, flags: Flags) => bigint;

const add: Arithmetic = (x, y, bits, flags) => {
  const result = BigInt.asUintN(bits, x + y);
  const overflow = BigInt.asIntN(bits, x) + BigInt.asIntN(bits, y) !== BigInt.asIntN(bits, result);
  flags.setResult(result, bits, result < x, overflow);
  return result;
};

const subtract: Arithmetic = (x, y, bits, flags) => {
  const result = BigInt.asUintN(bits, x - y);
  const overflow = BigInt.asIntN(bits, x) - BigInt.asIntN(bits, y) !== BigInt.asIntN(bits, result);
  flags.setResult(result, bits, x < y, overflow);
  return result;
};

const logical =
  (compute: (x: bigint, y: bigint) => bigint): Arithmetic =>
  (x, y, bits, flags) => {
    const result = BigInt.asUintN(bits, compute(x, y));
    flags.setResult(result, bits, false, false);
    return result;
  };

const multiply: Arithmetic = (x, y, bits, flags) => {
  const product = BigInt.asIntN(bits, x) * BigInt.asIntN(bits, y);
  const result = BigInt.asUintN(bits, product);
  const isWide = product !== BigInt.asIntN(bits, result);
  flags.set({ carry: isWide, overflow: isWide });
  return result;
};

/** `shifted` gives the result and the last bit that was shifted out; the count is not 0. */
const shift =
  (
    shifted: (x: bigint, count: bigint, bits: number) => readonly [result: bigint, carry: bigint],
  ): Arithmetic =>
  (x, y, bits, flags) => {
    const count = y & (bits === 64 ? 63n : 31n);
    if (count === 0n) return x;
    const [wide, carry] = shifted(x, count, bits);
    const result = BigInt.asUintN(bits, wide);
    const isSignChanged = BigInt.asIntN(bits, x ^ result) < 0n;
    flags.setResult(result, bits, (carry & 1n) === 1n, count === 1n ? isSignChanged : undefined);
    return result;
  };

const plain = (x: bigint): bigint => x;
const signed = (x: bigint, bits: number): bigint => BigInt.asIntN(bits, x);

/** The first operand of two becomes what `compute` makes of both. */
const binary =
  (compute: Arithmetic): Semantics =>
  (machine, instruction) => {
    const [destination, source] = instruction.operands;
    const size = sizeOf(instruction, destination);
    const x = readerOf(machine, instruction, destination);
    const y = readerOf(machine, instruction, source);
    const assign = writerTo(machine, instruction, destination);
    return () => assign(compute(x(), BigInt.asUintN(size * 8, y()), size * 8, machine.flags));
  };

/** Only the flags count. */
const comparison =
  (compute: Arithmetic): Semantics =>
  (machine, instruction) => {
    const [first, second] = instruction.operands;
    const size = sizeOf(instruction, first);
    const x = readerOf(machine, instruction, first);
    const y = readerOf(machine, instruction, second);
    return () => {
      compute(x(), BigInt.asUintN(size * 8, y()), size * 8, machine.flags);
    };
  };

/** The first operand becomes what `compute` makes of the second. */
const move =
  (compute: (x: bigint, bits: number) => bigint): Semantics =>
  (machine, instruction) => {
    const [destination, source] = instruction.operands;
    const x = readerOf(machine, instruction, source);
    const bits = source?.kind === 'immediate' ? 64 : sizeOf(instruction, source) * 8;
    const assign = writerTo(machine, instruction, destination);
    return () => assign(compute(x(), bits));
  };

const product: Semantics = (machine, instruction) => {
  const { operands } = instruction;
  if (operands.length === 1) throw new UnknownInstructionError(instruction);
  const [destination] = operands;
  const bits = sizeOf(instruction, destination) * 8;
  const x = readerOf(machine, instruction, operands.at(-2));
  const y = readerOf(machine, instruction, operands.at(-1));
  const assign = writerTo(machine, instruction, destination);
  return () => assign(multiply(x(), BigInt.asUintN(bits, y()), bits, machine.flags));
};

const negate: Semantics = (machine, instruction) => {
  const [operand] = instruction.operands;
  const bits = sizeOf(instruction, operand) * 8;
  const x = readerOf(machine, instruction, operand);
  const assign = writerTo(machine, instruction, operand);
  return () => assign(subtract(0n, x(), bits, machine.flags));
};

/** Numbers of `rax` and `rdx`. */
const [accumulator, upper] = [0, 2];

/** Copies of the sign of the accumulator. */
const spreadSign =
  (bits: number): Semantics =>
  ({ general }) =>
  () => {
    const isNegative = BigInt.asIntN(bits, elementAt(general, accumulator)) < 0n;
    general[upper] = isNegative ? BigInt.asUintN(bits, -1n) : 0n;
  };

const division =
  (isSigned: boolean): Semantics =>
  (machine, instruction) => {
    const [operand] = instruction.operands;
    const bits = sizeOf(instruction, operand) * 8;
    if (bits < 32) throw new UnknownInstructionError(instruction);
    const divisor = readerOf(machine, instruction, operand);
    const { general, flags } = machine;
    const as = (size: number, x: bigint): bigint =>
      isSigned ? BigInt.asIntN(size, x) : BigInt.asUintN(size, x);
    const half = (id: number): bigint => BigInt.asUintN(bits, elementAt(general, id));
    return () => {
      const x = as(2 * bits, (half(upper) << BigInt(bits)) | half(accumulator));
      const y = as(bits, divisor());
      const quotient = y === 0n ? undefined : x / y;
      if (quotient === undefined || as(bits, quotient) !== quotient) throw new Error('the division traps');
      general[accumulator] = BigInt.asUintN(bits, quotient);
      general[upper] = BigInt.asUintN(bits, x % y);
      flags.set({});
    };
  };

const invert: Semantics = (machine, instruction) => {
  const [operand] = instruction.operands;
  const x = readerOf(machine, instruction, operand);
  const assign = writerTo(machine, instruction, operand);
  return () => assign(~x());
};

/** The sum itself, which need not be an address. */
const lea: Semantics = (machine, instruction) => {
  const [destination, source] = instruction.operands;
  if (source?.kind !== 'memory') throw new UnknownInstructionError(instruction);
  const { base, index, scale, displacement } = source;
  const assign = writerTo(machine, instruction, destination);
  const register = (id: number): bigint => (id < 0 ? 0n : elementAt(machine.general, id));
  return () => assign(register(base) + register(index) * BigInt(scale) + BigInt(displacement));
};

const bitScanReverse: Semantics = (machine, instruction) => {
  const [destination, source] = instruction.operands;
  const x = readerOf(machine, instruction, source);
  const assign = writerTo(machine, instruction, destination);
  return () => {
    const value = x();
    if (value === 0n) throw new Error('the highest bit of 0 is undefined');
    machine.flags.set({ zero: false });
    assign(BigInt(value.toString(2).length - 1));
  };
};

const bitScanForward: Semantics = (machine, instruction) => {
  const [destination, source] = instruction.operands;
  const x = readerOf(machine, instruction, source);
  const assign = writerTo(machine, instruction, destination);
  return () => {
    const value = x();
    machine.flags.set({ zero: value === 0n });
    // Of zero the destination is undefined.
    if (value !== 0n) assign(BigInt(value.toString(2).length - 1 - value.toString(2).lastIndexOf('1')));
  };
};

const setter =
  (condition: string): Semantics =>
  (machine, instruction) => {
    const assign = writerTo(machine, instruction, instruction.operands.at(0));
    return () => assign(machine.flags.holds(condition) ? 1n : 0n);
  };

/** Reads its source whether it moves or not, and clears the upper half for 32 bits either way. */
const conditionalMove =
  (condition: string): Semantics =>
  (machine, instruction) => {
    const [destination, source] = instruction.operands;
    const kept = readerOf(machine, instruction, destination);
    const moved = readerOf(machine, instruction, source);
    const assign = writerTo(machine, instruction, destination);
    return () => {
      const value = moved();
      assign(machine.flags.holds(condition) ? value : kept());
    };
  };

const conditional = (prefix: string, make: (condition: string) => Semantics): SemanticsTable =>
  Object.fromEntries(conditionNames.map((condition) => [`${prefix}${condition}`, make(condition)]));

export const generalInstructions: SemanticsTable = {
  mov: move(plain),
  movzx: move(plain),
  movsx: move(signed),
  movsxd: move(signed),
  lea,
  add: binary(add),
  sub: binary(subtract),
  and: binary(logical((x, y) => x & y)),
  or: binary(logical((x, y) => x | y)),
  xor: binary(logical((x, y) => x ^ y)),
  cmp: comparison(subtract),
  test: comparison(logical((x, y) => x & y)),
  neg: negate,
  imul: product,
  cdq: spreadSign(32),
  cqo: spreadSign(64),
  div: division(false),
  idiv: division(true),
  not: invert,
  shl: binary(shift((x, count, bits) => [x * 2n ** count, x >> (BigInt(bits) - count)])),
  shr: binary(shift((x, count) => [x >> count, x >> (count - 1n)])),
  sar: binary(shift((x, count, bits) => [signed(x, bits) >> count, signed(x, bits) >> (count - 1n)])),
  bsf: bitScanForward,
  bsr: bitScanReverse,
  ...conditional('set', setter),
  ...conditional('cmov', conditionalMove),
};
