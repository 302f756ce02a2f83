import type { IToken, TokenType } from 'chevrotain';
import {
  LeftBrace,
  LeftBracket,
  LeftParenthesis,
  RightBrace,
  RightBracket,
  RightParenthesis,
} from './tokens.ts';

/** By each bracket that opens, the one that closes it. */
export const closingOf: ReadonlyMap<TokenType, TokenType> = new Map([
  [LeftParenthesis, RightParenthesis],
  [LeftBrace, RightBrace],
  [LeftBracket, RightBracket],
]);
export const closings: ReadonlySet<TokenType> = new Set(closingOf.values());

/** The brackets that are still open in front of the token at `end`, the innermost last. */
export function openBrackets(tokens: readonly IToken[], end: number): IToken[] {
  const open: IToken[] = [];
  for (const token of tokens.slice(0, end)) {
    if (closingOf.has(token.tokenType)) open.push(token);
    else if (closings.has(token.tokenType)) open.pop();
  }
  return open;
}
