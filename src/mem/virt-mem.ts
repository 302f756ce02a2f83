import { tmpdir } from 'node:os';
import type { OwnedMemory, ProbeReport } from '../native/addon.ts';
import type { Address } from '../native/address.ts';
import { requireAddon } from '../native/loader.ts';
import { settings } from '../support/settings.ts';
import { type DualMapping, MemoryFlags, ProtectJitAccess, type VirtMemBackend } from './virt-mem-backend.ts';
import { virtMemError } from './virt-mem-error.ts';
import { hintFor } from './virt-mem-hint.ts';

/**
 * The virtual memory of this process.
 *
 * Every thread has its own: ranges that another thread mapped, or anybody else, are refused with
 * {@link VirtMemError}, as are accesses that the current protection forbids. Memory of a `JitAllocator` is its own:
 * it can be read here, and nothing else. What one allocation returned is released as a whole. Memory that is never
 * released goes with its thread.
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
export const VirtMem: VirtMemBackend = virtMemOf(requireAddon);

let allocators: OwnedMemory | undefined;

/**
 * `VirtMem` for allocators: what is mapped here, nobody else can write to, protect or release. They share an owner,
 * since to make one takes as long as to map a block, and none of them touches what is not in its blocks.
 */
export const allocatorVirtMem: VirtMemBackend = virtMemOf(() => {
  allocators ??= requireAddon().createMemoryOwner();
  return allocators;
});

/** `memoryOf` gives the functions of the owner. */
function virtMemOf(memoryOf: () => OwnedMemory): VirtMemBackend {
  return Object.freeze<VirtMemBackend>({
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
      const memory = memoryOf();
      const memoryFlags = toMemoryFlags(flags);
      checkPages('size', size, (memoryFlags & MemoryFlags.MMapLargePages) !== 0);
      try {
        return memory.alloc(size, memoryFlags);
      } catch (caught) {
        throw virtMemError(`map ${size} bytes`, caught);
      }
    },

    release(address: Address, size: number) {
      const memory = memoryOf();
      checkRange('address', address, size);
      try {
        memory.release(address, size);
      } catch (caught) {
        throw virtMemError(`release ${range(address, size)}`, caught);
      }
    },

    protect(address: Address, size: number, flags: number) {
      const memory = memoryOf();
      checkRange('address', address, size);
      checkPages('address', address, false);
      checkPages('size', size, false);
      const memoryFlags = toMemoryFlags(flags);
      try {
        memory.protect(address, size, memoryFlags);
      } catch (caught) {
        throw virtMemError(`protect ${range(address, size)}`, caught);
      }
    },

    guardWrites(rw: Address, size: number) {
      const memory = memoryOf();
      checkRange('rw', rw, size);
      checkPages('rw', rw, false);
      checkPages('size', size, false);
      try {
        return memory.guardWrites(rw, size);
      } catch (caught) {
        throw virtMemError(`guard ${range(rw, size)}`, caught);
      }
    },

    collapse(address: Address, size: number) {
      const memory = memoryOf();
      checkRange('address', address, size);
      try {
        return memory.collapse(address, size);
      } catch (caught) {
        throw virtMemError(`collapse ${range(address, size)}`, caught);
      }
    },

    allocDualMapping(size: number, flags: number) {
      const memory = memoryOf();
      const memoryFlags = toMemoryFlags(flags);
      checkPages('size', size, (memoryFlags & MemoryFlags.MMapLargePages) !== 0);
      const folder = tmpdir();
      try {
        const { rx, rw } = memory.allocDualMapping(size, memoryFlags, folder);
        return { rx, rw };
      } catch (caught) {
        throw virtMemError(`map ${size} bytes twice (dual mapping)`, caught);
      }
    },

    releaseDualMapping(mapping: DualMapping, size: number) {
      const memory = memoryOf();
      if (typeof mapping !== 'object' || mapping === null)
        throw new TypeError('mapping must be a dual mapping');
      const { rx, rw } = mapping;
      checkRange('mapping.rx', rx, size);
      checkRange('mapping.rw', rw, size);
      try {
        memory.releaseDualMapping(rx, rw, size);
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
      const memory = memoryOf();
      checkAddress('rw', rw);
      if (!(bytes instanceof Uint8Array)) throw new TypeError('bytes must be a Uint8Array');
      try {
        memory.write(rw, bytes);
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
      const memory = memoryOf();
      checkRange('rw', rw, size);
      checkPattern(pattern);
      try {
        memory.fill(rw, size, pattern);
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
}

const allFlags =
  MemoryFlags.AccessRWX |
  MemoryFlags.MMapEnableMapJit |
  MemoryFlags.MMapMaxAccessRWX |
  MemoryFlags.MapShared |
  MemoryFlags.MMapLargePages |
  MemoryFlags.MappingPreferTmp;

/** The highest flag is the sign bit of what `|` gives, so that both -2^31 and 2^31 mean it. */
function toMemoryFlags(flags: number): number {
  if (typeof flags !== 'number') throw new TypeError('flags must be a number');
  if ((flags !== flags >>> 0 && flags !== (flags | 0)) || (flags & ~allFlags) !== 0) {
    const given = flags === Math.trunc(flags) && Math.abs(flags) < 2 ** 32 ? hex(flags >>> 0) : flags;
    throw new RangeError(`flags must be a combination of MemoryFlags, not ${given}`);
  }
  return flags >>> 0;
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

function range(address: number, size: number): string {
  return `${hex(address)}..${hex(address + size)}`;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
