/**
 * Integer divisions as instructions of WebAssembly, which trap for a divisor of 0 and where the quotient does not fit: that of the least
 * integer and -1. Of both divisors y the quotient is x y, modulo 2^64, and the remainder x and not y; so one comparison finds them.
 */
import { invariant } from '../../support/invariant.ts';
import { type Division, divisionOf, isPlainDivision } from '../ir/division.ts';
import type { Value } from '../ir/function.ts';
import type { WasmName } from './instruction.ts';
import type { OperandWriter } from './operand-writer.ts';
import { ValueType } from './value-type.ts';

/** By width and signedness, then by what they leave; there is none of narrow integers without a sign. */
const names = {
  narrow: { div: 'i32.div_s', rem: 'i32.rem_s' },
  signed: { div: 'i64.div_s', rem: 'i64.rem_s' },
  unsigned: { div: 'i64.div_u', rem: 'i64.rem_u' },
} as const;

function nameOf({ isSigned, isRemainder, isNarrow }: Division): WasmName {
  return names[isNarrow ? 'narrow' : isSigned ? 'signed' : 'unsigned'][isRemainder ? 'rem' : 'div'];
}

/** How often {@link encodeDivision} writes the operand at the position: unsigned ones up to twice, and divisors of signed ones three times. */
export function divisionReads(value: Value, position: number): number {
  if (isPlainDivision(value)) return 1;
  return position === 1 && divisionOf(value.op)?.isSigned === true ? 3 : 2;
}

/** Leaves the quotient or the remainder on the stack. */
export function encodeDivision(value: Value, writer: OperandWriter): void {
  const division = divisionOf(value.op);
  invariant(division !== undefined, `${value.op?.name} is no division`);
  const { isSigned, isRemainder, isNarrow } = division;
  const name = nameOf(division);
  const { sink } = writer;
  const [x, y] = value.operands as [Value, Value];
  const push = (operand: Value): void => {
    writer.push(operand);
    if (isNarrow) sink.op('i32.wrap_i64');
  };
  const constant = (integer: number): void => {
    if (isNarrow) sink.int(integer);
    else sink.long(BigInt(integer));
  };
  const make = (narrow: WasmName, wide: WasmName): void => sink.op(isNarrow ? narrow : wide);
  const divide = (): void => {
    push(x);
    push(y);
    sink.op(name);
  };
  if (isPlainDivision(value)) {
    divide();
  } else if (isSigned) {
    push(y);
    constant(1);
    make('i32.add', 'i64.add');
    constant(1);
    make('i32.gt_u', 'i64.gt_u');
    sink.opens('if', isNarrow ? ValueType.i32 : ValueType.i64);
    divide();
    sink.op('else');
    push(x);
    push(y);
    if (isRemainder) {
      constant(-1);
      make('i32.xor', 'i64.xor');
      make('i32.and', 'i64.and');
    } else {
      make('i32.mul', 'i64.mul');
    }
    sink.op('end');
  } else {
    push(y);
    sink.op('i64.eqz');
    sink.opens('if', ValueType.i64);
    push(isRemainder ? x : y);
    sink.op('else');
    divide();
    sink.op('end');
  }
  if (isNarrow) sink.op('i64.extend_i32_s');
}
