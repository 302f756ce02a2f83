import { cutText } from '../support/cut-text.ts';
import type { Span } from './ast.ts';
import { type DiagnosticCode, diagnosticCatalogue } from './diagnostic-catalogue.ts';
import type { SourceText } from './source-text.ts';

/** One thing to say about one place in a source. */
export interface Diagnostic extends Span {
  readonly severity: 'error' | 'warning';
  /** Stable across versions; see {@link DiagnosticCode}. */
  readonly code: DiagnosticCode;
  /** For people; may be reworded. Quotes of the source are cut to a length that can be read. */
  readonly message: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, in Unicode characters. */
  readonly column: number;
  /** What to do about it, where that can be guessed. */
  readonly hint: string | undefined;
  readonly source: SourceText;
}

/** Errors of syntax that are told at once: a source that is no program at all should not be answered with thousands of lines. */
export const maxSyntaxErrors = 20;

export function createDiagnostic(
  source: SourceText,
  code: DiagnosticCode,
  span: Span,
  message: string,
  hint?: string,
): Diagnostic {
  const { severity } = diagnosticCatalogue[code];
  const { start, end } = span;
  return {
    severity,
    code,
    message: cutQuotes(message),
    start,
    end,
    ...source.position(start),
    hint: hint === undefined ? undefined : cutQuotes(hint),
    source,
  };
}

/** A name may be as long as the source, and what is quoted stands between backticks, which no name contains. */
function cutQuotes(text: string): string {
  return text.replace(/`([^`]*)`/g, (_, quoted: string) => `\`${cutText(quoted)}\``);
}

/** A source can have more errors than anyone reads, and each costs time to place. */
const maxReported = 100;

interface Finding {
  readonly source: SourceText;
  readonly code: DiagnosticCode;
  readonly span: Span;
  readonly message: string;
  readonly hint: string | undefined;
}

/** Where a pass puts what it finds, so that it can go on. */
export class DiagnosticList {
  readonly #errors: Finding[] = [];
  readonly #warnings: Finding[] = [];

  get hasErrors(): boolean {
    return this.#errors.length > 0;
  }

  /** Whether more errors would hardly be shown, so that their hints need not be found. */
  get isFull(): boolean {
    return this.#errors.length >= maxReported;
  }

  report(source: SourceText, code: DiagnosticCode, span: Span, message: string, hint?: string): void {
    const list = diagnosticCatalogue[code].severity === 'error' ? this.#errors : this.#warnings;
    // A side of two comparisons is written once.
    const last = list.at(-1);
    if (
      last?.source === source &&
      last.code === code &&
      last.span.start === span.start &&
      last.message === message
    )
      return;
    list.push({ source, code, span, message, hint });
  }

  /** In the order of the source; the first hundred. */
  errors(): Diagnostic[] {
    return place(this.#errors);
  }

  /** In the order of the source; the first hundred. */
  warnings(): Diagnostic[] {
    return place(this.#warnings);
  }
}

/** Source by source, as they were met, and in the order of each. */
function place(findings: readonly Finding[]): Diagnostic[] {
  if (findings.length === 0) return [];
  const ranks = new Map<SourceText, number>();
  for (const { source } of findings) if (!ranks.has(source)) ranks.set(source, ranks.size);
  const rank = ({ source }: Finding) => ranks.get(source) ?? 0;
  return [...findings]
    .sort((a, b) => rank(a) - rank(b) || a.span.start - b.span.start)
    .slice(0, maxReported)
    .map(({ source, code, span, message, hint }) => createDiagnostic(source, code, span, message, hint));
}
