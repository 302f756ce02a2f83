/**
 * Calls of the math library where they are inlined: on lanes the function's usual range, and a repair of the lanes that are
 * outside of it; and what has no range and any number of arguments.
 */
import type { Value } from '../../ir/function.ts';
import { op } from '../../ir/opcode.ts';
import { hypotOf } from '../../math/hypot.ts';
import { mathFunction } from '../../math/library.ts';
import type { Expander } from './expander.ts';
import { irAlgebra } from './ir-algebra.ts';

/** Is it a call of a function of any number of arguments? */
export function isVariadic({ immediate, operands }: Value): boolean {
  return immediate === 'hypot' && operands.length !== 2;
}

export function callVariadic(value: Value, expander: Expander): void {
  const algebra = irAlgebra(expander.lanes, expander.legal);
  expander.become(value, op.keep, [hypotOf(algebra, value.operands)]);
}

export function callOnLanes(value: Value, expander: Expander): void {
  const name = String(value.immediate);
  const [x, y] = value.operands as [Value, Value?];
  const algebra = irAlgebra(expander.lanes, expander.legal);
  const { value: usual, isUsual } = mathFunction(name).usual(algebra, x, y ?? x);
  expander.become(value, op.frepair, [isUsual, usual, ...value.operands], name);
}
