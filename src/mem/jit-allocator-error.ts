import type { Address } from '../native/address.ts';
import { CodedError } from '../support/coded-error.ts';
import type { Block } from './block.ts';

/** Why an allocator refused. */
export type JitAllocatorErrorCode =
  /** The address is in no block of this allocator. */
  | 'E_FOREIGN_ADDRESS'
  /** The address is in a block, but no span lives there: released already, or never allocated. */
  | 'E_NOT_ALLOCATED'
  /** The address is inside a span, not at its start. */
  | 'E_INTERIOR_ADDRESS'
  /** The span object was made by someone else, or describes a span that was released, shrunk or reset since. */
  | 'E_STALE_SPAN'
  /** The allocator was disposed of. */
  | 'E_DISPOSED'
  /** A write scope was used after its body had returned. */
  | 'E_SCOPE_CLOSED'
  /** Dual mapping is asked for, or enforced, and cannot be had. */
  | 'E_DUAL_MAPPING_UNAVAILABLE'
  /** The reserved address range has no room for another block. */
  | 'E_RESERVE_EXHAUSTED';

/** A request that the allocator refused. The allocator's state is what it was before. */
export class JitAllocatorError extends CodedError<JitAllocatorErrorCode> {
  override readonly name = 'JitAllocatorError';
}

/*
 * What an allocator throws at callers who ask for what they may not have.
 */

export function disposedError(): JitAllocatorError {
  return new JitAllocatorError('E_DISPOSED', 'the allocator was disposed of');
}

export function scopeClosedError(): JitAllocatorError {
  return new JitAllocatorError('E_SCOPE_CLOSED', 'a write scope ends when its body returns');
}

export function staleSpanError(): JitAllocatorError {
  return new JitAllocatorError(
    'E_STALE_SPAN',
    'the span is not one of this allocator, or was released or shrunk since',
  );
}

export function sizeError(name: string, value: unknown, smallest: number, largest: number): Error {
  if (typeof value !== 'number') return new TypeError(`${name} must be a number, not a ${typeof value}`);
  return new RangeError(`${name} must be an integer from ${smallest} to ${largest}, not ${value}`);
}

/** Why no live span starts at `rx`; `block` holds the address, if any does. */
export function addressError(rx: Address, block: Block | undefined): Error {
  if (typeof rx !== 'number') return new TypeError(`rx must be a number, not a ${typeof rx}`);
  const address = formatAddress(rx);
  if (block === undefined) {
    return new JitAllocatorError('E_FOREIGN_ADDRESS', `${address} is in no block of this allocator`);
  }
  const start = block.map.startOf(Math.floor((rx - block.rx) / block.granularity));
  if (start < 0) return new JitAllocatorError('E_NOT_ALLOCATED', `no span is allocated at ${address}`);
  const owner = formatAddress(block.rx + start * block.granularity);
  return new JitAllocatorError(
    'E_INTERIOR_ADDRESS',
    `${address} is inside of the span that starts at ${owner}`,
  );
}

/** An address as people write it. */
function formatAddress(address: number): string {
  return Number.isSafeInteger(address) && address >= 0 ? `0x${address.toString(16)}` : String(address);
}
