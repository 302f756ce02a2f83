import { CodedError } from '../support/coded-error.ts';
import { elementAt } from '../support/element.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { DiagnosticCode } from './diagnostic-catalogue.ts';
import { placeOf, renderExcerpt, renderWithin, usualWidth } from './diagnostic-renderer.ts';

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
  // Not a property of its own: what prints an error that nobody caught prints all of these, and the message has said it.
  readonly #diagnostics: readonly Diagnostic[];

  /** Its message shows the place of the first error, as {@link render} does for all. */
  constructor(diagnostics: readonly Diagnostic[]) {
    const first = elementAt(diagnostics, 0);
    const more = diagnostics.length > 1 ? ` (and ${diagnostics.length - 1} more)` : '';
    super(first.code, `${placeOf(first)}: ${first.message}${more}\n${renderExcerpt(first)}`);
    this.#diagnostics = Object.freeze(diagnostics);
  }

  /** All errors, in the order of the source; at least one. */
  get diagnostics(): readonly Diagnostic[] {
    return this.#diagnostics;
  }

  /** Offset in the source, in UTF-16 code units. */
  get start(): number {
    return this.#first.start;
  }

  /** Exclusive. */
  get end(): number {
    return this.#first.end;
  }

  /** Counted from 1. */
  get line(): number {
    return this.#first.line;
  }

  /** Counted from 1, in Unicode characters. */
  get column(): number {
    return this.#first.column;
  }

  /** What to do about it, where that can be guessed. */
  get hint(): string | undefined {
    return this.#first.hint;
  }

  /**
   * All errors for a terminal, each with its source line (what of a long one is around the place, so many characters of it), a caret
   * and its hint.
   */
  render(width = usualWidth): string {
    return this.#diagnostics.map((diagnostic) => renderWithin(width, diagnostic)).join('\n');
  }

  /** @internal */
  override toJSON(): object {
    const { diagnostics, start, end, line, column, hint } = this;
    return { ...super.toJSON(), start, end, line, column, hint, diagnostics };
  }

  get #first(): Diagnostic {
    return elementAt(this.#diagnostics, 0);
  }
}
