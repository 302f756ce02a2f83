import { type Address, addressAt } from '../native/address.ts';
import { alignUp } from '../support/alignment.ts';
import { requireStack } from '../support/stack-reserve.ts';
import { GranuleMap } from './granule-map.ts';
import { JitAllocatorError } from './jit-allocator-error.ts';
import { type DualMapping, MemoryFlags, type VirtMemBackend } from './virt-mem-backend.ts';

interface Mapped {
  readonly mapping: DualMapping;
  readonly dual: boolean;
}

interface Range extends Mapped {
  readonly large: boolean;
  readonly map: GranuleMap;
}

/**
 * A backend that serves all blocks out of a single mapping, so that any two of them are within its size of
 * each other.
 *
 * The mapping is made with the first block and goes with the last. The OS provides memory only as pages are
 * touched, so that a large range costs address space and no more; but of a block that is released before the
 * last, the pages touched stay with the range until they are used again. Whether they are large is settled by the
 * first block too: a range on regular pages refuses to serve large ones.
 */
export class ReservedRange implements VirtMemBackend {
  readonly #backend: VirtMemBackend;
  readonly #size: number;
  readonly #unit: number;
  /** Whether the map of the range is in the middle of a change. */
  #isChanging = false;
  #range: Range | undefined;

  /** `size` in bytes, a multiple of the page size. */
  constructor(backend: VirtMemBackend, size: number) {
    this.#backend = backend;
    this.#size = size;
    this.#unit = backend.info().pageSize;
  }

  alloc(size: number, flags: number): Address {
    return this.#take(size, flags, () => {
      const rx = this.#backend.alloc(this.#size, flags);
      return { mapping: { rx, rw: rx }, dual: false };
    }).rx;
  }

  allocDualMapping(size: number, flags: number): DualMapping {
    return this.#take(size, flags, () => {
      return { mapping: this.#backend.allocDualMapping(this.#size, flags), dual: true };
    });
  }

  release(address: Address): void {
    this.#give(address);
  }

  releaseDualMapping(mapping: DualMapping): void {
    this.#give(mapping.rx);
  }

  info(): { pageSize: number; pageGranularity: number } {
    return this.#backend.info();
  }

  largePageSize(): number {
    return this.#backend.largePageSize();
  }

  hardenedRuntimeInfo(): { flags: number } {
    return this.#backend.hardenedRuntimeInfo();
  }

  protect(address: Address, size: number, flags: number): void {
    this.#backend.protect(address, size, flags);
  }

  guardWrites(rw: Address, size: number): boolean {
    return this.#backend.guardWrites?.(rw, size) ?? false;
  }

  collapse(address: Address, size: number) {
    return this.#backend.collapse?.(address, size) ?? { collapsedSize: 0, hintedSize: 0 };
  }

  protectJitMemory(access: number): void {
    this.#backend.protectJitMemory(access);
  }

  flushInstructionCache(address: Address, size: number): void {
    this.#backend.flushInstructionCache(address, size);
  }

  write(rw: Address, bytes: Uint8Array): void {
    this.#backend.write(rw, bytes);
  }

  read(rx: Address, size: number): Uint8Array {
    return this.#backend.read(rx, size);
  }

  fill(rw: Address, size: number, pattern: number): void {
    this.#backend.fill(rw, size, pattern);
  }

  probe() {
    return this.#backend.probe();
  }

  #take(size: number, flags: number, map: () => Mapped): DualMapping {
    // Cut off, the range would be lost, or what is taken of it.
    requireStack();
    const units = alignUp(size, this.#unit) / this.#unit;
    const large = (flags & MemoryFlags.MMapLargePages) !== 0;
    if (size > this.#size) throw this.#exhausted(size);
    const range = this.#range ?? this.#open(map(), large);
    const { mapping, map: free } = range;
    if (large && !range.large) {
      throw new JitAllocatorError('E_RESERVE_EXHAUSTED', 'the reserved range is not on large pages');
    }
    this.#beginChange(free);
    const isHole = free.longestHole >= units;
    if (!isHole && free.tailLength < units) {
      this.#isChanging = false;
      throw this.#exhausted(size);
    }
    const start = isHole ? free.takeHole(units) : free.takeTail(units);
    this.#endChange(free);
    const offset = start * this.#unit;
    return { rx: addressAt(mapping.rx, offset), rw: addressAt(mapping.rw, offset) };
  }

  #give(rx: Address): void {
    requireStack();
    const range = this.#range;
    if (range === undefined) return;
    if (range.map.spanCount === 1) {
      // A backend that comes back to us meanwhile must not get what it is about to unmap.
      this.#range = undefined;
      try {
        this.#unmap(range);
      } catch (error) {
        this.#range ??= range;
        throw error;
      }
    } else {
      this.#beginChange(range.map);
      range.map.release((rx - range.mapping.rx) / this.#unit);
      this.#endChange(range.map);
    }
  }

  /** The one before may have been cut off, by a time limit of `node:vm`: then all that follows from it is found out anew. */
  #beginChange(map: GranuleMap): void {
    if (this.#isChanging) map.rebuild();
    this.#isChanging = true;
  }

  #endChange(map: GranuleMap): void {
    map.settle();
    this.#isChanging = false;
  }

  #open(mapped: Mapped, large: boolean): Range {
    // The backend may have come back to us while it mapped.
    if (this.#range === undefined) {
      this.#range = { ...mapped, large, map: new GranuleMap(this.#size / this.#unit, 0) };
    } else {
      this.#unmap(mapped);
    }
    return this.#range;
  }

  #unmap({ mapping, dual }: Mapped): void {
    if (dual) this.#backend.releaseDualMapping(mapping, this.#size);
    else this.#backend.release(mapping.rx, this.#size);
  }

  #exhausted(size: number): JitAllocatorError {
    return new JitAllocatorError(
      'E_RESERVE_EXHAUSTED',
      `the reserved range of ${this.#size} bytes has no room for a block of ${size} bytes`,
    );
  }
}
