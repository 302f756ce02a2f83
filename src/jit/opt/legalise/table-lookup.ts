/**
 * Lookups in tables of the math library.
 *
 * One lane loads what its index says. Two and four lanes load pairs of neighbouring columns, row by row, and sort them, so that
 * two columns cost little more than one. Eight lanes have a copy of the table behind it that stands column by column:
 * sixteen entries fit two registers, from which one instruction picks by lane.
 */
import { elementAt, slots } from '../../../support/element.ts';
import type { Value } from '../../ir/function.ts';
import { op } from '../../ir/opcode.ts';
import type { Table } from '../../math/table.ts';
import { columnOffset, pickedTogether } from '../../math/table-image.ts';
import { tableColumn } from '../../math/tables.ts';
import type { Expander } from './expander.ts';

export function lookUp(value: Value, expander: Expander): void {
  const { table, column } = tableColumn(String(value.immediate));
  const [index] = value.operands as [Value];
  const address = expander.append('i64', op.tableaddress, [], table.name);
  if (expander.lanes === 8) {
    pickByLane(value, expander, table, column, address, index);
    return;
  }
  const row = expander.emit(op.iand, index, expander.integer(BigInt(table.rows - 1)));
  const element = timesConstant(row, table.columns, expander);
  if (expander.lanes === 1) {
    const place = column === 0 ? element : expander.emit(op.iadd, element, expander.integer(BigInt(column)));
    expander.become(value, op.load, [address, place], 'f64');
    return;
  }
  const words = Array.from(slots(expander.lanes), (_, lane) =>
    expander.append('i64', op.ilane, [element], lane),
  );
  const [evens, odds] = [0, 1].map((parity) => {
    const rows = words.filter((_, lane) => lane % 2 === parity);
    return expander.append(value.type, op.pairs, [address, ...rows], column - (column % 2));
  }) as [Value, Value];
  expander.become(value, column % 2 === 0 ? op.fevens : op.fodds, [evens, odds]);
}

/** Times a small number, by shifts. */
function timesConstant(x: Value, factor: number, expander: Expander): Value {
  const terms: Value[] = [];
  for (let bit = 0; factor >> bit > 0; bit++) {
    if (((factor >> bit) & 1) === 0) continue;
    terms.push(bit === 0 ? x : expander.emit(op.ishl, x, expander.integer(BigInt(bit))));
  }
  return terms.reduce((sum, term) => expander.emit(op.iadd, sum, term));
}

/** From each sixteen entries of the column one, and of these one by the higher bits of the index. */
function pickByLane(
  value: Value,
  expander: Expander,
  table: Table,
  column: number,
  address: Value,
  index: Value,
): void {
  const start = columnOffset(table, column);
  const offsetOf = (part: number): number => (start + part * pickedTogether) * 8;
  const parts = Math.max(table.rows, pickedTogether) / pickedTogether;
  if (parts === 1) {
    expander.become(value, op.permute16, [address, index], offsetOf(0));
    return;
  }
  let picked = Array.from(slots(parts), (_, part) =>
    expander.append(value.type, op.permute16, [address, index], offsetOf(part)),
  );
  for (let bit = Math.log2(pickedTogether); ; bit++) {
    const isUpper = expander.append('maskx8', op.ibit, [index], bit);
    const choices = pairsOf(picked).map(([lower, upper]) => [isUpper, upper, lower]);
    const [last] = choices;
    if (choices.length === 1 && last !== undefined) {
      expander.become(value, op.select, last);
      return;
    }
    picked = choices.map((choice) => expander.append(value.type, op.select, choice));
  }
}

function pairsOf(values: readonly Value[]): [Value, Value][] {
  return Array.from(slots(values.length / 2), (_, i) => [
    elementAt(values, 2 * i),
    elementAt(values, 2 * i + 1),
  ]);
}
