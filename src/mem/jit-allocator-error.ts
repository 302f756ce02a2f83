import { CodedError } from '../support/coded-error.ts';

export type JitAllocatorErrorCode =
  /** The address is in no block of this allocator. */
  | 'FOREIGN_ADDRESS'
  /** The address is in a block, but no span lives there: released already, or never allocated. */
  | 'NOT_ALLOCATED'
  /** The address is inside a span, not at its start. */
  | 'INTERIOR_ADDRESS'
  /** The span object was made by someone else, or describes a span that was released, shrunk or reset since. */
  | 'STALE_SPAN'
  /** The allocator was disposed of. */
  | 'DISPOSED'
  /** A write scope was used after its body had returned. */
  | 'SCOPE_CLOSED'
  /** Dual mapping is asked for, or enforced, and cannot be had. */
  | 'DUAL_MAPPING_UNAVAILABLE'
  /** The reserved address range has no room for another block. */
  | 'RESERVE_EXHAUSTED';

/** A request that the allocator refused. The allocator's state is what it was before. */
export class JitAllocatorError extends CodedError<JitAllocatorErrorCode> {
  override readonly name = 'JitAllocatorError';
}

/** An address as people write it. */
export function formatAddress(address: number): string {
  return Number.isSafeInteger(address) && address >= 0 ? `0x${address.toString(16)}` : String(address);
}
