import { CompileError, type Diagnostic, SourceText } from '../index.ts';

/** A text that people have before them, and where spans of what was compiled stand in it. */
export interface Whereabouts {
  readonly text: string;
  /** Of a file, shown in front of positions. */
  readonly name?: string | undefined;
  place(start: number, end: number): { readonly start: number; readonly end: number };
}

/**
 * The error as one of other texts: of that which `find` knows for a source that was compiled. What it says of other sources,
 * those of functions that a definition would break for example, stays as it is.
 */
export function relocate(
  error: CompileError,
  find: (compiled: string) => Whereabouts | undefined,
): CompileError {
  const moved = error.diagnostics.map((diagnostic): Diagnostic => {
    const found = diagnostic.source.name === undefined ? find(diagnostic.source.text) : undefined;
    if (found === undefined) return diagnostic;
    const source = new SourceText(found.text, found.name);
    const { start, end } = found.place(diagnostic.start, diagnostic.end);
    return { ...diagnostic, start, end, ...source.position(start), source };
  });
  return new CompileError(moved);
}
