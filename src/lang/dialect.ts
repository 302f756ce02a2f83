/**
 * What an engine may be asked to read besides the language: the one table of its dialects.
 *
 * A dialect adds ways to write, not things to mean: each is made of nodes that the language has, so nothing behind the parser
 * knows of them. The scanner takes words and symbols from here, `dialect-tokens.ts` tells apart what depends on neighbours, and
 * `tree-builder.ts` takes the operators.
 */
import type { TokenType } from 'chevrotain';
import { optionNames, readOptions } from '../support/options.ts';
import type { Expression, NumberLiteral, ProductOperator as ProductSign, Span } from './ast.ts';
import { binaryOperators, type Operator, Precedence, prefixOperators } from './operators.ts';
import { Bang, ComparisonOperator, keywordTypes, ProductOperator, symbolTypes } from './tokens.ts';

/** What sources may write besides the language itself. Everything is off unless it is `true`. */
export interface Dialect {
  /** `2x`, `2(x + 1)`, `(a)(b)` and `a b` are products, which bind as `*` does. A name before a bracket is a call as ever. */
  readonly implicitProducts?: boolean;
  /** `&`, `|`, `~`, `<<`, `>>` and `>>>` of 32-bit integers as in JavaScript, and `^`, which is no power then; above comparisons, as in Python. */
  readonly bitOperators?: boolean;
  /** `=` and `<>` compare, as in spreadsheets and SQL; `let x = …` and `f(x) = …` define as ever. */
  readonly equalSigns?: boolean;
  /** `x!` is `fac(x)`, and `50%` is `50/100`. */
  readonly postfixOperators?: boolean;
  /** `a < b < c` is `a < b && b < c` with one `b`. */
  readonly chainedComparisons?: boolean;
  /** Names and words may be written in any case: `SIN(X)`. */
  readonly anyCase?: boolean;
  /** `a mod b` is `a % b`, `a div b` is `trunc(a / b)`, and `a xor b` is true if one of two conditions is. */
  readonly wordOperators?: boolean;
}

const switches = optionNames<Dialect>({
  implicitProducts: true,
  bitOperators: true,
  equalSigns: true,
  postfixOperators: true,
  chainedComparisons: true,
  anyCase: true,
  wordOperators: true,
});

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
  readonly postfix: ReadonlyMap<string, Operator>;
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

/** Calls of built-in functions, written between two operands. */
function callOperator(callee: string, precedence: number): Operator {
  const build = (left: Expression, right: Expression, calleeSpan: Span, span: Span): Expression => ({
    kind: 'call',
    callee,
    calleeSpan,
    arguments: [left, right],
    ...span,
  });
  return { kind: 'built', precedence, levels: 1, build };
}

const notBits: Operator = {
  kind: 'builtPrefix',
  precedence: Precedence.Unary,
  build: (operand, calleeSpan, span) => ({
    kind: 'call',
    callee: 'bitnot',
    calleeSpan,
    arguments: [operand],
    ...span,
  }),
};

const wholeQuotient: Operator = {
  kind: 'built',
  precedence: Precedence.Product,
  levels: 2,
  build: (left, right, calleeSpan, span) => ({
    kind: 'call',
    callee: 'trunc',
    calleeSpan,
    arguments: [quotient(left, right, span)],
    ...span,
  }),
};

/** A product is never the first operand of a product. */
function quotient(left: Expression, right: Expression, span: Span): Expression {
  const run = left.kind === 'product' ? left : { operators: [], operands: [left] };
  const operators: ProductSign[] = [...run.operators, '/'];
  return { kind: 'product', operators, operands: [...run.operands, right], ...span };
}

const exclusiveOr: Operator = {
  kind: 'built',
  precedence: Precedence.Xor,
  levels: 1,
  build: (left, right, _, span) => ({ kind: 'comparison', operator: '!=', left, right, ...span }),
};

const factorial: Operator = {
  kind: 'postfix',
  precedence: Precedence.Atom,
  build: (operand, calleeSpan, span) => ({
    kind: 'call',
    callee: 'fac',
    calleeSpan,
    arguments: [operand],
    ...span,
  }),
};

const percent: Operator = {
  kind: 'postfix',
  precedence: Precedence.Atom,
  build: (operand, sign, span) => {
    const hundred: NumberLiteral = { kind: 'number', value: 100, ...sign };
    return quotient(operand, hundred, span);
  },
};

/** Words, symbols that the language does not have, and operators. */
interface Additions {
  readonly words: Readonly<Record<string, TokenType>>;
  readonly symbols: Readonly<Record<string, TokenType>>;
  readonly binary: Readonly<Record<string, Operator>>;
  readonly prefix: Readonly<Record<string, Operator>>;
  readonly postfix: Readonly<Record<string, Operator>>;
}

const nothing: Additions = Object.freeze({ words: {}, symbols: {}, binary: {}, prefix: {}, postfix: {} });

const unequal: Operator = { kind: 'comparison', precedence: Precedence.Comparison, symbol: '!=' };
const equal: Operator = { kind: 'comparison', precedence: Precedence.Comparison, symbol: '==' };

/** The table. What a switch does besides is where its name stands: in `dialect-tokens.ts`, `spelling.ts` and `tree-builder.ts`. */
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

/** The language as it is. */
export const plainSyntax: Syntax = syntaxOf({});

/**
 * What a dialect comes to.
 *
 * @throws TypeError for switches that there are not, and for values that are no booleans.
 */
export function readDialect(given: Dialect | undefined): Syntax {
  if (given === undefined) return plainSyntax;
  const dialect = readOptions<Dialect>(given, switches, 'dialect');
  for (const name of switches) {
    const value: unknown = dialect[name];
    if (value !== undefined && typeof value !== 'boolean')
      throw new TypeError(`dialect.${name} must be a boolean, not ${typeof value}`);
  }
  return Object.values(dialect).includes(true) ? syntaxOf(dialect) : plainSyntax;
}

function syntaxOf(dialect: Dialect): Syntax {
  const isOn = (name: keyof Dialect): boolean => dialect[name] === true;
  const added = switches.filter(isOn).map((name) => table[name]);
  const all = <Value>(
    part: keyof Additions,
    before: ReadonlyMap<string, Value>,
  ): ReadonlyMap<string, Value> => {
    const more = added.flatMap((each) => Object.entries(each[part]) as [string, Value][]);
    return more.length === 0 ? before : new Map([...before, ...more]);
  };
  return {
    implicitProducts: isOn('implicitProducts'),
    bitOperators: isOn('bitOperators'),
    equalSigns: isOn('equalSigns'),
    postfixOperators: isOn('postfixOperators'),
    chainedComparisons: isOn('chainedComparisons'),
    anyCase: isOn('anyCase'),
    wordOperators: isOn('wordOperators'),
    isPlain: added.length === 0,
    words: all('words', keywordTypes),
    symbols: all('symbols', symbolTypes),
    symbol: symbolPattern(added.flatMap(({ symbols }) => Object.keys(symbols))),
    binary: all('binary', binaryOperators),
    prefix: all('prefix', prefixOperators),
    postfix: all('postfix', new Map()),
  };
}
