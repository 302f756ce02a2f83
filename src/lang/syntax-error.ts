/** Turns what chevrotain's parser stumbled over into words for people. */
import { EOF, type IRecognitionException, type IToken, type TokenType } from 'chevrotain';
import { maybeAt } from '../support/element.ts';
import type { Span } from './ast.ts';
import { createDiagnostic, type Diagnostic } from './diagnostic.ts';
import { closingOf, closings, openBrackets } from './open-brackets.ts';
import type { SourceText } from './source-text.ts';
import { plainSyntax, type Syntax, unwritten } from './syntax.ts';
import { syntaxElsewhere } from './syntax-elsewhere.ts';
import {
  Bang,
  Comma,
  Else,
  Equals,
  endOf,
  LeftBrace,
  LeftBracket,
  LeftParenthesis,
  Name,
  NumberToken,
  operandEnds,
  RightBrace,
  RightBracket,
  RightParenthesis,
  Separator,
  Then,
} from './tokens.ts';

/** `tokens` are those of the source up to the end of what was parsed. */
export function describeSyntaxError(
  source: SourceText,
  tokens: readonly IToken[],
  exception: IRecognitionException,
  syntax: Syntax = plainSyntax,
): Diagnostic {
  const { token: met, message: expected } = exception;
  const atEnd = met.tokenType === EOF;
  const at = atEnd ? tokens.length : tokens.indexOf(met);
  // What is not written is not what surprises.
  const index = !atEnd && met.image === unwritten ? at + 1 : at;
  const token = maybeAt(tokens, index) ?? met;
  const previous = maybeAt(tokens, index - 1);
  return (
    malformedNumber(source, tokens, index) ??
    unmatchedBracket(source, tokens, index) ??
    (atEnd
      ? unexpectedEnd(source, tokens, previous, expected, syntax)
      : unexpectedToken(source, token, previous, expected, syntax, elsewhere(tokens, index, syntax)))
  );
}

/** A number and what follows without a blank: `2x`, `1_`, `0b12`, `1.2.3`. */
function malformedNumber(
  source: SourceText,
  tokens: readonly IToken[],
  index: number,
): Diagnostic | undefined {
  const number = maybeAt(tokens, index - 1);
  const next = maybeAt(tokens, index);
  if (number?.tokenType !== NumberToken || next === undefined) return undefined;
  if (next.startOffset !== endOf(number) || !wordLike.has(next.tokenType)) return undefined;
  const span = { start: number.startOffset, end: endOf(next) };
  const text = source.text.slice(span.start, span.end);
  const isPrefixOfNumber =
    /^(?:_|[eE]\d*$)/.test(next.image) || (number.image === '0' && /^[xXbBoO]/.test(next.image));
  const isFactor = next.tokenType === Name && /^[\d.]+$/.test(number.image) && !isPrefixOfNumber;
  const hint = isFactor
    ? `multiplication needs its sign: \`${number.image}*${next.image}\``
    : 'numbers look like `12`, `1.5`, `2e-3`, `1_000`, `0xFF`, `0b101`';
  return createDiagnostic(source, 'E_MALFORMED_NUMBER', span, `\`${text}\` is not a number`, hint);
}

const wordLike: ReadonlySet<TokenType> = new Set([Name, NumberToken]);

/** A bracket that closes nothing or another kind, or, at the end of the source, one that is still open. */
function unmatchedBracket(
  source: SourceText,
  tokens: readonly IToken[],
  index: number,
): Diagnostic | undefined {
  const token = maybeAt(tokens, index);
  const innermost = openBrackets(tokens, index).at(-1);
  if (token !== undefined && closings.has(token.tokenType)) {
    if (innermost === undefined) {
      return createDiagnostic(
        source,
        'E_UNMATCHED_BRACKET',
        spanOf(token),
        `this \`${token.image}\` closes nothing`,
      );
    }
    if (closingOf.get(innermost.tokenType) !== token.tokenType) {
      const { line, column } = source.position(innermost.startOffset);
      const message = `this \`${token.image}\` cannot close the \`${innermost.image}\` at ${line}:${column}`;
      return createDiagnostic(source, 'E_UNMATCHED_BRACKET', spanOf(token), message);
    }
  }
  if (token !== undefined || innermost === undefined) return undefined;
  const hint = `add \`${closingImages.get(innermost.tokenType)}\``;
  return createDiagnostic(
    source,
    'E_UNCLOSED_BRACKET',
    spanOf(innermost),
    `this \`${innermost.image}\` is never closed`,
    hint,
  );
}

const closingImages: ReadonlyMap<TokenType, string> = new Map([
  [LeftParenthesis, ')'],
  [LeftBracket, ']'],
  [LeftBrace, '}'],
]);

/** A dialect may be just what such a hint is against. */
function elsewhere(tokens: readonly IToken[], index: number, syntax: Syntax): string | undefined {
  return syntax.isPlain ? syntaxElsewhere(tokens, index) : undefined;
}

function unexpectedEnd(
  source: SourceText,
  tokens: readonly IToken[],
  previous: IToken | undefined,
  expected: string,
  syntax: Syntax,
): Diagnostic {
  const last = previous ?? tokens.at(0);
  const start = last === undefined ? source.text.length : endOf(last);
  const message = `the source ends where ${describeExpected(expected)} should follow`;
  const hint = elsewhere(tokens, tokens.length, syntax);
  return createDiagnostic(source, 'E_UNEXPECTED_END', { start, end: start }, message, hint);
}

function unexpectedToken(
  source: SourceText,
  token: IToken,
  previous: IToken | undefined,
  expected: string,
  syntax: Syntax,
  known: string | undefined,
): Diagnostic {
  const span = spanOf(token);
  if (token.tokenType === Equals) {
    const hint =
      previous?.tokenType === Bang
        ? '"not equal" is written `!=`'
        : 'comparison is written `==`; `let x = …` and `f(x) = …` define names at the start of a statement';
    return createDiagnostic(source, 'E_MISPLACED_EQUALS', span, '`=` cannot stand here', hint);
  }
  const written = describeToken(token, source);
  const message = `unexpected ${written}; expected ${describeExpected(expected)}`;
  return createDiagnostic(
    source,
    'E_UNEXPECTED_TOKEN',
    span,
    message,
    known ?? hintFor(token, previous, expected, syntax),
  );
}

function hintFor(
  token: IToken,
  previous: IToken | undefined,
  expected: string,
  syntax: Syntax,
): string | undefined {
  const endsOperand = previous !== undefined && operandEnds.has(previous.tokenType);
  if (endsOperand && operandStarts.has(token.tokenType)) {
    return syntax.implicitProducts && token.tokenType === NumberToken
      ? 'a number is the first factor, or has a `*` before it'
      : 'multiplication needs its sign `*`, and a statement ends with `;` or a newline';
  }
  if (token.tokenType === Else && expected === Then.name) return 'write `if … then … else …`';
  if (token.tokenType === Comma && previous?.tokenType === Comma)
    return 'an argument is missing between the commas';
  if (token.tokenType === RightBrace && expected === Separator.name) return 'a block ends with an expression';
  if (token.tokenType === Separator && expected === Else.name) return 'every `if` needs its `else`';
  if (expected === Name.name && /^[a-z]+$/.test(token.image))
    return `\`${token.image}\` is a word of the language`;
  return undefined;
}

const operandStarts: ReadonlySet<TokenType> = new Set([Name, NumberToken, LeftParenthesis, LeftBrace]);

function describeToken(token: IToken, source: SourceText): string {
  const { start, end } = spanOf(token);
  if (token.tokenType !== Separator) return `\`${source.text.slice(start, end)}\``;
  return token.image === ';' ? '`;`' : 'end of line';
}

/** `expected` is what the grammar's error messages carry: the name of a token or of a rule. */
function describeExpected(expected: string): string {
  return expectations.get(expected) ?? `\`${expected}\``;
}

const expectations: ReadonlyMap<string, string> = new Map([
  ['end', 'an operator or the end of the statement'],
  ['statement', 'a statement'],
  ['operand', 'a value'],
  [Name.name, 'a name'],
  [Equals.name, '`=`'],
  [Then.name, '`then`'],
  [Else.name, '`else`'],
  ['Colon', '`:`'],
  [`operand ${RightParenthesis.name}`, '`)` or an operator'],
  [`functionDefinition ${RightParenthesis.name}`, '`,` or `)` after the name of a parameter'],
  [RightBrace.name, '`}` or an operator'],
  [RightBracket.name, '`]` or an operator'],
  [Separator.name, '`;` or a newline'],
]);

function spanOf(token: IToken): Span {
  return { start: token.startOffset, end: endOf(token) };
}
