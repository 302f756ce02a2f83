import type { Span } from './span.ts';
import type { SpanWriter } from './span-writer.ts';

/**
 * Collects writes to any number of spans. They are made together when the scope's body has returned; if it
 * throws, none is.
 */
export interface WriteScope {
  /** As `JitAllocator.write`, but later. The bytes are copied at once. */
  write(span: Span, offset: number, bytes: Uint8Array): void;
  /** As `JitAllocator.write` with a writer, which runs at once. */
  write(span: Span, writer: (writer: SpanWriter) => void): void;
}
