import { type Address, addressAt } from '../native/address.ts';
import { alignUp } from '../support/alignment.ts';
import { PublicEvent } from '../support/public-event.ts';
import { requireStack } from '../support/stack-reserve.ts';
import type { BlockMapping } from './block.ts';
import { JitAllocatorError } from './jit-allocator-error.ts';
import { JitAllocatorOptions } from './jit-allocator-options.ts';
import {
  CachePolicy,
  HardenedRuntimeFlags,
  MemoryFlags,
  ProtectJitAccess,
  type VirtMemBackend,
} from './virt-mem-backend.ts';
import { WriteView, type WriteViewPolicy } from './write-view.ts';

/** Bytes that are to be in a mapping, at both of their addresses. */
export interface PlacedBytes {
  readonly mapping: BlockMapping;
  readonly rx: Address;
  readonly rw: Address;
  readonly bytes: Uint8Array;
}

const mapped = new PublicEvent<BlockMapping>('exprjit:map');
const unmapped = new PublicEvent<BlockMapping>('exprjit:unmap');

interface Unclaimed {
  readonly mapping: BlockMapping;
  readonly next: Unclaimed | undefined;
}

/**
 * Everything an allocator asks of the OS, with the policy applied: which kind of mapping, large pages or not,
 * what to fill, and what it takes to write. No method changes anything when it throws, except that bytes may
 * have been written.
 */
export class BlockMapper {
  readonly pageSize: number;
  /** Blocks are mapped twice. */
  readonly dual: boolean;
  /** The pattern of unused memory, undefined if it isn't filled. */
  readonly #fillPattern: number | undefined;
  readonly #backend: VirtMemBackend;
  /** What was mapped last and is in no block yet. */
  #unclaimed: Unclaimed | undefined;
  /** Memory is `MAP_JIT`: this thread must ask before it writes, and again before it executes. */
  readonly #mapJit: boolean;
  /** W^X is enforced by the OS rather than asked for by the user. */
  readonly #enforced: boolean;
  readonly #options: number;
  readonly #largePageSize: number;
  /** Undefined if all that is mapped can be written to. */
  readonly #writeView: WriteView | undefined;
  /** A dual mapping was made: if the next fails, it is for want of memory and not of the means. */
  #dualWorked = false;

  /** @throws RangeError for a view on demand where there is but one. */
  constructor(backend: VirtMemBackend, options: number, fillPattern: number, writeView: WriteViewPolicy) {
    const hardened = backend.hardenedRuntimeInfo().flags;
    const can = (flag: number) => (hardened & flag) !== 0;
    this.#enforced = can(HardenedRuntimeFlags.Enabled);
    // Where both ways out of W^X exist, dual mapping wins: the code stays executable while it is written.
    const mapJit =
      this.#enforced && can(HardenedRuntimeFlags.MapJit) && !can(HardenedRuntimeFlags.DualMapping);
    this.dual = (options & JitAllocatorOptions.UseDualMapping) !== 0 || (this.#enforced && !mapJit);
    this.#mapJit = mapJit && !this.dual;
    if (writeView === 'on-demand') {
      if (!this.dual) {
        throw new RangeError(
          "writeView 'on-demand' is for JitAllocatorOptions.UseDualMapping, which is not set",
        );
      }
      this.#writeView = new WriteView(backend);
    }
    this.#fillPattern = options & JitAllocatorOptions.FillUnusedMemory ? fillPattern : undefined;
    this.#backend = backend;
    this.#options = options;
    this.pageSize = backend.info().pageSize;
    this.#largePageSize = options & JitAllocatorOptions.UseLargePages ? backend.largePageSize() : 0;
  }

  get fills(): boolean {
    return this.#fillPattern !== undefined;
  }

  /** Maps at least `size` bytes, filled if unused memory is to be. They are to be claimed. */
  map(size: number): BlockMapping {
    const started = mapped.start();
    const mapping = this.#mapWithPages(alignUp(size, this.pageSize));
    // Nothing is called between the backend's return and here.
    this.#unclaimed = { mapping, next: this.#unclaimed };
    try {
      this.#writeView?.guard(mapping);
      // That a block is new is no burst.
      this.#fill(mapping, 0, mapping.size, (view) => view.close());
    } catch (error) {
      try {
        this.unmap(mapping);
      } catch (unmapError) {
        throw bothErrors(error, unmapError);
      }
      this.claim(mapping);
      throw error;
    }
    if (started >= 0) mapped.tell(started, mapping);
    return mapping;
  }

  /** Notes that somebody knows of the mapping. */
  claim(mapping: BlockMapping): void {
    if (this.#unclaimed?.mapping === mapping) this.#unclaimed = this.#unclaimed.next;
  }

  /** Unmaps what was mapped and, since that was cut off, is not among the mappings that are known. */
  unmapUnclaimed(known: ReadonlySet<BlockMapping>): void {
    let refused: Unclaimed | undefined;
    for (; this.#unclaimed !== undefined; this.#unclaimed = this.#unclaimed.next) {
      const { mapping } = this.#unclaimed;
      if (known.has(mapping)) continue;
      try {
        this.unmap(mapping);
      } catch {
        // To be tried again; who asked for the memory was told of a failure.
        refused = { mapping, next: refused };
      }
    }
    this.#unclaimed = refused;
  }

  unmap(mapping: BlockMapping): void {
    const started = unmapped.start();
    this.#writeView?.leave(mapping);
    if (mapping.dual) this.#backend.releaseDualMapping({ rx: mapping.rx, rw: mapping.rw }, mapping.size);
    else this.#backend.release(mapping.rx, mapping.size);
    if (started >= 0) unmapped.tell(started, mapping);
  }

  /** Moves a mapping onto huge pages, as far as they fit. */
  collapse(mapping: BlockMapping): { collapsedSize: number; hintedSize: number } {
    return this.#backend.collapse?.(mapping.rx, mapping.size) ?? { collapsedSize: 0, hintedSize: 0 };
  }

  /** Puts the fill pattern over unused memory of a mapping, `size` bytes at `offset`, if that is asked for. */
  fill(mapping: BlockMapping, offset: number, size: number): void {
    this.#fill(mapping, offset, size, (view) => view.rest());
  }

  #fill(mapping: BlockMapping, offset: number, size: number, rest: (view: WriteView) => void): void {
    const pattern = this.#fillPattern;
    if (pattern === undefined) return;
    const rw = addressAt(mapping.rw, offset);
    this.#writable(() => {
      this.#writeView?.open(mapping, rw, size);
      this.#backend.fill(rw, size, pattern);
    }, rest);
  }

  /** Copies the bytes, all at once; then the instruction cache is flushed unless the policy is `NeverFlush`. */
  write(writes: readonly PlacedBytes[], policy: number): void {
    const some = writes.filter(({ bytes }) => bytes.length > 0);
    if (some.length === 0) return;
    this.#writable(
      () => {
        for (const { mapping, rw, bytes } of some) {
          this.#writeView?.open(mapping, rw, bytes.length);
          this.#backend.write(rw, bytes);
        }
      },
      (view) => view.rest(),
    );
    if (policy === CachePolicy.NeverFlush) return;
    for (const { rx, bytes } of some) this.#backend.flushInstructionCache(rx, bytes.length);
  }

  /**
   * Runs `body`, which may call the backend's `write` and `fill` for what it opens, while this thread may write to the
   * memory. `rest` follows.
   */
  #writable(body: () => void, rest: (view: WriteView) => void): void {
    const view = this.#writeView;
    if (view?.hasWindows) {
      requireStack();
      afterwards(body, () => rest(view));
      return;
    }
    if (!this.#mapJit) {
      body();
      return;
    }
    requireStack();
    this.#backend.protectJitMemory(ProtectJitAccess.ReadWrite);
    afterwards(body, () => this.#backend.protectJitMemory(ProtectJitAccess.ReadExecute));
  }

  #mapWithPages(size: number): BlockMapping {
    const large = this.#largePageSize;
    const align = (this.#options & JitAllocatorOptions.AlignBlockSizeToLargePage) !== 0;
    if (large > 0 && (size >= large || align)) {
      try {
        return this.#mapOnce(alignUp(size, large), MemoryFlags.MMapLargePages);
      } catch {
        // Large pages are a hint: that there are none just now is no failure. Should regular ones fail too,
        // that error is reported.
      }
    }
    return this.#mapOnce(large > 0 && align ? alignUp(size, large) : size, MemoryFlags.None);
  }

  #mapOnce(size: number, pages: number): BlockMapping {
    const largePages = pages !== 0;
    if (this.dual) {
      const { rx, rw } = this.#mapTwice(size, MemoryFlags.AccessRWX | pages);
      return { rx, rw, size, dual: true, largePages };
    }
    const jit = this.#mapJit ? MemoryFlags.MMapEnableMapJit : 0;
    const rx = this.#backend.alloc(size, MemoryFlags.AccessRWX | jit | pages);
    return { rx, rw: rx, size, dual: false, largePages };
  }

  #mapTwice(size: number, flags: number) {
    try {
      const mapping = this.#backend.allocDualMapping(size, flags);
      this.#dualWorked = true;
      return mapping;
    } catch (error) {
      if (this.#dualWorked || isShortage(error)) throw error;
      const remedy = this.#enforced
        ? 'The OS enforces W^X on this process, so that there is no other way to executable memory; ' +
          'relax that policy or use an interpreter'
        : 'Leave JitAllocatorOptions.UseDualMapping out to use memory that is writable and executable at once';
      throw new JitAllocatorError(
        'E_DUAL_MAPPING_UNAVAILABLE',
        `memory cannot be mapped twice here: ${messageOf(error)}. ${remedy}.`,
        { cause: error },
      );
    }
  }
}

/** Runs `body`, then `cleanUp` whatever became of it, and loses neither's error. */
function afterwards(body: () => void, cleanUp: () => void): void {
  try {
    body();
  } catch (error) {
    try {
      cleanUp();
    } catch (cleanUpError) {
      throw bothErrors(error, cleanUpError);
    }
    throw error;
  }
  cleanUp();
}

function bothErrors(first: unknown, second: unknown): AggregateError {
  return new AggregateError([first, second], `${messageOf(first)}; then ${messageOf(second)}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether the OS ran out of something, rather than lacking the means. */
function isShortage(error: unknown): boolean {
  const code =
    error instanceof Error && Object.hasOwn(error, 'code')
      ? (error as NodeJS.ErrnoException).code
      : undefined;
  return code === 'ENOMEM' || code === 'EMFILE' || code === 'ENFILE' || code === 'ENOSPC';
}
