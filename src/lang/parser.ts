import type { IToken } from 'chevrotain';
import { elementAt } from '../support/element.ts';
import { noOptions } from '../support/settings.ts';
import { isStackOverflow } from '../support/stack-overflow.ts';
import type { Program } from './ast.ts';
import { CompileError } from './compile-error.ts';
import { createDiagnostic, type Diagnostic, maxSyntaxErrors } from './diagnostic.ts';
import { Grammar } from './grammar.ts';
import { tokenize } from './lexer.ts';
import { resolveLimits, type SourceLimits } from './limits.ts';
import { type Reading, type ReadingOptions, readingOf } from './reading.ts';
import { SourceText } from './source-text.ts';
import { describeSyntaxError } from './syntax-error.ts';
import { LeftBrace, LeftParenthesis, RightBrace, RightParenthesis, Separator } from './tokens.ts';

/**
 * Reused by every parse, since to build it takes milliseconds. Whoever parses takes it away meanwhile: a built-in function that
 * was replaced by one that parses finds none.
 */
let idle: Grammar | undefined;

/**
 * The syntax tree of a source.
 *
 * @throws CompileError with the first syntax error of each statement, or with the limit that was exceeded;
 * TypeError if the source is no text, RangeError if a limit is impossible.
 */
export function parse(
  source: string | SourceText,
  options: ReadingOptions = noOptions,
  reading: Reading = readingOf(options),
): Program {
  const text = typeof source === 'string' ? new SourceText(source) : source;
  if (!(text instanceof SourceText))
    throw new TypeError(`the source must be a string, not ${String(source)}`);
  const resolved = resolveLimits(options.limits);
  const tokens = tokenize(text, resolved, reading);
  const grammar = idle ?? new Grammar({ analyse: false });
  idle = undefined;
  try {
    const outcome = attempt(grammar, text, tokens, resolved, reading);
    if (outcome.kind === 'program') return outcome;
    throw new CompileError(collectErrors(grammar, text, tokens, resolved, reading, outcome));
  } finally {
    grammar.finish();
    idle = grammar;
  }
}

function attempt(
  parser: Grammar,
  source: SourceText,
  tokens: IToken[],
  limits: SourceLimits,
  reading: Reading,
): Program | { kind: 'error'; diagnostic: Diagnostic } {
  try {
    const program = parser.parse(source, tokens, limits, reading);
    if (program !== undefined) return program;
    const exception = elementAt(parser.errors, 0);
    return { kind: 'error', diagnostic: describeSyntaxError(source, tokens, exception, reading.syntax) };
  } catch (error) {
    if (error instanceof CompileError) return { kind: 'error', diagnostic: elementAt(error.diagnostics, 0) };
    // The nesting limit is made for a whole stack; the caller may have used most of it.
    if (!isStackOverflow(error)) throw error;
    const message = 'nested too deeply for what is left of the stack';
    const diagnostic = createDiagnostic(source, 'E_NESTING', { start: 0, end: 0 }, message);
    return { kind: 'error', diagnostic };
  }
}

/** The first error, and those of the statements after it. */
function collectErrors(
  parser: Grammar,
  source: SourceText,
  tokens: IToken[],
  limits: SourceLimits,
  reading: Reading,
  first: { diagnostic: Diagnostic },
): Diagnostic[] {
  const diagnostics = [first.diagnostic];
  let rest = statementsAfter(tokens, first.diagnostic);
  while (rest.length > 0 && diagnostics.length < maxSyntaxErrors) {
    const outcome = attempt(parser, source, rest, limits, reading);
    if (outcome.kind === 'program') break;
    diagnostics.push(outcome.diagnostic);
    rest = statementsAfter(rest, outcome.diagnostic);
  }
  return diagnostics;
}

/** The tokens after the first separator outside of brackets that follows the place of a diagnostic. */
function statementsAfter(tokens: readonly IToken[], { start, code }: Diagnostic): IToken[] {
  if (code === 'E_NODES' || code === 'E_NESTING') return [];
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    const { tokenType } = token;
    if (tokenType === LeftBrace || tokenType === LeftParenthesis) depth++;
    else if (tokenType === RightBrace || tokenType === RightParenthesis) depth--;
    else if (tokenType === Separator && depth <= 0 && token.startOffset >= start) {
      return tokens.slice(index + 1);
    }
  }
  return [];
}
