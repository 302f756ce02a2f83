/** What the tokens of a dialect are depends on their neighbours: products without a sign, signs behind an operand, `=`. */
import type { IToken, TokenType } from 'chevrotain';
import { elementAt, maybeAt } from '../support/element.ts';
import { continued } from './layout.ts';
import type { Reading } from './reading.ts';
import { type Syntax, unwritten } from './syntax.ts';
import {
  Bang,
  Comma,
  ComparisonOperator,
  Equals,
  endOf,
  LeftBrace,
  LeftParenthesis,
  Let,
  Name,
  NumberToken,
  operandEnds,
  Postfix,
  ProductOperator,
  RightBrace,
  RightBracket,
  RightParenthesis,
  Separator,
  Sign,
  tokenOf,
} from './tokens.ts';

/** With these an operand ends. */
const ends: ReadonlySet<TokenType | undefined> = new Set([...operandEnds, Postfix]);

/** With these no operand begins; `undefined` is the end of the source. */
const follows: ReadonlySet<TokenType | undefined> = new Set([undefined, ...continued, Let, Separator]);

/** Puts in products without a sign, and marks operators behind an operand. Line ends have to be there still: neighbours on two lines are none. */
export function markOperators(tokens: readonly IToken[], syntax: Syntax): IToken[] {
  const result: IToken[] = [];
  for (const [index, token] of tokens.entries()) {
    if (syntax.implicitProducts && isFactor(token) && isFactorBefore(token, result))
      result.push(tokenOf(ProductOperator, unwritten, token.startOffset));
    const isBehind = syntax.postfixOperators && isPostfix(tokens, index, result.at(-1));
    result.push(isBehind ? tokenOf(Postfix, token.image, token.startOffset) : token);
  }
  return result;
}

/**
 * `!` behind an operand cannot be anything else. `%` is a remainder if an operand follows. A sign may begin one or stand between two, and a line
 * may end a statement or not: there blanks decide, `50% - 3` being a difference.
 */
function isPostfix(tokens: readonly IToken[], index: number, previous: IToken | undefined): boolean {
  const token = elementAt(tokens, index);
  if (previous === undefined || !ends.has(previous.tokenType)) return false;
  if (token.tokenType === Bang) return token.image === '!';
  if (token.image !== '%') return false;
  const next = maybeAt(tokens, index + 1);
  let after = index + 1;
  while (isLineEnd(maybeAt(tokens, after))) after++;
  if (follows.has(maybeAt(tokens, after)?.tokenType)) return true;
  const touches = endOf(previous) === token.startOffset;
  if (isLineEnd(next)) return touches;
  return touches && next?.tokenType === Sign && endOf(token) < next.startOffset;
}

function isLineEnd(token: IToken | undefined): boolean {
  return token?.tokenType === Separator && token.image !== ';';
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
      // A slip within a number, as `0o17` is.
      return !(
        /^0[xXbB]|^0$/.test(previous.image) &&
        endOf(previous) === token.startOffset &&
        token.tokenType === Name
      );
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

/** An `=` that defines nothing compares. Separators have to stand where statements end, and nowhere else. */
export function markComparisons(
  tokens: readonly IToken[],
  { syntax, isReserved }: Pick<Reading, 'syntax' | 'isReserved'>,
): IToken[] {
  const defined = new Set<string>();
  let isStart = true;
  let depth = 0;
  let definition = -1;
  return tokens.map((token, index) => {
    const { tokenType, image } = token;
    if (isStart) {
      const name = syntax.anyCase ? image.toLowerCase() : image;
      definition = equalsOfDefinition(tokens, index, depth === 0 && !isReserved(name) && !defined.has(name));
      if (tokenType === Name && definition >= 0) defined.add(name);
    }
    if (tokenType === LeftBrace) depth++;
    else if (tokenType === RightBrace) depth--;
    isStart = tokenType === Separator || tokenType === LeftBrace;
    return tokenType === Equals && index !== definition
      ? tokenOf(ComparisonOperator, image, token.startOffset)
      : token;
  });
}

/** Where the statement that begins at `start` has the `=` of a definition, if it is one: `let x =`, or `f(x, y) =` where functions may be defined. */
function equalsOfDefinition(tokens: readonly IToken[], start: number, mayDefine: boolean): number {
  const typeAt = (index: number): TokenType | undefined => maybeAt(tokens, index)?.tokenType;
  if (typeAt(start) === Let) return start + 2;
  if (!mayDefine || typeAt(start) !== Name || typeAt(start + 1) !== LeftParenthesis) return -1;
  let end = start + 2;
  while (typeAt(end) === Name || typeAt(end) === Comma) end++;
  return typeAt(end) === RightParenthesis && typeAt(end + 1) === Equals ? end + 1 : -1;
}
