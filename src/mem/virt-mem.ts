import { tmpdir } from 'node:os';
import type { ProbeReport } from '../native/addon.ts';
import type { Address } from '../native/address.ts';
import { requireAddon } from '../native/loader.ts';
import { settings } from '../support/settings.ts';
import { isOwned } from './owned-mappings.ts';
import { type DualMapping, MemoryFlags, ProtectJitAccess, type VirtMemBackend } from './virt-mem-backend.ts';
import { VirtMemError, virtMemError } from './virt-mem-error.ts';
import { hintFor } from './virt-mem-hint.ts';

/**
 * The virtual memory of this process.
 *
 * Every thread has its own: ranges that another thread mapped, or anybody else, are refused with
 * {@link VirtMemError}, as are accesses that the current protection forbids. Memory of a `JitAllocator` is its own
 * to release and to protect. What one allocation returned is released as a whole. Memory that is never released goes with its thread.
 *
 * Parameters of a wrong type throw `TypeError`, out of range `RangeError`; without the native addon every
 * method throws `NativeUnavailableError`.
 *
 * @example
 * const { pageSize } = VirtMem.info();
 * const { rx, rw } = VirtMem.allocDualMapping(pageSize, MemoryFlags.None);
 * VirtMem.write(rw, code);
 * VirtMem.flushInstructionCache(rx, pageSize);
 * VirtMem.releaseDualMapping({ rx, rw }, pageSize);
 */
export const VirtMem: VirtMemBackend = Object.freeze({
  info() {
    return requireAddon().virtMemInfo();
  },

  largePageSize() {
    return requireAddon().largePageSize();
  },

  hardenedRuntimeInfo() {
    return { flags: requireAddon().hardenedRuntimeFlags(tmpdir()) };
  },

  alloc(size: number, flags: number) {
    const addon = requireAddon();
    checkPages('size', size, (checkFlags(flags) & MemoryFlags.MMapLargePages) !== 0);
    try {
      return addon.alloc(size, flags);
    } catch (caught) {
      throw virtMemError(`map ${size} bytes`, caught);
    }
  },

  release(address: Address, size: number) {
    const addon = requireAddon();
    checkRange('address', address, size);
    refuseOwned('release', address, size);
    try {
      addon.release(address, size);
    } catch (caught) {
      throw virtMemError(`release ${range(address, size)}`, caught);
    }
  },

  protect(address: Address, size: number, flags: number) {
    const addon = requireAddon();
    checkRange('address', address, size);
    checkPages('address', address, false);
    checkPages('size', size, false);
    checkFlags(flags);
    refuseOwned('protect', address, size);
    try {
      addon.protect(address, size, flags);
    } catch (caught) {
      throw virtMemError(`protect ${range(address, size)}`, caught);
    }
  },

  allocDualMapping(size: number, flags: number) {
    const addon = requireAddon();
    checkPages('size', size, (checkFlags(flags) & MemoryFlags.MMapLargePages) !== 0);
    try {
      const { rx, rw } = addon.allocDualMapping(size, flags, tmpdir());
      return { rx, rw };
    } catch (caught) {
      throw virtMemError(`map ${size} bytes twice (dual mapping)`, caught);
    }
  },

  releaseDualMapping(mapping: DualMapping, size: number) {
    const addon = requireAddon();
    if (typeof mapping !== 'object' || mapping === null)
      throw new TypeError('mapping must be a dual mapping');
    const { rx, rw } = mapping;
    checkRange('mapping.rx', rx, size);
    checkRange('mapping.rw', rw, size);
    refuseOwned('release', rx, size);
    refuseOwned('release', rw, size);
    try {
      addon.releaseDualMapping(rx, rw, size);
    } catch (caught) {
      throw virtMemError(`release the dual mapping at ${range(rx, size)}`, caught);
    }
  },

  protectJitMemory(access: number) {
    const addon = requireAddon();
    if (access !== ProtectJitAccess.ReadWrite && access !== ProtectJitAccess.ReadExecute) {
      throw new RangeError('access must be one of ProtectJitAccess');
    }
    addon.protectJitMemory(access);
  },

  flushInstructionCache(address: Address, size: number) {
    const addon = requireAddon();
    checkRange('address', address, size);
    try {
      addon.flushInstructionCache(address, size);
    } catch (caught) {
      throw virtMemError(`flush the instruction cache of ${range(address, size)}`, caught);
    }
  },

  write(rw: Address, bytes: Uint8Array) {
    const addon = requireAddon();
    checkAddress('rw', rw);
    if (!(bytes instanceof Uint8Array)) throw new TypeError('bytes must be a Uint8Array');
    try {
      addon.write(rw, bytes);
    } catch (caught) {
      throw virtMemError(`write ${range(rw, bytes.length)}`, caught);
    }
  },

  read(rx: Address, size: number) {
    const addon = requireAddon();
    checkRange('rx', rx, size);
    const target = new Uint8Array(size);
    try {
      addon.read(rx, target);
    } catch (caught) {
      throw virtMemError(`read ${range(rx, size)}`, caught);
    }
    return target;
  },

  fill(rw: Address, size: number, pattern: number) {
    const addon = requireAddon();
    checkRange('rw', rw, size);
    checkPattern(pattern);
    try {
      addon.fill(rw, size, pattern);
    } catch (caught) {
      throw virtMemError(`fill ${range(rw, size)}`, caught);
    }
  },

  probe(): ProbeReport {
    const results = requireAddon()
      .probe(tmpdir())
      .map((result) => {
        const { strategy, syscall, code } = settings(result);
        const hint =
          syscall === undefined || code === undefined ? undefined : hintFor({ strategy, syscall, code });
        return hint === undefined ? result : { ...result, hint };
      });
    return { platform: process.platform, architecture: process.arch, results };
  },
});

const allFlags =
  MemoryFlags.AccessRWX |
  MemoryFlags.MMapEnableMapJit |
  MemoryFlags.MMapMaxAccessRWX |
  MemoryFlags.MapShared |
  MemoryFlags.MMapLargePages |
  MemoryFlags.MappingPreferTmp;

function checkFlags(flags: number): number {
  if (typeof flags !== 'number') throw new TypeError('flags must be a number');
  if (!isUint32(flags) || (flags & ~allFlags) !== 0) {
    throw new RangeError('flags must be a combination of MemoryFlags');
  }
  return flags;
}

function checkPattern(pattern: number): void {
  if (typeof pattern !== 'number') throw new TypeError('pattern must be a number');
  if (!isUint32(pattern)) throw new RangeError('pattern must be an integer from 0 to 4294967295');
}

function checkAddress(name: string, address: number): void {
  if (typeof address !== 'number') throw new TypeError(`${name} must be a number`);
  if (!Number.isSafeInteger(address) || address <= 0) {
    throw new RangeError(`${name} must be an integer from 1 to 2^53 - 1`);
  }
}

function checkRange(name: string, address: number, size: number): void {
  checkAddress(name, address);
  checkAddress('size', size);
  if (!Number.isSafeInteger(address + size)) throw new RangeError(`${name} + size must be below 2^53`);
}

function checkPages(name: string, value: number, large: boolean): void {
  checkAddress(name, value);
  const unit = large ? VirtMem.largePageSize() : VirtMem.info().pageSize;
  // No large pages at all is for the OS to report.
  if (unit !== 0 && value % unit !== 0) {
    throw new RangeError(`${name} must be a multiple of the ${large ? 'large ' : ''}page size, ${unit}`);
  }
}

function isUint32(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff;
}

function refuseOwned(operation: string, address: number, size: number): void {
  if (!isOwned(address, size)) return;
  const reason = new Error('the range belongs to an allocator');
  throw new VirtMemError(
    `${operation} ${range(address, size)}`,
    Object.assign(reason, { code: 'ERR_OWNED' }),
  );
}

function range(address: number, size: number): string {
  return `0x${address.toString(16)}..0x${(address + size).toString(16)}`;
}
