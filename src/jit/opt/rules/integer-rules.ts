/** Algebra of 64-bit integers, of JavaScript's 32-bit operations on them, and of conversions. */
import { elementAt } from '../../../support/element.ts';
import type { Value } from '../../ir/function.ts';
import { type Opcode, op } from '../../ir/opcode.ts';
import { isInt32 } from './facts.ts';
import { isInteger, type Rewriter, type Rule, rule, under } from './rule.ts';

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

/** What is known to be an int32 need not be made one. */
function wordOf(r: Rewriter, n: Value): Value {
  return isInt32(n) ? n : r.make(op.isext32, n);
}

/** With `c` on the right, the low half of `n` as an int32. */
function neutral32(opcode: Opcode, c: bigint): Rule {
  return rule(opcode, `${opcode.name}(n, ${c}) = isext32(n)`, (r, x, y) =>
    isInteger(y, c) ? wordOf(r, x) : undefined,
  );
}

/** With `c` on the right: zero. */
function zeroFor(opcode: Opcode, c: bigint): Rule {
  return rule(opcode, `${opcode.name}(n, ${c}) = 0`, (r, _x, y) =>
    isInteger(y, c) ? r.integer(0n) : undefined,
  );
}

/** The operand of what changes no bit of the low half. */
function underExtension(n: Value): Value {
  return under(op.isext32, n) ?? under(op.izext32, n) ?? n;
}

/** Operations that look at low halves only. */
const ofLowHalves = [
  ...[op.iadd32, op.isub32, op.imul32, op.idiv32, op.irem32],
  ...[op.ishl32, op.isar32, op.ishr32, op.imulu32],
];

/** Is it a sign-extended integer of so many bits? */
function isWithin(n: Value, bits: number): boolean {
  if (bits === 32) return isInt32(n);
  return n.op === op.isext8 || (bits === 16 && n.op === op.isext16);
}

/** Extensions, and the width of what they extend. */
const extensions = [
  [op.isext8, 8],
  [op.isext16, 16],
  [op.isext32, 32],
] as const;

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
  ofSame(op.iult, false),
  ofSame(op.iule, true),
  rule(op.iult, 'iult(n, 0) is false', (r, _, y) => (isInteger(y, 0n) ? r.boolean(false) : undefined)),
  rule(op.iule, 'iule(n, -1) is true', (r, _, y) => (isInteger(y, -1n) ? r.boolean(true) : undefined)),
  neutral(op.ishl, 0n),
  neutral(op.ishr, 0n),
  neutral(op.isar, 0n),
  neutral(op.idiv, 1n),
  zeroFor(op.irem, 1n),
  zeroFor(op.irem, -1n),
  neutral(op.iudiv, 1n),
  zeroFor(op.iurem, 1n),
  rule(op.idiv, 'idiv(n, -1) = 0 - n', (r, x, y) =>
    isInteger(y, -1n) ? r.make(op.isub, r.integer(0n), x) : undefined,
  ),
  neutral32(op.iadd32, 0n),
  neutral32(op.isub32, 0n),
  neutral32(op.idiv32, 1n),
  zeroFor(op.irem32, 1n),
  zeroFor(op.irem32, -1n),
  rule(op.isub32, 'isub32(n, n) = 0', (r, x, y) => (x === y ? r.integer(0n) : undefined)),
  rule(op.idiv32, 'idiv32(n, -1) = isub32(0, n)', (r, x, y) =>
    isInteger(y, -1n) ? r.make(op.isub32, r.integer(0n), x) : undefined,
  ),
  ...ofLowHalves.map((opcode) =>
    rule(opcode, `${opcode.name}(isext32(n), izext32(m)) = ${opcode.name}(n, m)`, (r, x, y) => {
      const [n, m] = [underExtension(x), underExtension(y)];
      return n === x && m === y ? undefined : r.make(opcode, n, m);
    }),
  ),
  ...extensions.map(([opcode, bits]) =>
    rule(opcode, `${opcode.name}(n) = n where n is no wider`, (_, x) => (isWithin(x, bits) ? x : undefined)),
  ),
  ...[op.isext32, op.izext32].map((opcode) =>
    rule(opcode, `${opcode.name}(isext32(n)) = ${opcode.name}(n)`, (r, x) => {
      const inner = underExtension(x);
      return inner === x ? undefined : r.make(opcode, inner);
    }),
  ),
  rule(op.iasf, 'iasf(fasi(x)) = x', (_, n) => under(op.fasi, n)),
  rule(op.ftoi, 'ftoi(itof(n)) = n where n is an int32', (_, x) => {
    const inner = under(op.itof, x);
    return inner && isInt32(inner) ? inner : undefined;
  }),
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
