/**
 * The tokens. Operators that share a place in the grammar share a token, whose image tells them apart: the
 * parser decides by precedence (see `operators.ts`), so it needs to know only where each may stand.
 */
import { createToken, EOF, type IToken, Lexer, type TokenType } from 'chevrotain';

function token(name: string): TokenType {
  return createToken({ name, pattern: Lexer.NA });
}

export const Name = token('Name');
export const Let = token('Let');
export const If = token('If');
export const Then = token('Then');
export const Else = token('Else');
export const Not = token('Not');
/** `&&` or `and`. */
export const And = token('And');
/** `||` or `or`. */
export const Or = token('Or');

export const NumberToken = token('Number');

/** `**` or `^`. */
export const PowerOperator = token('PowerOperator');
/** `*`, `/` or `%`. */
export const ProductOperator = token('ProductOperator');
/** `+` or `-`, between two operands or in front of one. */
export const Sign = token('Sign');
export const ComparisonOperator = token('ComparisonOperator');
export const Bang = token('Bang');
/** An operator behind an operand, which only dialects have. */
export const Postfix = token('Postfix');
export const Question = token('Question');
export const Colon = token('Colon');
export const Equals = token('Equals');
export const Comma = token('Comma');
export const LeftParenthesis = token('LeftParenthesis');
export const RightParenthesis = token('RightParenthesis');
export const LeftBrace = token('LeftBrace');
export const RightBrace = token('RightBrace');
export const LeftBracket = token('LeftBracket');
export const RightBracket = token('RightBracket');

/** Ends a statement, a line end or `;`; `layout.ts` removes those that do not. */
export const Separator = token('Separator');

/** With these an operand ends, in the language itself. */
export const operandEnds: ReadonlySet<TokenType> = new Set([
  Name,
  NumberToken,
  RightParenthesis,
  RightBracket,
  RightBrace,
]);

/** All that the grammar knows. */
export const vocabulary: readonly TokenType[] = [
  Let,
  If,
  Then,
  Else,
  Not,
  And,
  Or,
  Name,
  NumberToken,
  PowerOperator,
  ProductOperator,
  Sign,
  ComparisonOperator,
  Bang,
  Postfix,
  Question,
  Colon,
  Equals,
  Comma,
  LeftParenthesis,
  RightParenthesis,
  LeftBrace,
  RightBrace,
  LeftBracket,
  RightBracket,
  Separator,
];

// Chevrotain keeps tables by these in plain objects and in arrays with holes. What it looks up and does not find there comes
// from `Object.prototype`, which small numbers would leave open to whoever puts an element into it.
for (const type of [...vocabulary, EOF]) type.tokenTypeIdx = `exprjit:${type.name}` as unknown as number;

/** Symbols, by how they are written. */
export const symbolTypes: ReadonlyMap<string, TokenType> = new Map([
  ['**', PowerOperator],
  ['^', PowerOperator],
  ['*', ProductOperator],
  ['/', ProductOperator],
  ['%', ProductOperator],
  ['+', Sign],
  ['-', Sign],
  ['<', ComparisonOperator],
  ['<=', ComparisonOperator],
  ['>', ComparisonOperator],
  ['>=', ComparisonOperator],
  ['==', ComparisonOperator],
  ['!=', ComparisonOperator],
  ['&&', And],
  ['||', Or],
  ['!', Bang],
  ['?', Question],
  [':', Colon],
  ['=', Equals],
  [',', Comma],
  ['(', LeftParenthesis],
  [')', RightParenthesis],
  ['{', LeftBrace],
  ['}', RightBrace],
  ['[', LeftBracket],
  [']', RightBracket],
  [';', Separator],
  ['\r\n', Separator],
  ['\n', Separator],
  ['\r', Separator],
  ['\u2028', Separator],
  ['\u2029', Separator],
]);

/** Words that cannot be names, and what they are. */
export const keywordTypes: ReadonlyMap<string, TokenType> = new Map([
  ['let', Let],
  ['if', If],
  ['then', Then],
  ['else', Else],
  ['not', Not],
  ['and', And],
  ['or', Or],
]);

/** Words that cannot be names. */
export const keywords: readonly string[] = [...keywordTypes.keys()];

const namePrefix = /^[_\p{ID_Start}][_\p{ID_Continue}]*/u;
/** What most names look like; tried first, since Unicode's properties and normalisation cost time. */
const asciiNamePattern = /^[A-Za-z_]\w*$/;

/** How much of a text, from its start, can be a name or a part of one; in UTF-16 code units. */
export function namePrefixLength(text: string): number {
  return namePrefix.exec(text)?.[0].length ?? 0;
}

/** Whether the text can stand in a source as a name. */
export function isName(text: string): boolean {
  const isWhole = asciiNamePattern.test(text) || (text !== '' && namePrefixLength(text) === text.length);
  return isWhole && !keywords.includes(text);
}

/** Names are the same if their canonical composition is. */
export function normalizeName(name: string): string {
  return asciiNamePattern.test(name) ? name : name.normalize('NFC');
}

export function tokenOf(tokenType: TokenType, image: string, startOffset: number): IToken {
  return { image, startOffset, tokenTypeIdx: tokenType.tokenTypeIdx as number, tokenType };
}

export function endOf(token: IToken): number {
  return token.startOffset + token.image.length;
}
