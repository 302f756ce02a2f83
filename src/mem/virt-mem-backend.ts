import type { ProbeReport } from '../native/addon.ts';
import type { Address } from '../native/address.ts';

/**
 * Virtual memory as the allocator sees it. `VirtMem` is the real one; tests inject others, which fail on
 * demand or enforce policies that this machine does not have. Sizes are in bytes; failures throw `VirtMemError`.
 */
export interface VirtMemBackend {
  /** Sizes in bytes: of a page, and of what mappings are aligned to. */
  info(): { pageSize: number; pageGranularity: number };
  /** Size of a large page in bytes, 0 if unavailable. */
  largePageSize(): number;
  /** What the OS enforces on this process, as {@link HardenedRuntimeFlags}. */
  hardenedRuntimeInfo(): { flags: number };
  /** Maps `size` bytes, a multiple of the page size, with {@link MemoryFlags}. */
  alloc(size: number, flags: number): Address;
  /** Unmaps what `alloc` mapped, as a whole. */
  release(address: Address, size: number): void;
  /** Changes what pages may be used for, to {@link MemoryFlags}. */
  protect(address: Address, size: number, flags: number): void;
  /**
   * Puts writable memory under a protection key, so that only `write`, `fill` and `read` reach it, while they are at work.
   * False where there are no such keys, as in a backend without this method.
   */
  guardWrites?(rw: Address, size: number): boolean;
  /**
   * Moves memory onto huge pages as far as they fit, in both views of a dual mapping; `address` is where it is executable.
   * Gives the bytes that are on such pages now, and those of which the OS was told that they would be welcome there. Backends
   * need not have it.
   */
  collapse?(address: Address, size: number): { collapsedSize: number; hintedSize: number };
  /** Maps the same memory twice: readable and executable at `rx`, readable and writable at `rw`. */
  allocDualMapping(size: number, flags: number): DualMapping;
  /** Unmaps both sides. */
  releaseDualMapping(mapping: DualMapping, size: number): void;
  /** Switches this thread's view of `MAP_JIT` memory, where the OS has such; see {@link ProtectJitAccess}. */
  protectJitMemory(access: number): void;
  /** Makes code that was written visible to instruction fetch; nothing to do on x86. */
  flushInstructionCache(address: Address, size: number): void;
  /** Copies `bytes` to mapped memory that is writable. */
  write(rw: Address, bytes: Uint8Array): void;
  /** A copy of mapped memory that is readable. */
  read(rx: Address, size: number): Uint8Array;
  /** Repeats the 32-bit `pattern`, little endian. */
  fill(rw: Address, size: number, pattern: number): void;
  /** Runs a stub through every strategy: what works here, and if not, why. */
  probe(): ProbeReport;
}

/** Two addresses of the same memory: `rx` to run it at, `rw` to write it at. */
export interface DualMapping {
  readonly rx: Address;
  readonly rw: Address;
}

/**
 * How memory is mapped; AsmJit's `VirtMem::MemoryFlags`, same values. To be combined with `|`. As the highest is the sign
 * bit of what that gives in JavaScript, a combination with it prints as a negative number, which means the same;
 * `flags >>> 0` is AsmJit's.
 */
export const MemoryFlags = Object.freeze({
  None: 0,
  AccessRead: 0x01,
  /** Includes `AccessRead`: there are no pages that can be written and not read. */
  AccessWrite: 0x02,
  AccessExecute: 0x04,
  AccessReadWrite: 0x03,
  AccessRW: 0x03,
  AccessRX: 0x05,
  AccessRWX: 0x07,
  /** `MAP_JIT` on Apple systems; elsewhere without effect. */
  MMapEnableMapJit: 0x10,
  /** The most that `protect` may grant later; honoured where the OS has maximum protections (macOS, NetBSD, FreeBSD). */
  MMapMaxAccessRead: 0x20,
  MMapMaxAccessWrite: 0x40,
  MMapMaxAccessExecute: 0x80,
  MMapMaxAccessReadWrite: 0x60,
  MMapMaxAccessRW: 0x60,
  MMapMaxAccessRX: 0xa0,
  MMapMaxAccessRWX: 0xe0,
  /** Shared instead of private: visible to other mappings of the same object. */
  MapShared: 0x100,
  /** Large pages; fails where there are none, so that the caller can fall back. */
  MMapLargePages: 0x200,
  /** Dual mapping: prefer a file in a temporary directory to anonymous shared memory. */
  MappingPreferTmp: 0x80000000,
} as const);

/** What a hardened runtime enforces or offers; AsmJit's `VirtMem::HardenedRuntimeFlags`, same values. */
export const HardenedRuntimeFlags = Object.freeze({
  None: 0,
  /** W^X is enforced: memory cannot be writable and executable at once. */
  Enabled: 0x01,
  /** `MAP_JIT` is available. */
  MapJit: 0x02,
  /** Dual mapping is available. */
  DualMapping: 0x04,
} as const);

/** AsmJit's `VirtMem::ProtectJitAccess`. */
export const ProtectJitAccess = Object.freeze({ ReadWrite: 0, ReadExecute: 1 } as const);

/** When to flush the instruction cache after a write; AsmJit's `VirtMem::CachePolicy`. */
export const CachePolicy = Object.freeze({ Default: 0, FlushAfterWrite: 1, NeverFlush: 2 } as const);
