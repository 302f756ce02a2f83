import { requireBytes } from '../support/byte-array.ts';
import type { Span } from './span.ts';
import { SpanWriter } from './span-writer.ts';

/** Where a write goes, or what makes its bytes from the start of the span on. */
export type WriteSource = number | ((writer: SpanWriter) => void);

/** What is to be written to a span, and where in it. */
export interface SpanContent {
  readonly span: Span;
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** Bytes of the span that remain afterwards; undefined for all. */
  readonly kept: number | undefined;
}

/** What a write to a span of `size` bytes consists of, checked. Runs a writer. */
export function contentOf(span: Span, size: number, source: WriteSource, bytes: unknown): SpanContent {
  if (typeof source === 'function') {
    const writer = new SpanWriter(size);
    source(writer);
    return { span, offset: 0, bytes: writer.written, kept: writer.kept };
  }
  requireBytes(bytes);
  // A copy's length is what it says, whatever a subclass, a resizable buffer or another thread has in mind.
  const copy = new Uint8Array(bytes);
  if (!Number.isSafeInteger(source) || source < 0 || source + copy.length > size) {
    throw new RangeError(
      `offset must be such that ${copy.length} bytes fit into a span of ${size}, not ${source}`,
    );
  }
  return { span, offset: source, bytes: copy, kept: undefined };
}
