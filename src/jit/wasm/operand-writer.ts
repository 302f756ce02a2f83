import type { Value } from '../ir/function.ts';
import type { FunctionSink } from './function-sink.ts';

/** Writes operands. */
export interface OperandWriter {
  readonly sink: FunctionSink;
  /** Leaves a value on the stack. */
  push(value: Value): void;
  /** Is the value written where it is read? */
  isInline(value: Value): boolean;
}
