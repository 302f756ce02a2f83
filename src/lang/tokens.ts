/**
 * The tokens. Operators that share a place in the grammar share a token, whose image tells them apart: the
 * parser decides by precedence (see `operators.ts`), so it needs to know only where each may stand.
 */
import { createToken, Lexer, type TokenType } from 'chevrotain';

/**
 * A run of letters, digits, `_` and of whatever is beyond ASCII but blanks and line ends. The lexer's tables do not
 * know Unicode's properties, so `lexer.ts` checks what is not ASCII with {@link isName}.
 */
const beyondAscii =
  '\\x80-\\x9f\\xa1-\\u167f\\u1681-\\u1fff\\u200b-\\u2027\\u202a-\\u202e\\u2030-\\u205e\\u2060-\\u2fff\\u3001-\\ufefe\\uff00-\\uffff';

export const Name = createToken({
  name: 'Name',
  pattern: new RegExp(`[A-Za-z_${beyondAscii}][A-Za-z0-9_${beyondAscii}]*`),
});

function keyword(name: string, pattern: RegExp): TokenType {
  return createToken({ name, pattern, longer_alt: Name });
}

export const Let = keyword('Let', /let/);
export const If = keyword('If', /if/);
export const Then = keyword('Then', /then/);
export const Else = keyword('Else', /else/);
export const Not = keyword('Not', /not/);
export const And = createToken({ name: 'And', pattern: /&&|and/, longer_alt: Name });
export const Or = createToken({ name: 'Or', pattern: /\|\||or/, longer_alt: Name });

/** A hexadecimal, binary or decimal number; `_` may stand between two digits. */
export const NumberToken = createToken({
  name: 'Number',
  pattern:
    /0[xX][\da-fA-F]+(?:_[\da-fA-F]+)*|0[bB][01]+(?:_[01]+)*|(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?/,
});

export const PowerOperator = createToken({ name: 'PowerOperator', pattern: /\*\*|\^/ });
export const ProductOperator = createToken({ name: 'ProductOperator', pattern: /[*/%]/ });
/** Between two operands, or in front of one. */
export const Sign = createToken({ name: 'Sign', pattern: /[+-]/ });
export const ComparisonOperator = createToken({ name: 'ComparisonOperator', pattern: /[<>]=?|==|!=/ });
export const Bang = createToken({ name: 'Bang', pattern: /!/ });
export const Question = createToken({ name: 'Question', pattern: /\?/ });
export const Colon = createToken({ name: 'Colon', pattern: /:/ });
export const Equals = createToken({ name: 'Equals', pattern: /=/ });
export const Comma = createToken({ name: 'Comma', pattern: /,/ });
export const LeftParenthesis = createToken({ name: 'LeftParenthesis', pattern: /\(/ });
export const RightParenthesis = createToken({ name: 'RightParenthesis', pattern: /\)/ });
export const LeftBrace = createToken({ name: 'LeftBrace', pattern: /\{/ });
export const RightBrace = createToken({ name: 'RightBrace', pattern: /\}/ });

/** Ends a statement; `layout.ts` removes those that do not. */
export const Separator = createToken({ name: 'Separator', pattern: /;|\r\n|[\n\r\u2028\u2029]/ });

const Blank = createToken({
  name: 'Blank',
  pattern: /[ \t\v\f\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\ufeff]+/,
  group: Lexer.SKIPPED,
});
const Comment = createToken({
  name: 'Comment',
  pattern: /(?:#|\/\/)[^\n\r\u2028\u2029]*/,
  group: Lexer.SKIPPED,
});

/** In the order in which the lexer tries those that can start with the same character. */
export const vocabulary: readonly TokenType[] = [
  Blank,
  Comment,
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
  Question,
  Colon,
  Equals,
  Comma,
  LeftParenthesis,
  RightParenthesis,
  LeftBrace,
  RightBrace,
  Separator,
];

/** Words that cannot be names. */
export const keywords: readonly string[] = ['let', 'if', 'then', 'else', 'not', 'and', 'or'];

const namePattern = /^[_\p{ID_Start}][_\p{ID_Continue}]*$/u;
/** What most names look like; tried first, since Unicode's properties and normalisation cost time. */
const asciiNamePattern = /^[A-Za-z_]\w*$/;

/** Whether the text can stand in a source as a name. */
export function isName(text: string): boolean {
  return (asciiNamePattern.test(text) || namePattern.test(text)) && !keywords.includes(text);
}

/** Names are the same if their canonical composition is. */
export function normalizeName(name: string): string {
  return asciiNamePattern.test(name) ? name : name.normalize('NFC');
}
