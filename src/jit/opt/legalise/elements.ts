/**
 * Elements of columns by their row, which is any number: what is no row gives NaN.
 *
 * Nothing is loaded from beyond the rows, as row 0 is taken where there is none. Lanes load pairs of neighbouring doubles, of which
 * they keep the first; so behind a column there is room for another element.
 */
import { slots } from '../../../support/element.ts';
import { invariant } from '../../../support/invariant.ts';
import type { Value } from '../../ir/function.ts';
import { op } from '../../ir/opcode.ts';
import type { Expander } from './expander.ts';
import { chosenBits, isChoiceOfBits } from './signs.ts';

/** Added to an integer below it, 2^52 gives a double whose low bits are the integer. */
const shifter = 2 ** 52;

export function elementOfColumn(value: Value, expander: Expander): void {
  const { type } = value;
  const [column, count, row] = value.operands as [Value, Value, Value];
  const whole = expander.legal(type, op.ftrunc, [row]);
  const isRow = expander.emit(
    op.band,
    expander.emit(op.fge, whole, expander.number(0)),
    expander.emit(op.flt, whole, count),
  );
  const safe = expander.legal(type, op.select, [isRow, whole, expander.number(0)]);
  const shifted = expander.emit(op.fasi, expander.emit(op.fadd, safe, expander.number(shifter)));
  const number = expander.emit(op.iand, shifted, expander.integer(BigInt(shifter) - 1n));
  const found = load(value, expander, addressOf(column, expander), number);
  value.operands = [isRow, found, expander.number(Number.NaN)];
  if (isChoiceOfBits(value, expander.target)) chosenBits(value, expander);
  else expander.become(value, op.select, value.operands);
}

/** The address that all rows share. */
function addressOf(column: Value, expander: Expander): Value {
  const scalar = expander.lanes === 1 ? column : column.op === op.splat ? column.operands[0] : undefined;
  invariant(scalar !== undefined, 'all rows share the address of a column');
  return expander.append('i64', op.fasi, [scalar]);
}

function load({ type }: Value, expander: Expander, address: Value, number: Value): Value {
  if (expander.lanes === 1) return expander.append(type, op.load, [address, number], 'f64');
  const words = Array.from(slots(expander.lanes), (_, lane) =>
    expander.append('i64', op.ilane, [number], lane),
  );
  const [evens, odds] = [0, 1].map((parity) =>
    expander.append(type, op.pairs, [address, ...words.filter((_, lane) => lane % 2 === parity)], 0),
  ) as [Value, Value];
  return expander.append(type, op.fevens, [evens, odds]);
}
