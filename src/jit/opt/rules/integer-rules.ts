/** Algebra of 64-bit integers, of JavaScript's 32-bit operations on them, and of conversions. */
import { elementAt } from '../../../support/element.ts';
import type { Value } from '../../ir/function.ts';
import { type Opcode, op } from '../../ir/opcode.ts';
import { isInt32 } from './facts.ts';
import { isInteger, type Rule, rule, under } from './rule.ts';

/** `x ~ y` where both are the same value. */
function ofSame(opcode: Opcode, result: boolean): Rule {
  return rule(opcode, `${opcode.name}(n, n) is ${result}`, (r, x, y) =>
    x === y ? r.boolean(result) : undefined,
  );
}

/** `n` with `c` on the right is `n`. */
function neutral(opcode: Opcode, c: bigint): Rule {
  return rule(opcode, `${opcode.name}(n, ${c}) = n`, (_, x, y) => (isInteger(y, c) ? x : undefined));
}

/** `n` with `c` on the right is `c`. */
function absorbing(opcode: Opcode, c: bigint): Rule {
  return rule(opcode, `${opcode.name}(n, ${c}) = ${c}`, (_, _x, y) => (isInteger(y, c) ? y : undefined));
}

/** A shift of what is an int32 already, by nothing. */
function unshifted(opcode: Opcode): Rule {
  return rule(opcode, `${opcode.name}(n, 0) = n where n is an int32`, (_, x: Value, y) =>
    isInteger(y, 0n) && isInt32(x) ? x : undefined,
  );
}

export const integerRules: readonly Rule[] = [
  neutral(op.iadd, 0n),
  neutral(op.isub, 0n),
  neutral(op.imul, 1n),
  absorbing(op.imul, 0n),
  neutral(op.iand, -1n),
  absorbing(op.iand, 0n),
  neutral(op.ior, 0n),
  absorbing(op.ior, -1n),
  neutral(op.ixor, 0n),
  rule(op.isub, 'n - n = 0', (r, x, y) => (x === y ? r.integer(0n) : undefined)),
  rule(op.iand, 'n & n = n', (_, x, y) => (x === y ? x : undefined)),
  rule(op.ior, 'n | n = n', (_, x, y) => (x === y ? x : undefined)),
  rule(op.ixor, 'n ^ n = 0', (r, x, y) => (x === y ? r.integer(0n) : undefined)),
  rule(op.ixor, 'n ^ -1 ^ -1 = n', (_, x, y) =>
    isInteger(y, -1n) && x.op === op.ixor && isInteger(elementAt(x.operands, 1), -1n)
      ? x.operands[0]
      : undefined,
  ),
  ofSame(op.ieq, true),
  ofSame(op.ine, false),
  ofSame(op.ilt, false),
  ofSame(op.igt, false),
  ofSame(op.ile, true),
  ofSame(op.ige, true),
  unshifted(op.ishl32),
  unshifted(op.isar32),
  absorbing(op.imul32, 0n),
  rule(op.imul32, 'imul32(n, 1) = n where n is an int32', (_, x, y) =>
    isInteger(y, 1n) && isInt32(x) ? x : undefined,
  ),
  rule(op.ftoi32, 'ftoi32(itof(n)) = n where n is an int32', (_, x) => {
    const inner = under(op.itof, x);
    return inner && isInt32(inner) ? inner : undefined;
  }),
  rule(op.ftoi32, 'ftoi32(trunc(x)) = ftoi32(x)', (r, x) => {
    const inner = under(op.ftrunc, x);
    return inner && r.make(op.ftoi32, inner);
  }),
];
