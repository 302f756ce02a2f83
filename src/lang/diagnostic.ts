import type { Span } from './ast.ts';
import { type DiagnosticCode, diagnosticCatalogue } from './diagnostic-catalogue.ts';
import type { SourceText } from './source-text.ts';

/** One thing to say about one place in a source. */
export interface Diagnostic extends Span {
  readonly severity: 'error' | 'warning';
  /** Stable across versions; see {@link diagnosticCatalogue}. */
  readonly code: DiagnosticCode;
  /** For people; may be reworded. */
  readonly message: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, in Unicode characters. */
  readonly column: number;
  /** What to do about it, where that can be guessed. */
  readonly hint: string | undefined;
  readonly source: SourceText;
}

export function createDiagnostic(
  source: SourceText,
  code: DiagnosticCode,
  span: Span,
  message: string,
  hint?: string,
): Diagnostic {
  const { severity } = diagnosticCatalogue[code];
  const { start, end } = span;
  return { severity, code, message, start, end, ...source.position(start), hint, source };
}

/** In the order of the source, and of discovery where two point to the same place. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [...diagnostics].sort((a, b) => a.start - b.start);
}

/** Where a pass puts what it finds, so that it can go on. */
export class DiagnosticList {
  readonly errors: Diagnostic[] = [];
  readonly warnings: Diagnostic[] = [];

  report(source: SourceText, code: DiagnosticCode, span: Span, message: string, hint?: string): void {
    const diagnostic = createDiagnostic(source, code, span, message, hint);
    (diagnostic.severity === 'error' ? this.errors : this.warnings).push(diagnostic);
  }
}
