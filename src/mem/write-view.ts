import { type Address, addressAt } from '../native/address.ts';
import { alignUp } from '../support/alignment.ts';
import type { BlockMapping } from './block.ts';
import { MemoryFlags, type VirtMemBackend } from './virt-mem-backend.ts';

/** When the writable side of memory that is mapped twice can be written to. */
export type WriteViewPolicy = 'always' | 'on-demand';

/** Bytes of a block that are opened at once: what is allocated in a row is written in a row. */
const windowSize = 0x10000;

interface Window {
  readonly mapping: BlockMapping;
  readonly address: Address;
  /** Bytes. */
  readonly size: number;
  /** The backend has done it. */
  isOpen: boolean;
}

/**
 * The writable sides of blocks that nothing can be written to but what the allocator writes, while it does.
 *
 * Where there are protection keys, the backend opens them to the thread for each write and to nobody else. Elsewhere the
 * pages have no access, and a window of them is opened for a write by a call of the OS. To spare those calls to who writes
 * often, the second write of a job leaves its window open, and those that follow find it so; it is closed when the job has
 * ended (by a microtask), when another is opened, and when its block goes. So one window is open at the most, and none
 * where a job has written once. A job is what JavaScript does in one go.
 *
 * A window is noted before it is opened and forgotten after it is closed: should either be cut off, the next write, or the
 * end of the job, closes it.
 */
export class WriteView {
  readonly #backend: VirtMemBackend;
  /** Under a protection key. */
  readonly #guarded = new WeakSet<BlockMapping>();
  #window: Window | undefined;
  #inBurst = false;
  /** Some mapping is not under a key, so that {@link rest} or {@link close} is due after {@link open}. */
  hasWindows = false;

  constructor(backend: VirtMemBackend) {
    this.#backend = backend;
  }

  /** Closes a mapping to be written to, from now on. */
  guard(mapping: BlockMapping): void {
    if (this.#backend.guardWrites?.(mapping.rw, mapping.size)) {
      this.#guarded.add(mapping);
      return;
    }
    this.hasWindows = true;
    this.#backend.protect(mapping.rw, mapping.size, MemoryFlags.None);
  }

  /** Opens what is to be written: `size` bytes at `rw`, within the mapping. {@link rest} or {@link close} is to follow. */
  open(mapping: BlockMapping, rw: Address, size: number): void {
    if (this.#guarded.has(mapping)) return;
    // Pages of a large size are opened as a whole.
    const unit = mapping.largePages ? mapping.size : windowSize;
    const start = Math.floor((rw - mapping.rw) / unit) * unit;
    const end = Math.min(alignUp(rw + size - mapping.rw, unit), mapping.size);
    const address = addressAt(mapping.rw, start);
    const open = this.#window;
    if (open !== undefined) {
      const isWithin = address >= open.address && end <= open.address + open.size - mapping.rw;
      if (open.mapping === mapping && isWithin && open.isOpen) return;
      this.close();
    }
    const opening: Window = { mapping, address, size: end - start, isOpen: false };
    this.#window = opening;
    this.#backend.protect(address, end - start, MemoryFlags.AccessRW);
    opening.isOpen = true;
  }

  /** Closes what was opened, now or when the job has ended. */
  rest(): void {
    if (this.#window === undefined || this.#inBurst) return;
    void Promise.resolve().then(this.#endJob);
    this.#inBurst = true;
    this.close();
  }

  /** Closes what is open. */
  close(): void {
    const open = this.#window;
    if (open === undefined) return;
    this.#backend.protect(open.address, open.size, MemoryFlags.None);
    this.#window = undefined;
  }

  /** To be told before the mapping is unmapped. */
  leave(mapping: BlockMapping): void {
    if (this.#window?.mapping !== mapping) return;
    try {
      this.close();
    } catch {
      // It goes as a whole, or its next write opens and closes it.
      this.#window = undefined;
    }
  }

  readonly #endJob = (): void => {
    this.#inBurst = false;
    try {
      this.close();
    } catch {
      // Nobody waits for this. It is still noted, and the next write closes it.
    }
  };
}
