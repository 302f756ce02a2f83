/**
 * Loads and stores: addresses of 32 bits, made of the words that IR has for them, and conversions of elements.
 *
 * A sum of a pointer and the distance of an element is taken modulo 2^32, since a pointer to a whole column may lie in front
 * of memory where only a part of the column is there. Only what is added to the number of an element that exists is left to the
 * instruction, which would not wrap around.
 */
import { invariant } from '../../support/invariant.ts';
import type { Value } from '../ir/function.ts';
import type { AccessType, MemoryType } from '../ir/memory-type.ts';
import { sizeOf } from '../ir/memory-type.ts';
import { op } from '../ir/opcode.ts';
import { lanesOf } from '../ir/type.ts';
import { elementPlace } from './element-place.ts';
import type { WasmName } from './instruction.ts';
import { tableAddress } from './memory-layout.ts';
import type { OperandWriter } from './operand-writer.ts';

/** What the instruction is told of an address: what to add, and how it is aligned, as a logarithm. */
interface Place {
  readonly offset: number;
  readonly alignment: number;
}

/** Elements of these become doubles, and doubles these. */
const scalarLoads: Readonly<Record<MemoryType, readonly WasmName[] | undefined>> = {
  f64: ['f64.load'],
  f32: ['f32.load', 'f64.promote_f32'],
  i8: ['i32.load8_s', 'f64.convert_i32_s'],
  u8: ['i32.load8_u', 'f64.convert_i32_s'],
  i16: ['i32.load16_s', 'f64.convert_i32_s'],
  u16: ['i32.load16_u', 'f64.convert_i32_s'],
  i32: ['i32.load', 'f64.convert_i32_s'],
  u32: ['i32.load', 'f64.convert_i32_u'],
  i64: ['i64.load'],
  u8c: undefined,
  mask: undefined,
};

/** What becomes of the low bytes of a vector into which both elements were loaded. */
const laneConversions: Readonly<Record<MemoryType, readonly WasmName[] | undefined>> = {
  f64: [],
  f32: ['f64x2.promote_low_f32x4'],
  i8: ['i16x8.extend_low_i8x16_s', 'i32x4.extend_low_i16x8_s', 'f64x2.convert_low_i32x4_s'],
  u8: ['i16x8.extend_low_i8x16_u', 'i32x4.extend_low_i16x8_u', 'f64x2.convert_low_i32x4_s'],
  i16: ['i32x4.extend_low_i16x8_s', 'f64x2.convert_low_i32x4_s'],
  u16: ['i32x4.extend_low_i16x8_u', 'f64x2.convert_low_i32x4_s'],
  i32: ['f64x2.convert_low_i32x4_s'],
  u32: ['f64x2.convert_low_i32x4_u'],
  i64: undefined,
  u8c: undefined,
  mask: undefined,
};

export function encodeLoad(value: Value, writer: OperandWriter): void {
  const { sink } = writer;
  const [base, index] = value.operands as [Value, Value];
  const type = value.immediate as MemoryType;
  invariant(value.operands.length === 2, 'WebAssembly has no masked loads');
  const size = sizeOf(type);
  if (lanesOf(value.type) === 1) {
    const names = scalarLoads[type];
    invariant(names !== undefined, `${type} is not loaded`);
    const place = pushAddress(base, index, size, writer);
    const [load, ...conversions] = names;
    sink.memory(load as WasmName, place.alignment, place.offset);
    for (const name of conversions) sink.op(name);
    return;
  }
  const conversions = laneConversions[type];
  invariant(conversions !== undefined, `${type} is not loaded`);
  const place = pushAddress(base, index, size, writer);
  if (size === 8) sink.memory('v128.load', place.alignment, place.offset);
  else if (size === 4) sink.memory('v128.load64_zero', place.alignment, place.offset);
  else if (size === 2) sink.memory('v128.load32_zero', place.alignment, place.offset);
  else {
    sink.lanes(0n);
    sink.memory('v128.load16_lane', place.alignment, place.offset, 0);
  }
  for (const name of conversions) sink.op(name);
}

/** Pairs of doubles: of two lanes there is one. */
export function encodePairs(value: Value, writer: OperandWriter): void {
  const [base, row] = value.operands as [Value, Value];
  invariant(value.operands.length === 2, 'two lanes are one pair');
  const { offset, alignment } = pushAddress(base, row, 8, writer);
  writer.sink.memory('v128.load', alignment, offset + Number(value.immediate) * 8);
}

const scalarStores: Readonly<Record<MemoryType, readonly WasmName[]>> = {
  f64: ['f64.store'],
  f32: ['f32.demote_f64', 'f32.store'],
  i8: ['i64.store8'],
  u8: ['i64.store8'],
  i16: ['i64.store16'],
  u16: ['i64.store16'],
  i32: ['i64.store32'],
  u32: ['i64.store32'],
  u8c: ['f64.nearest', 'i32.trunc_sat_f64_u', 'i32.store8'],
  mask: ['i32.store8'],
  i64: ['i64.store'],
};

/** Of the memory of a call: integers are extended to 64 bits. */
const callLoads: Readonly<Record<AccessType, readonly WasmName[]>> = {
  f64: ['f64.load'],
  f32: ['f32.load', 'f64.promote_f32'],
  i8: ['i64.load8_s'],
  u8: ['i64.load8_u'],
  i16: ['i64.load16_s'],
  u16: ['i64.load16_u'],
  i32: ['i64.load32_s'],
  u32: ['i64.load32_u'],
  i64: ['i64.load'],
};

/** Leaves what the memory of the call has. */
export function encodeRead({ operands, immediate }: Value, writer: OperandWriter): void {
  const [load, ...conversions] = callLoads[immediate as AccessType];
  pushPlace(operands[0] as Value, operands[1] as Value, writer);
  // Of any alignment.
  writer.sink.memory(load as WasmName, 0, 0);
  for (const name of conversions) writer.sink.op(name);
}

export function encodeWrite({ operands, immediate }: Value, writer: OperandWriter): void {
  const names = [...scalarStores[immediate as AccessType]];
  const store = names.pop() as WasmName;
  pushPlace(operands[0] as Value, operands[1] as Value, writer);
  writer.push(operands[2] as Value);
  for (const name of names) writer.sink.op(name);
  writer.sink.memory(store, 0, 0);
}

/** What is inside of memory has an address of 32 bits. */
function pushPlace(base: Value, offset: Value, writer: OperandWriter): void {
  for (const value of [base, offset]) {
    writer.push(value);
    writer.sink.op('i32.wrap_i64');
  }
  writer.sink.op('i32.add');
}

/** By size: the low bytes of both lanes, side by side. */
const packed: Readonly<Record<1 | 2 | 4, readonly number[]>> = {
  1: [0, 8, ...new Array<number>(14).fill(0)],
  2: [0, 1, 8, 9, ...new Array<number>(12).fill(0)],
  4: [0, 1, 2, 3, 8, 9, 10, 11, ...new Array<number>(8).fill(0)],
};

const clampedPacked = [0, 4, ...new Array<number>(14).fill(0)];

export function encodeStore(value: Value, writer: OperandWriter): void {
  const { sink } = writer;
  const [base, index, stored] = value.operands as [Value, Value, Value];
  const type = value.immediate as MemoryType;
  invariant(value.operands.length === 3, 'WebAssembly has no masked stores');
  const size = sizeOf(type);
  const place = pushAddress(base, index, size, writer);
  writer.push(stored);
  if (lanesOf(value.type) === 1) {
    const names = [...scalarStores[type]];
    const store = names.pop() as WasmName;
    for (const name of names) sink.op(name);
    sink.memory(store, place.alignment, place.offset);
    return;
  }
  if (type === 'f32') sink.op('f32x4.demote_f64x2_zero');
  if (size === 8) {
    invariant(type === 'f64', 'words are stored one by one');
    sink.memory('v128.store', place.alignment, place.offset);
    return;
  }
  if (type === 'u8c') {
    sink.op('f64x2.nearest');
    sink.op('i32x4.trunc_sat_f64x2_u_zero');
  }
  if (type === 'mask') {
    sink.lanes(1n);
    sink.op('v128.and');
  }
  if (type !== 'f32') {
    sink.lanes(0n);
    sink.shuffle(type === 'u8c' ? clampedPacked : packed[size]);
  }
  const name: WasmName =
    size === 4 ? 'v128.store64_lane' : size === 2 ? 'v128.store32_lane' : 'v128.store16_lane';
  sink.memory(name, place.alignment, place.offset, 0);
}

/** Leaves an address of 32 bits. */
function pushAddress(base: Value, index: Value, size: 1 | 2 | 4 | 8, writer: OperandWriter): Place {
  const { sink } = writer;
  const alignment = Math.log2(size);
  const { element, distance } = elementPlace(index);
  let offset = distance * size;
  if (element === undefined) {
    pushPointer(base, writer);
    return { offset: nonNegative(offset), alignment };
  }
  writer.push(element);
  sink.op('i32.wrap_i64');
  if (alignment > 0) {
    sink.int(alignment);
    sink.op('i32.shl');
  }
  if (base.op === op.tableaddress) offset += tableAddress(String(base.immediate));
  else {
    pushPointer(base, writer);
    sink.op('i32.add');
  }
  return { offset, alignment };
}

function pushPointer(base: Value, writer: OperandWriter): void {
  if (base.op === op.tableaddress) {
    writer.sink.int(tableAddress(String(base.immediate)));
    return;
  }
  writer.push(base);
  writer.sink.op('i32.wrap_i64');
}

function nonNegative(offset: number): number {
  invariant(offset >= 0, 'elements have numbers from 0 on');
  return offset;
}
