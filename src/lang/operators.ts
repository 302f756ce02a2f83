/**
 * The operators and how tightly they bind: the one table that parser and printer share.
 *
 * | level      | operators           | grouping                |
 * | ---------- | ------------------- | ----------------------- |
 * | or         | `||` `or`           | left                    |
 * | and        | `&&` `and`          | left                    |
 * | not        | `not`               | prefix                  |
 * | comparison | `<` `<=` … `!=`     | none: `a < b < c` fails |
 * | sum        | `+` `-`             | left                    |
 * | product    | `*` `/` `%`         | left                    |
 * | unary      | `-` `+` `!`         | prefix                  |
 * | power      | `^` `**`            | right                   |
 *
 * `-3^2` is -9 since power binds tighter than the sign before it; `2^-3` is fine since a power's right
 * operand is at the unary level.
 */
import type { ComparisonOperator, ProductOperator, SumOperator, UnaryOperator } from './ast.ts';

export const Precedence = Object.freeze({
  Conditional: 0,
  Or: 1,
  And: 2,
  Not: 3,
  Comparison: 4,
  Sum: 5,
  Product: 6,
  Unary: 7,
  Power: 8,
  Atom: 9,
});

export type Operator =
  | { readonly kind: 'or' | 'and'; readonly precedence: number }
  | { readonly kind: 'comparison'; readonly precedence: number; readonly symbol: ComparisonOperator }
  | { readonly kind: 'sum'; readonly precedence: number; readonly symbol: SumOperator }
  | { readonly kind: 'product'; readonly precedence: number; readonly symbol: ProductOperator }
  | { readonly kind: 'unary'; readonly precedence: number; readonly symbol: UnaryOperator }
  | { readonly kind: 'power'; readonly precedence: number };

const or = { kind: 'or', precedence: Precedence.Or } as const;
const and = { kind: 'and', precedence: Precedence.And } as const;
const power = { kind: 'power', precedence: Precedence.Power } as const;

function comparison(symbol: ComparisonOperator): Operator {
  return { kind: 'comparison', precedence: Precedence.Comparison, symbol };
}

function sum(symbol: SumOperator): Operator {
  return { kind: 'sum', precedence: Precedence.Sum, symbol };
}

function product(symbol: ProductOperator): Operator {
  return { kind: 'product', precedence: Precedence.Product, symbol };
}

function unary(symbol: UnaryOperator, precedence: number = Precedence.Unary): Operator {
  return { kind: 'unary', precedence, symbol };
}

/** Operators between two operands, by how they are written. */
export const binaryOperators: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['||', or],
  ['or', or],
  ['&&', and],
  ['and', and],
  ['<', comparison('<')],
  ['<=', comparison('<=')],
  ['>', comparison('>')],
  ['>=', comparison('>=')],
  ['==', comparison('==')],
  ['!=', comparison('!=')],
  ['+', sum('+')],
  ['-', sum('-')],
  ['*', product('*')],
  ['/', product('/')],
  ['%', product('%')],
  ['^', power],
  ['**', power],
]);

/** Operators in front of an operand, by how they are written. */
export const prefixOperators: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['-', unary('-')],
  ['+', unary('+')],
  ['!', unary('!')],
  ['not', unary('!', Precedence.Not)],
]);
