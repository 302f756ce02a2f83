/**
 * The abstract syntax of the language, as the parser builds it.
 *
 * Runs of operators of one level are one n-ary node, so that a tree is never deeper than the nesting limit
 * however long its source: `a + b - c` is one `sum`, and a sum is never the first operand of a sum. Brackets
 * leave no node. Constants such as `pi` and `true` are names, since a parameter may shadow them.
 *
 * Trees are values: nobody changes one after the parser has returned it, and one tree may be checked many times.
 */
import type { SourceText } from './source-text.ts';

/** Offsets in the source, in UTF-16 code units; `end` is exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface NumberLiteral extends Span {
  readonly kind: 'number';
  /** Finite and not negative. */
  readonly value: number;
}

export interface NameReference extends Span {
  readonly kind: 'name';
  readonly name: string;
}

/** Signs and negation. */
export type UnaryOperator = '-' | '+' | '!';

export interface Unary extends Span {
  readonly kind: 'unary';
  readonly operator: UnaryOperator;
  readonly operand: Expression;
}

export interface Power extends Span {
  readonly kind: 'power';
  readonly base: Expression;
  readonly exponent: Expression;
}

/** Of one level, so that they mix in a {@link Sum}. */
export type SumOperator = '+' | '-';
/** Of one level, so that they mix in a {@link Product}. */
export type ProductOperator = '*' | '/' | '%';

/** Evaluated from left to right; `operators[i]` stands between `operands[i]` and `operands[i + 1]`. */
export interface Sum extends Span {
  readonly kind: 'sum';
  readonly operators: readonly SumOperator[];
  readonly operands: readonly Expression[];
}

export interface Product extends Span {
  readonly kind: 'product';
  readonly operators: readonly ProductOperator[];
  readonly operands: readonly Expression[];
}

/** Comparisons of numbers; none of a comparison. */
export type ComparisonOperator = '<' | '<=' | '>' | '>=' | '==' | '!=';

export interface Comparison extends Span {
  readonly kind: 'comparison';
  readonly operator: ComparisonOperator;
  readonly left: Expression;
  readonly right: Expression;
}

/** `and` or `or` of two or more; operands after the deciding one are not evaluated. */
export interface Logical extends Span {
  readonly kind: 'and' | 'or';
  readonly operands: readonly Expression[];
}

/** `test ? consequent : alternate`, also written with `if`. */
export interface Conditional extends Span {
  readonly kind: 'conditional';
  readonly test: Expression;
  readonly consequent: Expression;
  readonly alternate: Expression;
}

export interface Call extends Span {
  readonly kind: 'call';
  readonly callee: string;
  readonly calleeSpan: Span;
  readonly arguments: readonly Expression[];
}

/** `column[index]`: the element of a column at a row. */
export interface ElementAccess extends Span {
  readonly kind: 'element';
  readonly column: string;
  readonly columnSpan: Span;
  readonly index: Expression;
}

export interface Block extends Span {
  readonly kind: 'block';
  readonly bindings: readonly LetBinding[];
  readonly result: Expression;
}

/** What has a value; `kind` tells which. */
export type Expression =
  | NumberLiteral
  | NameReference
  | Unary
  | Power
  | Sum
  | Product
  | Comparison
  | Logical
  | Conditional
  | Call
  | ElementAccess
  | Block;

/** A name where it is defined. */
export interface Identifier extends Span {
  readonly name: string;
}

export interface LetBinding extends Span {
  readonly kind: 'let';
  readonly target: Identifier;
  readonly value: Expression;
}

export interface FunctionDefinition extends Span {
  readonly kind: 'function';
  readonly target: Identifier;
  readonly parameters: readonly Identifier[];
  readonly body: Expression;
}

/** A statement at top level that gives a name its meaning. */
export type Definition = LetBinding | FunctionDefinition;

export interface Program extends Span {
  readonly kind: 'program';
  readonly source: SourceText;
  readonly definitions: readonly Definition[];
  /** The expression that ends the program, if one does. */
  readonly result: Expression | undefined;
}
