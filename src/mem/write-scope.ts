import type { Span } from './span.ts';
import type { SpanWriter } from './span-writer.ts';

/**
 * Collects writes to any number of spans. They are made together when the scope's body has returned, or by {@link
 * WriteScope.flush} before; if the body throws, those that were not flushed are not made.
 */
export interface WriteScope {
  /** As `JitAllocator.write`, but later. The bytes are copied at once. */
  write(span: Span, offset: number, bytes: Uint8Array): void;
  /**
   * As `JitAllocator.write` with a writer, which runs at once. Where it shrinks the span, that happens when the writes were
   * made; then `JitAllocator.query` gives the span that is left.
   */
  write(span: Span, writer: (writer: SpanWriter) => void): void;
  /** Makes the writes collected so far. Where it throws, they are collected still. */
  flush(): void;
}
