/** The element of a column at any row, in IR: what is beyond the rows depends on the edges. */
import type { IrBuilder } from '../jit/ir/builder.ts';
import { type HostFunction, hostNumber, type IrModule, type Value } from '../jit/ir/function.ts';
import { op } from '../jit/ir/opcode.ts';
import { elementAt } from '../support/element.ts';
import type { Edges } from './row-functions.ts';

/** Hears of a row that there is not, and throws. */
export const edgeHost: HostFunction = Object.freeze({ name: '$edge', arity: 1 });

/** `column` is the parameter for all elements, `rows` how many there are. */
export function emitElement(
  module: IrModule,
  builder: IrBuilder,
  edges: Edges,
  column: Value,
  rows: Value,
  row: Value,
): Value {
  const element = (at: Value): Value => builder.emit(op.element, column, rows, at);
  switch (edges) {
    case 'clamp':
      return element(clamped(builder, row, rows));
    case 'wrap':
      return element(wrapped(builder, row, rows));
    case 'error':
      return checkedElement(module, builder, element, row, rows);
    default:
      return element(row);
  }
}

/** Calls the host for a row that there is not. */
function checkedElement(
  module: IrModule,
  builder: IrBuilder,
  element: (row: Value) => Value,
  row: Value,
  rows: Value,
): Value {
  const host = hostNumber(module, edgeHost);
  const whole = builder.emit(op.ftrunc, row);
  const isFrom = builder.emit(op.fge, whole, builder.number(0));
  const isRow = builder.emit(op.band, isFrom, builder.emit(op.flt, whole, rows));
  const [inside, outside, join] = [
    builder.createBlock(),
    builder.createBlock(),
    builder.createBlock(['f64']),
  ];
  builder.branch(isRow, inside, outside);
  builder.moveTo(inside);
  builder.jump(join, element(row));
  builder.moveTo(outside);
  builder.jump(join, builder.callHost(host, row));
  builder.moveTo(join);
  return elementAt(join.parameters, 0);
}

function clamped(builder: IrBuilder, row: Value, rows: Value): Value {
  const [first, last] = [builder.number(0), builder.emit(op.fsub, rows, builder.number(1))];
  const from = builder.select(builder.emit(op.flt, row, first), first, row);
  return builder.select(builder.emit(op.fgt, from, last), last, from);
}

/** The quotient is rounded, so the rest may be one round of the rows too much or too little. */
function wrapped(builder: IrBuilder, row: Value, rows: Value): Value {
  const whole = builder.emit(op.ftrunc, row);
  const rounds = builder.emit(op.ffloor, builder.emit(op.fdiv, whole, rows));
  const rest = builder.emit(op.fsub, whole, builder.emit(op.fmul, rows, rounds));
  const isLess = builder.emit(op.flt, rest, builder.number(0));
  const least = builder.select(isLess, builder.emit(op.fadd, rest, rows), rest);
  const isMore = builder.emit(op.fge, least, rows);
  return builder.select(isMore, builder.emit(op.fsub, least, rows), least);
}
