/** What the tokens of a dialect are depends on their neighbours: products without a sign, signs behind an operand, `=`. */
import type { IToken, TokenType } from 'chevrotain';
import { maybeAt } from '../support/element.ts';
import { builtins } from './builtins.ts';
import { type Syntax, unwritten } from './dialect.ts';
import { tokenOf } from './scanner.ts';
import {
  And,
  Bang,
  Colon,
  Comma,
  ComparisonOperator,
  Else,
  Equals,
  LeftBrace,
  LeftParenthesis,
  Let,
  Name,
  NumberToken,
  Or,
  Postfix,
  PowerOperator,
  ProductOperator,
  Question,
  RightBrace,
  RightBracket,
  RightParenthesis,
  Separator,
  Sign,
  Then,
} from './tokens.ts';
import { endOf } from './tree-builder.ts';

/** With these an operand ends. */
const ends: ReadonlySet<TokenType | undefined> = new Set([
  NumberToken,
  Name,
  RightParenthesis,
  RightBracket,
  RightBrace,
  Postfix,
]);

/** Before these an operand has ended; `undefined` is the end of the source. */
const follows: ReadonlySet<TokenType | undefined> = new Set([
  undefined,
  And,
  Or,
  Colon,
  Comma,
  ComparisonOperator,
  Else,
  Equals,
  PowerOperator,
  ProductOperator,
  Question,
  RightBrace,
  RightBracket,
  RightParenthesis,
  Separator,
  Then,
]);

/** Before line ends lose their meaning, which says that neighbours on two lines are none. */
export function beforeLayout(tokens: readonly IToken[], syntax: Syntax): IToken[] {
  const result: IToken[] = [];
  for (const [index, token] of tokens.entries()) {
    const previous = result.at(-1);
    const next = maybeAt(tokens, index + 1);
    const isBehind =
      syntax.postfixOperators && ends.has(previous?.tokenType) && isPostfix(token, previous, next);
    if (syntax.implicitProducts && isFactor(token) && isFactorBefore(token, result))
      result.push(tokenOf(ProductOperator, unwritten, token.startOffset));
    result.push(isBehind ? tokenOf(Postfix, token.image, token.startOffset) : token);
  }
  return result;
}

/**
 * `!` behind an operand cannot be anything else. `%` is a remainder if an operand follows. A sign may begin one, or stand between two: there
 * blanks decide, `50% - 3` being a difference.
 */
function isPostfix(token: IToken, previous: IToken | undefined, next: IToken | undefined): boolean {
  if (token.tokenType === Bang) return token.image === '!';
  if (token.image !== '%') return false;
  if (follows.has(next?.tokenType)) return true;
  if (next?.tokenType !== Sign || previous === undefined) return false;
  return endOf(previous) === token.startOffset && endOf(token) < next.startOffset;
}

function isFactor({ tokenType }: IToken): boolean {
  return tokenType === Name || tokenType === LeftParenthesis;
}

/** Is what has been read a factor of what comes? A name before a bracket is called, and behind `let` it is defined. */
function isFactorBefore(token: IToken, read: readonly IToken[]): boolean {
  const previous = read.at(-1);
  if (previous === undefined) return false;
  switch (previous.tokenType) {
    case NumberToken:
    case RightParenthesis:
    case RightBracket:
    case Postfix:
      return true;
    case Name:
      return token.tokenType === Name && read.at(-2)?.tokenType !== Let;
    default:
      return false;
  }
}

/** When separators stand where statements end: an `=` that defines nothing compares. */
export function afterLayout(tokens: readonly IToken[]): IToken[] {
  let isStart = true;
  let definition = -1;
  return tokens.map((token, index) => {
    if (isStart) definition = equalsOfDefinition(tokens, index);
    const { tokenType } = token;
    isStart = tokenType === Separator || tokenType === LeftBrace;
    return tokenType === Equals && index !== definition
      ? tokenOf(ComparisonOperator, token.image, token.startOffset)
      : token;
  });
}

/** Where the statement that begins at `start` has the `=` of a definition, if it is one: `let x =`, or `f(x, y) =` if `f` can be defined. */
function equalsOfDefinition(tokens: readonly IToken[], start: number): number {
  const typeAt = (index: number): TokenType | undefined => maybeAt(tokens, index)?.tokenType;
  const first = maybeAt(tokens, start);
  if (first?.tokenType === Let) return start + 2;
  if (first?.tokenType !== Name || typeAt(start + 1) !== LeftParenthesis) return -1;
  if (builtins.get(first.image.toLowerCase())?.yields === false) return -1;
  let end = start + 2;
  while (typeAt(end) === Name || typeAt(end) === Comma) end++;
  return typeAt(end) === RightParenthesis ? end + 1 : -1;
}
