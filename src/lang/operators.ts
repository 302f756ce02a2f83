/**
 * The operators of the language and how tightly they bind; the printer takes the levels from here, too.
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
 * Between these levels dialects have operators of their own (`dialect.ts`).
 *
 * `-3^2` is -9 since power binds tighter than the sign before it; `2^-3` is fine since a power's right
 * operand is at the unary level.
 */
import type {
  ComparisonOperator,
  Expression,
  ProductOperator,
  Span,
  SumOperator,
  UnaryOperator,
} from './ast.ts';

export const Precedence = Object.freeze({
  Conditional: 0,
  Or: 1,
  Xor: 2,
  And: 3,
  Not: 4,
  Comparison: 5,
  BitOr: 6,
  BitXor: 7,
  BitAnd: 8,
  Shift: 9,
  Sum: 10,
  Product: 11,
  Unary: 12,
  Power: 13,
  Atom: 14,
});

export type Operator =
  | { readonly kind: 'or' | 'and'; readonly precedence: number }
  | { readonly kind: 'comparison'; readonly precedence: number; readonly symbol: ComparisonOperator }
  | { readonly kind: 'sum'; readonly precedence: number; readonly symbol: SumOperator }
  | {
      readonly kind: 'product';
      readonly precedence: number;
      readonly symbol: ProductOperator;
      /** Does it stand between factors that have no sign between them? */
      readonly isUnwritten?: boolean;
    }
  | { readonly kind: 'unary'; readonly precedence: number; readonly symbol: UnaryOperator }
  | { readonly kind: 'power'; readonly precedence: number }
  | BuiltOperator
  | BuiltPrefix;

/** An operator that is no node of its own, but makes others, so many in all, and of so many levels above its operands. */
interface Built {
  readonly nodes: number;
  readonly levels: number;
}

/** `sign` is where the operator is written, `span` where all of it is. */
export interface BuiltOperator extends Built {
  readonly kind: 'built';
  readonly precedence: number;
  readonly build: (left: Expression, right: Expression, sign: Span, span: Span) => Expression;
}

export interface BuiltPrefix extends Built {
  readonly kind: 'builtPrefix';
  readonly precedence: number;
  readonly build: (operand: Expression, sign: Span, span: Span) => Expression;
}

/** Behind its operand, and before all other operators. */
export interface PostfixOperator extends Built {
  readonly build: BuiltPrefix['build'];
}

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
