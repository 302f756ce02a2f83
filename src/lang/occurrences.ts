import type { Call, NameReference, Span } from './ast.ts';

/**
 * Where the names stand that a program uses, by name and in the order of the source. Not those of loops, blocks and parameters of
 * functions: each other name means one thing in all of a program, so that its name is enough to know what.
 */
export class Occurrences {
  readonly values: Map<string, Span[]> = new Map();
  readonly functions: Map<string, Span[]> = new Map();

  value({ name, start, end }: NameReference): void {
    note(this.values, name, { start, end });
  }

  call({ callee, calleeSpan }: Call): void {
    note(this.functions, callee, calleeSpan);
  }
}

function note(spans: Map<string, Span[]>, name: string, span: Span): void {
  const known = spans.get(name);
  if (known === undefined) spans.set(name, [span]);
  // A side of two comparisons is written once.
  else if (known.at(-1)?.start !== span.start) known.push(span);
}
