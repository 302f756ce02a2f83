/** What a source does by its lines and comments alone, where its author may have meant something else. */
import type { Program } from './ast.ts';
import type { DiagnosticList } from './diagnostic.ts';
import type { SourceText } from './source-text.ts';

export function warnOfLayout({ source, definitions, result }: Program, diagnostics: DiagnosticList): void {
  if (result !== undefined && definitions.length > 0) warnOfSign(source, result.start, diagnostics);
  if (source.text.includes('//')) warnOfDivision(source, diagnostics);
}

/** `let a = 5⏎- 2` is -2. */
function warnOfSign(source: SourceText, start: number, diagnostics: DiagnosticList): void {
  const sign = source.text.charAt(start);
  if (sign !== '-' && sign !== '+') return;
  // Whoever ends a statement by `;` means it.
  if (
    !/[^;\s]\s*[\n\r\u2028\u2029][^\S\n\r\u2028\u2029]*$/.test(withoutComments(source.text.slice(0, start)))
  )
    return;
  diagnostics.report(
    source,
    'W_SIGN_BEGINS_LINE',
    { start, end: start + 1 },
    `this \`${sign}\` begins a statement, since the line before is one`,
    `to go on with that, end it with the \`${sign}\`; if it is meant, end it with \`;\``,
  );
}

function withoutComments(text: string): string {
  return text.replace(/(?:#|\/\/)[^\n\r\u2028\u2029]*/g, '');
}

/** The part of a line before its comment, if that begins with `//` behind an operand, and the comment. */
const lineWithComment = /^((?:(?!\/\/)[^#\n\r\u2028\u2029])*[\w)\]}][ \t]*)\/\/([^\n\r\u2028\u2029]*)/gm;
/** A number, or more than a number in brackets, and what may stand in the rest of a formula. */
const operand = /^\s*(?:[\d.]|\((?!\d+\)\s*$))(?:[\w\s.()+\-*/%^]*[\w.)])?\s*$/;
/** Words, dates, and what counts them. */
const isProse = /[\w.]\s+[\w.]|\d-\d+-\d|\d[a-z]/i;

/** `7 // 2` is 7. */
function warnOfDivision(source: SourceText, diagnostics: DiagnosticList): void {
  for (const { index, 1: before = '', 2: comment = '' } of source.text.matchAll(lineWithComment)) {
    if (!operand.test(comment) || isProse.test(comment)) continue;
    const start = index + before.length;
    diagnostics.report(
      source,
      'W_COMMENT_LIKE_DIVISION',
      { start, end: start + 2 + comment.trimEnd().length },
      '`//` begins a comment, and what follows does not count',
      'the whole part of a quotient is `floor(a / b)`',
    );
  }
}
