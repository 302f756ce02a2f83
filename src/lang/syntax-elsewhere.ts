/** What other languages and calculators write where the parser gives up here, and what to write instead. */
import type { IToken } from 'chevrotain';
import { maybeAt } from '../support/element.ts';
import { builtins } from './builtins.ts';
import { openBrackets } from './open-brackets.ts';
import {
  Bang,
  Colon,
  Comma,
  ComparisonOperator,
  Equals,
  endOf,
  If,
  LeftBracket,
  LeftParenthesis,
  Name,
  NumberToken,
  Question,
  RightBracket,
  RightParenthesis,
} from './tokens.ts';

const conditional = 'a conditional is written `if a then b else c`, or `a ? b : c`';

const comparisons: ReadonlyMap<string, string> = new Map([
  ['<>', '"not equal" is written `!=`'],
  ['<<', 'a shift to the left is a product: `a * 2^n`'],
  ['>>', 'a shift to the right is a quotient: `floor(a / 2^n)`'],
]);

const comments = 'a comment goes from `//` or `#` to the end of its line';

/** Words before a definition. */
const definers: ReadonlySet<string> = new Set(['def', 'fn', 'fun', 'func', 'function', 'lambda']);
const letters: ReadonlySet<string> = new Set(['const', 'var']);

const words: ReadonlyMap<string, string> = new Map([
  ['mod', 'the remainder is written `%`'],
  ['rem', 'the remainder is written `%`'],
  ['div', 'the whole part of a quotient is `trunc(a / b)`'],
  ['xor', 'exclusive or is `!=` for conditions, and `bitxor(a, b)` for integers'],
  ['is', 'comparison is written `==`'],
]);

/** A hint about the token at `index`, at which the parser gave up; at the end of the source that is none. */
export function syntaxElsewhere(tokens: readonly IToken[], index: number): string | undefined {
  const token = maybeAt(tokens, index);
  const previous = maybeAt(tokens, index - 1);
  const next = maybeAt(tokens, index + 1);
  if (previous?.image === '%') return '`%` is the remainder; a percentage is a quotient: `50 / 100`';
  if (token === undefined) return undefined;
  if (token.tokenType === LeftBracket || token.tokenType === RightBracket)
    return 'the language has no arrays: `x[index - 1]` is the element of the column `x` in the row before';
  if (token.image === '/' && next !== undefined && next.image === '*' && touches(token, next))
    return comments;
  if (previous === undefined) return undefined;
  if (token.image === '*' && previous.image === '/' && touches(previous, token)) return comments;
  if (token.tokenType === Question && previous.tokenType === Question)
    return 'the first value that is not missing is `coalesce(a, b)`';
  if (token.image === '^' && previous.image === '^') return 'a power has one sign: `a^b`';
  if (token.tokenType === ComparisonOperator && touches(previous, token)) {
    const hint = comparisons.get(previous.image + token.image);
    if (hint !== undefined) return hint;
  }
  if (token.tokenType === Bang && endsOperand(previous)) return 'the factorial of `n` is `fac(n)`';
  if (token.tokenType === Comma) return commaElsewhere(tokens, index, previous, next);
  if (!endsOperand(previous)) return undefined;
  if (token.tokenType === If) return conditional;
  if (token.tokenType === Colon && next?.tokenType === Equals) return 'a name is defined by `let x = …`';
  if (definers.has(previous.image)) return 'a function is defined by `f(x) = …`';
  if (letters.has(previous.image)) return 'a name is defined by `let x = …`';
  if (token.tokenType === Name)
    return words.get(token.image.toLowerCase()) ?? callWithoutBrackets(previous, token);
  return token.tokenType === NumberToken ? callWithoutBrackets(previous, token) : undefined;
}

/** `1,000`, and `if(a, b, c)`. */
function commaElsewhere(
  tokens: readonly IToken[],
  index: number,
  previous: IToken,
  next: IToken | undefined,
): string | undefined {
  const groupsDigits =
    previous.tokenType === NumberToken &&
    next !== undefined &&
    /^\d{3}$/.test(next.image) &&
    touches(previous, next, 1);
  if (groupsDigits) return 'the digits of a number are grouped by `_`: `1_000`';
  const isFraction =
    openBrackets(tokens, index).length === 0 &&
    previous.tokenType === NumberToken &&
    next?.tokenType === NumberToken &&
    touches(previous, next, 1);
  if (isFraction) return `the decimal sign is a point: \`${previous.image}.${next.image}\``;
  const call = openBrackets(tokens, index).findLast(({ tokenType }) => tokenType === LeftParenthesis);
  const before = call === undefined ? undefined : maybeAt(tokens, tokens.indexOf(call) - 1);
  return before?.tokenType === If ? conditional : undefined;
}

/** `sin 3`. */
function callWithoutBrackets(previous: IToken, argument: IToken): string | undefined {
  if (!builtins.has(previous.image)) return undefined;
  return `what a function is called with stands in brackets: \`${previous.image}(${argument.image})\``;
}

function endsOperand({ tokenType }: IToken): boolean {
  return (
    tokenType === Name ||
    tokenType === NumberToken ||
    tokenType === RightParenthesis ||
    tokenType === RightBracket
  );
}

/** Is there nothing between them, or just so many characters? */
function touches(first: IToken, second: IToken, between = 0): boolean {
  return endOf(first) + between === second.startOffset;
}
