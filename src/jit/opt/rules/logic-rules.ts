/** Algebra of comparisons, booleans and selects. */
import { elementAt } from '../../../support/element.ts';
import type { Value } from '../../ir/function.ts';
import { type Opcode, op } from '../../ir/opcode.ts';
import { isNeverNaN } from './facts.ts';
import { isBoolean, isNumber, numberOf, type Rewriter, type Rule, rule, under } from './rule.ts';

/** A comparison with its operands exchanged: `x < y` is `y > x`. Also with NaN. */
export const mirrored: ReadonlyMap<Opcode, Opcode> = new Map([
  [op.flt, op.fgt],
  [op.fgt, op.flt],
  [op.fle, op.fge],
  [op.fge, op.fle],
  [op.ilt, op.igt],
  [op.igt, op.ilt],
  [op.ile, op.ige],
  [op.ige, op.ile],
]);

/** A comparison that is true exactly where the other is false. `x < y` has none: with NaN `x >= y` is false too. */
const inverted: ReadonlyMap<Opcode | undefined, Opcode> = new Map([
  [op.feq, op.fne],
  [op.fne, op.feq],
  [op.ieq, op.ine],
  [op.ine, op.ieq],
  [op.ilt, op.ige],
  [op.ige, op.ilt],
  [op.igt, op.ile],
  [op.ile, op.igt],
]);

/** `btof(p) ~ c` has one of four results: decided by what it is for false and for true. */
function compareTruth(
  compare: (x: number, c: number) => boolean,
): (r: Rewriter, x: Value, y: Value) => Value | undefined {
  return (r, x, y) => {
    const truth = under(op.btof, x);
    const c = numberOf(y);
    if (truth === undefined || c === undefined) return undefined;
    const ifFalse = compare(0, c);
    const ifTrue = compare(1, c);
    if (ifFalse === ifTrue) return r.boolean(ifTrue);
    return ifTrue ? truth : r.make(op.bnot, truth);
  };
}

const comparisonRules: readonly Rule[] = [
  rule(
    op.feq,
    'btof(p) == c is p, !p, true or false',
    compareTruth((x, c) => x === c),
  ),
  rule(
    op.fne,
    'btof(p) != c is p, !p, true or false',
    compareTruth((x, c) => x !== c),
  ),
  rule(
    op.flt,
    'btof(p) < c is p, !p, true or false',
    compareTruth((x, c) => x < c),
  ),
  rule(
    op.fle,
    'btof(p) <= c is p, !p, true or false',
    compareTruth((x, c) => x <= c),
  ),
  rule(
    op.fgt,
    'btof(p) > c is p, !p, true or false',
    compareTruth((x, c) => x > c),
  ),
  rule(
    op.fge,
    'btof(p) >= c is p, !p, true or false',
    compareTruth((x, c) => x >= c),
  ),

  rule(op.feq, 'x == x is true where x is never NaN', (r, x, y) =>
    x === y && isNeverNaN(x) ? r.boolean(true) : undefined,
  ),
  rule(op.fne, 'x != x is false where x is never NaN', (r, x, y) =>
    x === y && isNeverNaN(x) ? r.boolean(false) : undefined,
  ),
  rule(op.flt, 'x < x is false', (r, x, y) => (x === y ? r.boolean(false) : undefined)),
  rule(op.fgt, 'x > x is false', (r, x, y) => (x === y ? r.boolean(false) : undefined)),
  rule(op.fle, 'x <= x is x == x', (r, x, y) => (x === y ? r.make(op.feq, x, y) : undefined)),
  rule(op.fge, 'x >= x is x == x', (r, x, y) => (x === y ? r.make(op.feq, x, y) : undefined)),
  ...[op.feq, op.flt, op.fle, op.fgt, op.fge].map((opcode) =>
    rule(opcode, `${opcode.name}(x, NaN) is false`, (r, x, y) =>
      isNumber(x, Number.NaN) || isNumber(y, Number.NaN) ? r.boolean(false) : undefined,
    ),
  ),
  rule(op.fne, 'fne(x, NaN) is true', (r, x, y) =>
    isNumber(x, Number.NaN) || isNumber(y, Number.NaN) ? r.boolean(true) : undefined,
  ),
  ...[op.feq, op.fne].map((opcode) =>
    rule(opcode, `${opcode.name}(-x, -y) = ${opcode.name}(x, y)`, (r, x, y) => {
      const [first, second] = [under(op.fneg, x), under(op.fneg, y)];
      return first && second && r.make(opcode, first, second);
    }),
  ),
  ...[op.feq, op.fne].map((opcode) =>
    rule(opcode, `${opcode.name}(|x|, 0) = ${opcode.name}(x, 0)`, (r, x, y) => {
      const inner = under(op.fabs, x) ?? under(op.fneg, x);
      return inner && numberOf(y) === 0 ? r.make(opcode, inner, y) : undefined;
    }),
  ),
];

const booleanRules: readonly Rule[] = [
  rule(op.bnot, '!!p = p', (_, p) => under(op.bnot, p)),
  rule(op.bnot, '!(x ~ y) = x !~ y', (r, p) => {
    const opposite = inverted.get(p.op);
    return opposite && r.make(opposite, ...p.operands);
  }),
  rule(op.band, 'p & true = p', (_, p, q) => (isBoolean(q, true) ? p : undefined)),
  rule(op.band, 'p & false = false', (_, _p, q) => (isBoolean(q, false) ? q : undefined)),
  rule(op.band, 'p & p = p', (_, p, q) => (p === q ? p : undefined)),
  rule(op.band, 'p & !p = false', (r, p, q) => (areOpposite(p, q) ? r.boolean(false) : undefined)),
  rule(op.bor, 'p | false = p', (_, p, q) => (isBoolean(q, false) ? p : undefined)),
  rule(op.bor, 'p | true = true', (_, _p, q) => (isBoolean(q, true) ? q : undefined)),
  rule(op.bor, 'p | p = p', (_, p, q) => (p === q ? p : undefined)),
  rule(op.bor, 'p | !p = true', (r, p, q) => (areOpposite(p, q) ? r.boolean(true) : undefined)),
  rule(op.bxor, 'p ^ false = p', (_, p, q) => (isBoolean(q, false) ? p : undefined)),
  rule(op.bxor, 'p ^ true = !p', (r, p, q) => (isBoolean(q, true) ? r.make(op.bnot, p) : undefined)),
  rule(op.bxor, 'p ^ p = false', (r, p, q) => (p === q ? r.boolean(false) : undefined)),
];

function areOpposite(p: Value, q: Value): boolean {
  return under(op.bnot, p) === q || under(op.bnot, q) === p;
}

const selectRules: readonly Rule[] = [
  rule(op.select, 'true ? x : y = x', (_, p, x, y) =>
    isBoolean(p, true) ? x : isBoolean(p, false) ? y : undefined,
  ),
  rule(op.select, 'p ? x : x = x', (_, _p, x, y) => (x === y ? x : undefined)),
  rule(op.select, '!p ? x : y = p ? y : x', (r, p, x, y) => {
    const positive = under(op.bnot, p);
    return positive && r.makeSelect(positive, y, x);
  }),
  rule(op.select, 'p ? 1 : 0 = btof(p)', (r, p, x, y) =>
    isNumber(x, 1) && isNumber(y, 0) ? r.make(op.btof, p) : undefined,
  ),
  rule(op.select, 'p ? 0 : 1 = btof(!p)', (r, p, x, y) =>
    isNumber(x, 0) && isNumber(y, 1) ? r.make(op.btof, r.make(op.bnot, p)) : undefined,
  ),
  rule(op.select, 'p ? q : false = p & q', (r, p, q, y) =>
    isBoolean(y, false) ? r.make(op.band, p, q) : undefined,
  ),
  rule(op.select, 'p ? true : q = p | q', (r, p, x, q) =>
    isBoolean(x, true) ? r.make(op.bor, p, q) : undefined,
  ),
  rule(op.select, 'p ? false : q = !p & q', (r, p, x, q) =>
    isBoolean(x, false) ? r.make(op.band, r.make(op.bnot, p), q) : undefined,
  ),
  rule(op.select, 'p ? q : true = !p | q', (r, p, q, y) =>
    isBoolean(y, true) ? r.make(op.bor, r.make(op.bnot, p), q) : undefined,
  ),
  rule(op.select, 'p ? (p ? x : y) : z = p ? x : z', (r, p, x, z) =>
    x.op === op.select && x.operands[0] === p ? r.makeSelect(p, elementAt(x.operands, 1), z) : undefined,
  ),
  rule(op.select, 'p ? x : (p ? y : z) = p ? x : z', (r, p, x, y) =>
    y.op === op.select && y.operands[0] === p ? r.makeSelect(p, x, elementAt(y.operands, 2)) : undefined,
  ),
  rule(op.select, 'p ? btof(q) : btof(s) = btof(p ? q : s)', (r, p, x, y) => {
    const [q, s] = [under(op.btof, x), under(op.btof, y)];
    return q && s && r.make(op.btof, r.makeSelect(p, q, s));
  }),
];

export const logicRules: readonly Rule[] = [...comparisonRules, ...booleanRules, ...selectRules];
