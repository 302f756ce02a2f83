/**
 * Pure operations of IR as instructions of WebAssembly, for one lane and for two.
 *
 * The tables have those that one instruction does with its operands in order; the rest is written out below.
 */
import { bitsOf } from '../../support/float.ts';
import { invariant } from '../../support/invariant.ts';
import { divisionOf } from '../ir/division.ts';
import type { Value } from '../ir/function.ts';
import { type Opcode, op, opcodes } from '../ir/opcode.ts';
import { elementOf, lanesOf } from '../ir/type.ts';
import { encodeDivision } from './division-encoder.ts';
import type { FunctionSink } from './function-sink.ts';
import type { WasmName } from './instruction.ts';
import { tableAddress } from './memory-layout.ts';
import type { OperandWriter } from './operand-writer.ts';

const scalar: (WasmName | undefined)[] = opcodes.map(() => undefined);
const lanes: (WasmName | undefined)[] = opcodes.map(() => undefined);

function define(opcode: Opcode, one: WasmName | undefined, two?: WasmName): void {
  scalar[opcode.index] = one;
  lanes[opcode.index] = two;
}

define(op.fadd, 'f64.add', 'f64x2.add');
define(op.fsub, 'f64.sub', 'f64x2.sub');
define(op.fmul, 'f64.mul', 'f64x2.mul');
define(op.fdiv, 'f64.div', 'f64x2.div');
define(op.fsqrt, 'f64.sqrt', 'f64x2.sqrt');
define(op.fneg, 'f64.neg', 'f64x2.neg');
define(op.fabs, 'f64.abs', 'f64x2.abs');
define(op.ffloor, 'f64.floor', 'f64x2.floor');
define(op.fceil, 'f64.ceil', 'f64x2.ceil');
define(op.ftrunc, 'f64.trunc', 'f64x2.trunc');
define(op.fmin, 'f64.min', 'f64x2.min');
define(op.fmax, 'f64.max', 'f64x2.max');
define(op.fcopysign, 'f64.copysign');
define(op.feq, 'f64.eq', 'f64x2.eq');
define(op.fne, 'f64.ne', 'f64x2.ne');
define(op.flt, 'f64.lt', 'f64x2.lt');
define(op.fle, 'f64.le', 'f64x2.le');
define(op.fgt, 'f64.gt', 'f64x2.gt');
define(op.fge, 'f64.ge', 'f64x2.ge');
define(op.band, 'i32.and', 'v128.and');
define(op.bor, 'i32.or', 'v128.or');
define(op.bxor, 'i32.xor', 'v128.xor');
define(op.bnot, 'i32.eqz', 'v128.not');
define(op.btof, 'f64.convert_i32_u');
define(op.iadd, 'i64.add', 'i64x2.add');
define(op.isub, 'i64.sub', 'i64x2.sub');
define(op.imul, 'i64.mul');
define(op.iand, 'i64.and', 'v128.and');
define(op.ior, 'i64.or', 'v128.or');
define(op.ixor, 'i64.xor', 'v128.xor');
define(op.ieq, 'i64.eq');
define(op.ine, 'i64.ne');
define(op.ilt, 'i64.lt_s');
define(op.ile, 'i64.le_s');
define(op.igt, 'i64.gt_s');
define(op.ige, 'i64.ge_s');
define(op.iult, 'i64.lt_u');
define(op.iule, 'i64.le_u');
define(op.ishl, 'i64.shl');
define(op.ishr, 'i64.shr_u');
define(op.isar, 'i64.shr_s');
define(op.itof, 'f64.convert_i64_s');
define(op.isext8, 'i64.extend8_s');
define(op.isext16, 'i64.extend16_s');
define(op.isext32, 'i64.extend32_s');
define(op.fasi, 'i64.reinterpret_f64');
define(op.iasf, 'f64.reinterpret_i64');
define(op.fbitand, undefined, 'v128.and');
define(op.fbitor, undefined, 'v128.or');
define(op.fbitxor, undefined, 'v128.xor');

const least = -(2n ** 63n);

/** Both lanes have the bits of 1. */
const oneBits = bitsOf(1);

/** Leaves the value of a pure operation on the stack. */
export function encodeOperation(value: Value, writer: OperandWriter): void {
  const { op: opcode, operands } = value;
  invariant(opcode !== undefined, `v${value.id} is an operation`);
  const name = (lanesOf(value.type) > 1 ? lanes : scalar)[opcode.index];
  if (name !== undefined) {
    for (const operand of operands) writer.push(operand);
    writer.sink.op(name);
  } else if (lanesOf(value.type) > 1) {
    encodeLanes(value, writer);
  } else {
    encodeScalar(value, writer);
  }
}

/** A constant, or what is like one. */
export function encodeConstant({ op: opcode, type, immediate }: Value, sink: FunctionSink): void {
  const isOnLanes = lanesOf(type) > 1;
  switch (opcode) {
    case op.fconst:
      if (isOnLanes) sink.lanes(bitsOf(Number(immediate)));
      else sink.double(Number(immediate));
      return;
    case op.fbits:
      if (isOnLanes) sink.lanes(BigInt.asIntN(64, immediate as bigint));
      else {
        sink.long(BigInt.asIntN(64, immediate as bigint));
        sink.op('f64.reinterpret_i64');
      }
      return;
    case op.iconst:
      if (isOnLanes) sink.lanes(immediate as bigint);
      else sink.long(immediate as bigint);
      return;
    case op.bconst:
      if (isOnLanes) sink.lanes(immediate === true ? -1n : 0n);
      else sink.int(immediate === true ? 1 : 0);
      return;
    case op.iota:
      sink.lanes(0n, oneBits);
      return;
    case op.tableaddress:
      sink.long(BigInt(tableAddress(String(immediate))));
      return;
    default:
      invariant(false, `${opcode?.name} is no constant`);
  }
}

function encodeScalar(value: Value, writer: OperandWriter): void {
  const { op: opcode, operands } = value;
  const [x, y, z] = operands as [Value, Value, Value];
  const { sink } = writer;
  switch (opcode) {
    case op.select:
      writer.push(y);
      writer.push(z);
      writer.push(x);
      sink.op('select');
      return;
    case op.fdemote:
      writer.push(x);
      sink.op('f32.demote_f64');
      sink.op('f64.promote_f32');
      return;
    case op.fless:
    case op.fmore:
      writer.push(x);
      writer.push(y);
      writer.push(x);
      writer.push(y);
      sink.op(opcode === op.fless ? 'f64.lt' : 'f64.gt');
      sink.op('select');
      return;
    case op.funordered:
      for (const operand of [x, y]) {
        writer.push(operand);
        writer.push(operand);
        sink.op('f64.ne');
      }
      sink.op('i32.or');
      return;
    case op.ftoi:
      // What does not fit is the least integer, also above.
      writer.push(x);
      sink.op('i64.trunc_sat_f64_s');
      sink.long(least);
      writer.push(x);
      sink.op('f64.abs');
      sink.double(2 ** 63);
      sink.op('f64.lt');
      sink.op('select');
      return;
    case op.ishl32:
    case op.isar32:
    case op.imul32:
    case op.iadd32:
    case op.isub32:
      encodeHalves(x, y, ofHalves.get(opcode) as WasmName, writer);
      sink.op('i64.extend_i32_s');
      return;
    case op.ishr32:
      encodeHalves(x, y, 'i32.shr_u', writer);
      sink.op('i64.extend_i32_u');
      return;
    case op.imulu32:
      for (const operand of [x, y]) {
        writer.push(operand);
        sink.long(0xffff_ffffn);
        sink.op('i64.and');
      }
      sink.op('i64.mul');
      return;
    case op.izext32:
      writer.push(x);
      sink.op('i32.wrap_i64');
      sink.op('i64.extend_i32_u');
      return;
    case op.iclz32:
      writer.push(x);
      sink.op('i32.wrap_i64');
      sink.op('i32.clz');
      sink.op('i64.extend_i32_u');
      return;
    case op.fbitand:
    case op.fbitandnot:
    case op.fbitor:
    case op.fbitxor:
      encodeBits(opcode, x, y, writer);
      return;
    case op.bbits:
      encodeAllBits(x, writer);
      sink.op('f64.reinterpret_i64');
      return;
    case op.any:
      writer.push(x);
      if (lanesOf(x.type) > 1) sink.op('v128.any_true');
      return;
    case op.keep:
      writer.push(x);
      return;
    case op.ilane:
      writer.push(x);
      sink.lane('i64x2.extract_lane', Number(value.immediate));
      return;
    default:
      invariant(divisionOf(opcode) !== undefined, `WebAssembly has no ${opcode?.name} of one lane`);
      encodeDivision(value, writer);
  }
}

/** What gives a low half that is to be sign-extended. */
const ofHalves: ReadonlyMap<Opcode, WasmName> = new Map([
  [op.ishl32, 'i32.shl'],
  [op.isar32, 'i32.shr_s'],
  [op.imul32, 'i32.mul'],
  [op.iadd32, 'i32.add'],
  [op.isub32, 'i32.sub'],
]);

/** An operation on the low halves of two integers. */
function encodeHalves(x: Value, y: Value, name: WasmName, { sink, push }: OperandWriter): void {
  for (const operand of [x, y]) {
    push(operand);
    sink.op('i32.wrap_i64');
  }
  sink.op(name);
}

/** Bits of doubles; a mask that is made of a truth value here is a choice. */
function encodeBits(opcode: Opcode, x: Value, y: Value, writer: OperandWriter): void {
  const { sink } = writer;
  const isMask = (value: Value): boolean => value.op === op.bbits && writer.isInline(value);
  const condition = ({ operands }: Value): void => writer.push(operands[0] as Value);
  if (opcode === op.fbitand && (isMask(x) || isMask(y))) {
    const [mask, other] = isMask(x) ? [x, y] : [y, x];
    writer.push(other);
    sink.double(0);
    condition(mask);
    sink.op('select');
    return;
  }
  if (opcode === op.fbitandnot && isMask(x)) {
    sink.double(0);
    writer.push(y);
    condition(x);
    sink.op('select');
    return;
  }
  writer.push(x);
  sink.op('i64.reinterpret_f64');
  if (opcode === op.fbitandnot) {
    sink.long(-1n);
    sink.op('i64.xor');
  }
  writer.push(y);
  sink.op('i64.reinterpret_f64');
  sink.op(opcode === op.fbitor ? 'i64.or' : opcode === op.fbitxor ? 'i64.xor' : 'i64.and');
  sink.op('f64.reinterpret_i64');
}

/** All bits of an integer where true, none where false. */
function encodeAllBits(condition: Value, { sink, push }: OperandWriter): void {
  sink.int(0);
  push(condition);
  sink.op('i32.sub');
  sink.op('i64.extend_i32_s');
}

/** The low halves of both lanes, side by side. */
const lowHalves = [0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11];
const evenLanes = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
const oddLanes = evenLanes.map((byte) => byte + 8);

function encodeLanes(value: Value, writer: OperandWriter): void {
  const { op: opcode, operands } = value;
  const [x, y, z] = operands as [Value, Value, Value];
  const { sink } = writer;
  switch (opcode) {
    case op.select:
      writer.push(y);
      writer.push(z);
      writer.push(x);
      sink.op('v128.bitselect');
      return;
    case op.fdemote:
      writer.push(x);
      sink.op('f32x4.demote_f64x2_zero');
      sink.op('f64x2.promote_low_f32x4');
      return;
    // `pmin` and `pmax` give their first operand if one is a NaN or both are zeros.
    case op.fless:
    case op.fmore:
      writer.push(y);
      writer.push(x);
      sink.op(opcode === op.fless ? 'f64x2.pmin' : 'f64x2.pmax');
      return;
    case op.funordered:
      for (const operand of [x, y]) {
        writer.push(operand);
        writer.push(operand);
        sink.op('f64x2.ne');
      }
      sink.op('v128.or');
      return;
    case op.fbitandnot:
    case op.bandnot:
      writer.push(y);
      writer.push(x);
      sink.op('v128.andnot');
      return;
    case op.bbits:
    case op.fasi:
    case op.iasf:
    case op.keep:
      writer.push(x);
      return;
    case op.btof:
      writer.push(x);
      sink.lanes(oneBits);
      sink.op('v128.and');
      return;
    case op.isext32:
      writer.push(x);
      pushLowHalves(sink);
      sink.op('i64x2.extend_low_i32x4_s');
      return;
    case op.imulu32:
      for (const operand of [x, y]) {
        writer.push(operand);
        pushLowHalves(sink);
      }
      sink.op('i64x2.extmul_low_i32x4_u');
      return;
    case op.ishl:
    case op.ishr:
    case op.isar32:
      invariant(y.op === op.iconst, 'lanes are shifted by constants');
      writer.push(x);
      sink.int(Number((y.immediate as bigint) & 63n));
      sink.op(opcode === op.ishl ? 'i64x2.shl' : opcode === op.ishr ? 'i64x2.shr_u' : 'i64x2.shr_s');
      return;
    case op.fevens:
    case op.fodds:
      writer.push(x);
      writer.push(y);
      sink.shuffle(opcode === op.fevens ? evenLanes : oddLanes);
      return;
    case op.splat:
      encodeSplat(x, writer);
      return;
    default:
      invariant(false, `WebAssembly has no ${opcode?.name} of two lanes`);
  }
}

/** Both low halves into the lower 64 bits. */
function pushLowHalves(sink: FunctionSink): void {
  // A shuffle takes two operands, and here reads the first alone.
  sink.lanes(0n);
  sink.shuffle(lowHalves);
}

function encodeSplat(x: Value, writer: OperandWriter): void {
  const { sink } = writer;
  switch (elementOf(x.type)) {
    case 'f64':
      writer.push(x);
      sink.op('f64x2.splat');
      return;
    case 'i64':
      writer.push(x);
      sink.op('i64x2.splat');
      return;
    default:
      encodeAllBits(x, writer);
      sink.op('i64x2.splat');
  }
}
