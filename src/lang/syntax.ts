/**
 * What sources are made of: the language, and the one table of its dialects.
 *
 * A dialect adds ways to write, not things to mean: each is made of nodes that the language has, so nothing behind the parser
 * knows of them. The scanner takes words and symbols from here, `dialect-tokens.ts` tells apart what depends on neighbours, and
 * `tree-builder.ts` takes the operators.
 */
import type { TokenType } from 'chevrotain';
import type { Expression, ProductOperator as ProductSign, Span } from './ast.ts';
import { type Dialect, dialectSwitches, readDialect } from './dialect.ts';
import {
  type BuiltOperator,
  type BuiltPrefix,
  binaryOperators,
  type Operator,
  type PostfixOperator,
  Precedence,
  prefixOperators,
} from './operators.ts';
import { Bang, ComparisonOperator, keywordTypes, ProductOperator, symbolTypes } from './tokens.ts';

/** What the scanner and the tree builder ask of a dialect. */
export interface Syntax extends Required<Dialect> {
  /** Is it the language, and nothing else? */
  readonly isPlain: boolean;
  readonly words: ReadonlyMap<string, TokenType>;
  readonly symbols: ReadonlyMap<string, TokenType>;
  /** One of the symbols, from where it is asked on. */
  readonly symbol: RegExp;
  readonly binary: ReadonlyMap<string, Operator>;
  readonly prefix: ReadonlyMap<string, Operator>;
  readonly postfix: ReadonlyMap<string, PostfixOperator>;
}

/** How a sign is written that is not: the image of the token between the factors of `2x`. */
export const unwritten = '';

/** The longer before the shorter. */
function symbolPattern(more: readonly string[]): RegExp {
  const longer = more.filter((symbol) => symbol.length > 1).map((symbol) => `${symbol}|`);
  const single = more.filter((symbol) => symbol.length === 1).join('');
  return new RegExp(
    `\\*\\*|&&|\\|\\||${longer.join('')}[<>]=?|==|!=|\\r\\n|[\\^*/%+\\-!?:=,(){}[\\];\\n\\r\\u2028\\u2029${single}]`,
    'y',
  );
}

function call(callee: string, args: readonly Expression[], calleeSpan: Span, span: Span): Expression {
  return { kind: 'call', callee, calleeSpan, arguments: args, ...span };
}

const one = { nodes: 1, levels: 1 } as const;

function callOperator(callee: string, precedence: number): BuiltOperator {
  return {
    kind: 'built',
    precedence,
    ...one,
    build: (left, right, sign, span) => call(callee, [left, right], sign, span),
  };
}

const notBits: BuiltPrefix = {
  kind: 'builtPrefix',
  precedence: Precedence.Unary,
  ...one,
  build: (operand, sign, span) => call('bitnot', [operand], sign, span),
};

const wholeQuotient: BuiltOperator = {
  kind: 'built',
  precedence: Precedence.Product,
  nodes: 2,
  levels: 2,
  build: (left, right, sign, span) => call('trunc', [quotient(left, right, span)], sign, span),
};

/** A product is never the first operand of a product. */
function quotient(left: Expression, right: Expression, span: Span): Expression {
  const run = left.kind === 'product' ? left : { operators: [], operands: [left] };
  const operators: ProductSign[] = [...run.operators, '/'];
  return { kind: 'product', operators, operands: [...run.operands, right], ...span };
}

/** Of conditions, so numbers that are different may both be true. */
const exclusiveOr: BuiltOperator = {
  kind: 'built',
  precedence: Precedence.Xor,
  nodes: 3,
  levels: 2,
  build: (left, right, _, span) => {
    const sides =
      isCondition(left) && isCondition(right) ? { left, right } : { left: not(left), right: not(right) };
    return { kind: 'comparison', operator: '!=', ...sides, ...span };
  },
};

function isCondition(node: Expression): boolean {
  const { kind } = node;
  return (
    kind === 'comparison' || kind === 'and' || kind === 'or' || (kind === 'unary' && node.operator === '!')
  );
}

function not(operand: Expression): Expression {
  return { kind: 'unary', operator: '!', operand, start: operand.start, end: operand.end };
}

const factorial: PostfixOperator = {
  ...one,
  build: (operand, sign, span) => call('fac', [operand], sign, span),
};

const percent: PostfixOperator = {
  nodes: 2,
  levels: 1,
  build: (operand, sign, span) => quotient(operand, { kind: 'number', value: 100, ...sign }, span),
};

/** Words, symbols that the language does not have, and operators. */
interface Additions {
  readonly words: Readonly<Record<string, TokenType>>;
  readonly symbols: Readonly<Record<string, TokenType>>;
  readonly binary: Readonly<Record<string, Operator>>;
  readonly prefix: Readonly<Record<string, Operator>>;
  readonly postfix: Readonly<Record<string, PostfixOperator>>;
}

const nothing: Additions = Object.freeze({ words: {}, symbols: {}, binary: {}, prefix: {}, postfix: {} });

const unequal: Operator = { kind: 'comparison', precedence: Precedence.Comparison, symbol: '!=' };
const equal: Operator = { kind: 'comparison', precedence: Precedence.Comparison, symbol: '==' };

/** The table. What a switch does besides is where its name stands: in `dialect-tokens.ts`, `reading.ts`, `syntax-error.ts` and `tree-builder.ts`. */
const table: Readonly<Record<keyof Dialect, Additions>> = {
  implicitProducts: {
    ...nothing,
    binary: {
      [unwritten]: { kind: 'product', precedence: Precedence.Product, symbol: '*', isUnwritten: true },
    },
  },
  bitOperators: {
    ...nothing,
    // Where an operator may stand is all that the grammar asks: between two operands, as products do.
    symbols: {
      '>>>': ProductOperator,
      '<<': ProductOperator,
      '>>': ProductOperator,
      '&': ProductOperator,
      '|': ProductOperator,
      '~': Bang,
    },
    binary: {
      '&': callOperator('bitand', Precedence.BitAnd),
      '|': callOperator('bitor', Precedence.BitOr),
      '^': callOperator('bitxor', Precedence.BitXor),
      '<<': callOperator('shl', Precedence.Shift),
      '>>': callOperator('shr', Precedence.Shift),
      '>>>': callOperator('ushr', Precedence.Shift),
    },
    prefix: { '~': notBits },
  },
  equalSigns: {
    ...nothing,
    symbols: { '<>': ComparisonOperator },
    binary: { '=': equal, '<>': unequal },
  },
  postfixOperators: { ...nothing, postfix: { '!': factorial, '%': percent } },
  chainedComparisons: nothing,
  anyCase: nothing,
  wordOperators: {
    ...nothing,
    words: { mod: ProductOperator, div: ProductOperator, xor: ProductOperator },
    binary: {
      mod: { kind: 'product', precedence: Precedence.Product, symbol: '%' },
      div: wholeQuotient,
      xor: exclusiveOr,
    },
  },
};

/** The language as it is, whatever somebody has put into `Object.prototype`. */
export const plainSyntax: Syntax = syntaxOf(readDialect({}));

const syntaxes = new WeakMap<Required<Dialect>, Syntax>();

/** That of a dialect; of no dialect the language itself. */
export function syntaxFor(dialect: Required<Dialect> | undefined): Syntax {
  if (dialect === undefined) return plainSyntax;
  let syntax = syntaxes.get(dialect);
  if (syntax === undefined) {
    syntax = syntaxOf(dialect);
    syntaxes.set(dialect, syntax);
  }
  return syntax;
}

function syntaxOf(dialect: Required<Dialect>): Syntax {
  const added = dialectSwitches.filter((name) => dialect[name]).map((name) => table[name]);
  const all = <Value>(
    part: keyof Additions,
    before: ReadonlyMap<string, Value>,
  ): ReadonlyMap<string, Value> => {
    const more = added.flatMap((each) => Object.entries(each[part]) as [string, Value][]);
    return more.length === 0 ? before : new Map([...before, ...more]);
  };
  return {
    ...dialect,
    isPlain: added.length === 0,
    words: all('words', keywordTypes),
    symbols: all('symbols', symbolTypes),
    symbol: symbolPattern(added.flatMap(({ symbols }) => Object.keys(symbols))),
    binary: all('binary', binaryOperators),
    prefix: all('prefix', prefixOperators),
    postfix: all('postfix', new Map()),
  };
}
