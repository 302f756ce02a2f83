import { CodedError } from '../support/coded-error.ts';
import { elementAt } from '../support/element.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { DiagnosticCode } from './diagnostic-catalogue.ts';
import { renderDiagnostic } from './diagnostic-renderer.ts';

/**
 * A source that cannot be compiled, with everything that is wrong with it. `code`, the span and the hint are
 * those of the first error.
 *
 * @example
 * try { compile('sqr(x)') } catch (error) {
 *   if (error instanceof CompileError) console.error(error.render());
 * }
 */
export class CompileError extends CodedError<DiagnosticCode> {
  override readonly name = 'CompileError';
  /** All errors, in the order of the source; at least one. */
  readonly diagnostics: readonly Diagnostic[];
  /** Offset in the source, in UTF-16 code units. */
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, in Unicode characters. */
  readonly column: number;
  readonly hint: string | undefined;

  constructor(diagnostics: readonly Diagnostic[]) {
    const first = elementAt(diagnostics, 0);
    const more = diagnostics.length > 1 ? ` (and ${diagnostics.length - 1} more)` : '';
    super(first.code, `${first.line}:${first.column}: ${first.message}${more}`);
    this.diagnostics = diagnostics;
    this.start = first.start;
    this.end = first.end;
    this.line = first.line;
    this.column = first.column;
    this.hint = first.hint;
  }

  /** All errors for a terminal, each with its source line (what of a long one is around the place), a caret and its hint. */
  render(): string {
    return this.diagnostics.map(renderDiagnostic).join('\n');
  }
}
