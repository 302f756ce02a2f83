import type { IToken, TokenType } from 'chevrotain';
import { closingOf, closings } from './open-brackets.ts';
import {
  And,
  Bang,
  Colon,
  Comma,
  ComparisonOperator,
  Else,
  Equals,
  If,
  LeftBrace,
  LeftBracket,
  LeftParenthesis,
  Let,
  Not,
  Or,
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

/** Tokens after which a statement cannot end. */
const continues: ReadonlySet<TokenType> = new Set([
  And,
  Bang,
  Colon,
  Comma,
  ComparisonOperator,
  Else,
  Equals,
  If,
  LeftBrace,
  LeftBracket,
  LeftParenthesis,
  Let,
  Not,
  Or,
  PowerOperator,
  ProductOperator,
  Question,
  Sign,
  Then,
]);

/** Tokens with which a statement cannot begin. */
export const continued: ReadonlySet<TokenType> = new Set([
  And,
  Colon,
  Comma,
  ComparisonOperator,
  Else,
  Equals,
  Or,
  PowerOperator,
  ProductOperator,
  Question,
  RightBrace,
  RightBracket,
  RightParenthesis,
  Then,
]);

/** Within these a line end means nothing. */
const joiningBrackets: ReadonlySet<TokenType | undefined> = new Set([LeftParenthesis, LeftBracket]);

/**
 * Removes the separators that end no statement, so that the grammar need not know of them:
 *
 * - a newline inside parentheses or square brackets, after a token that wants more (`1 +`), or before one that continues (`then`);
 * - separators in a row but one, and those at the start and the end of the source or of a block.
 */
export function layOut(tokens: readonly IToken[]): IToken[] {
  const result: IToken[] = [];
  const brackets: TokenType[] = [];
  let previous: IToken | undefined;
  let pending: IToken | undefined;
  for (const token of tokens) {
    const type = token.tokenType;
    if (type === Separator) {
      const newline = token.image !== ';';
      const insignificant =
        newline && (joiningBrackets.has(brackets.at(-1)) || (previous && continues.has(previous.tokenType)));
      if (insignificant || previous === undefined || previous.tokenType === LeftBrace) continue;
      // An explicit `;` prevails over a newline: it ends the statement whatever follows.
      if (pending === undefined || !newline) pending = token;
      continue;
    }
    if (pending !== undefined) {
      const dropped = pending.image === ';' ? type === RightBrace : continued.has(type);
      if (!dropped) result.push(pending);
      pending = undefined;
    }
    if (closingOf.has(type)) brackets.push(type);
    else if (closings.has(type)) brackets.pop();
    result.push(token);
    previous = token;
  }
  return result;
}
