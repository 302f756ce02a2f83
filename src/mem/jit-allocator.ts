import { type Address, addressAt } from '../native/address.ts';
import { elementAt, slots } from '../support/element.ts';
import { invariant } from '../support/invariant.ts';
import { requireStack } from '../support/stack-reserve.ts';
import type { Block, BlockMapping, BlockPool } from './block.ts';
import { BlockDirectory } from './block-directory.ts';
import { BlockMapper, type PlacedBytes } from './block-mapper.ts';
import { type CollapseReport, requireUsedRatio } from './collapse.ts';
import {
  addressError,
  disposedError,
  scopeClosedError,
  sizeError,
  staleSpanError,
} from './jit-allocator-error.ts';
import {
  JitAllocatorOptions,
  type PoolConfig,
  ResetPolicy,
  requireResetPolicy,
} from './jit-allocator-options.ts';
import {
  type JitAllocatorParams,
  readAllocatorParams,
  requireOptionFlags,
  resolveParams,
} from './jit-allocator-params.ts';
import { Pool } from './pool.ts';
import { ReservedRange } from './reserved-range.ts';
import { Span } from './span.ts';
import { contentOf, type SpanContent, type WriteSource } from './span-content.ts';
import type { SpanWriter } from './span-writer.ts';
import {
  type BlockInfo,
  type BlockRuns,
  collectStatistics,
  describeBlock,
  runsOf,
  type Statistics,
} from './statistics.ts';
import { allocatorVirtMem, VirtMem } from './virt-mem.ts';
import { CachePolicy } from './virt-mem-backend.ts';
import type { WriteScope } from './write-scope.ts';
import type { WriteViewPolicy } from './write-view.ts';

/** What an allocator can do at once. */
const ready = 0;
/** A change is under way, or was cut off: the bookkeeping is to be made whole first. */
const changing = 1;
const disposed = 2;

/** Bytes in the largest span that can be asked for. */
const largestSpan = 2 ** 31 - 1;

/**
 * Executable memory in pieces of any size, out of blocks that the OS maps.
 *
 * A span belongs to whoever allocated it until it is released by its address. The bookkeeping is kept outside
 * of executable memory, so that nothing which runs or is written there can harm it; and nothing that a caller
 * passes can make the allocator write outside of a live span. A method that throws has changed nothing,
 * unless it says otherwise; that holds for an exhausted stack too, in which any call may throw, and whatever a
 * backend or a caller's function does.
 *
 * ```ts
 * const allocator = new JitAllocator({ options: JitAllocatorOptions.UseDualMapping });
 * const span = allocator.alloc(code.length);
 * allocator.write(span, 0, code);
 * // … run it at span.rx …
 * allocator.release(span.rx);
 * ```
 */
export class JitAllocator {
  /**
   * {@link JitAllocatorOptions} in effect: those given, `UseDualMapping` also where it turned itself on, and
   * `CustomFillPattern` with any pattern that was given.
   */
  readonly options: number;
  /** Bytes in a pool's first blocks. */
  readonly blockSize: number;
  /** Bytes; every span's size and address is a multiple of it. */
  readonly granularity: number;
  readonly fillPattern: number;
  readonly writeView: WriteViewPolicy;
  /** By ascending granularity. */
  readonly pools: readonly PoolConfig[];
  readonly #pools: readonly Pool[];
  /** The pool with the smallest granularity. */
  readonly #base: Pool;
  /** The pools that serve sizes whose number of smallest granules ends with so many zeros as a binary number. */
  readonly #poolsByZeros: readonly Pool[];
  readonly #mapper: BlockMapper;
  #directory = new BlockDirectory();
  readonly #fills: boolean;
  readonly #hasOwnBackend: boolean;
  #leaving: Leaving | undefined;
  #state: typeof ready | typeof changing | typeof disposed = ready;

  constructor(params?: JitAllocatorParams) {
    const read = readAllocatorParams(params);
    const { backend: given = VirtMem } = read;
    const backend = given === VirtMem ? allocatorVirtMem : given;
    const resolved = resolveParams(read, backend);
    this.blockSize = resolved.blockSize;
    this.fillPattern = resolved.fillPattern;
    this.writeView = resolved.writeView;
    this.pools = resolved.pools;
    const padded = (resolved.options & JitAllocatorOptions.DisableInitialPadding) === 0;
    this.#pools = resolved.pools.map((pool) => new Pool(pool.granularity, resolved.blockSize, padded));
    this.#base = elementAt(this.#pools, 0);
    this.granularity = this.#base.granularity;
    this.#poolsByZeros = slots(32).map((_, zeros) => {
      const wastesNothing = ({ shift }: Pool) => shift - this.#base.shift <= zeros;
      return this.#pools.findLast(wastesNothing) ?? this.#base;
    });
    this.#mapper = new BlockMapper(
      resolved.reserve === undefined ? backend : new ReservedRange(backend, resolved.reserve),
      resolved.options,
      resolved.fillPattern,
      resolved.writeView,
    );
    this.options = resolved.options | (this.#mapper.dual ? JitAllocatorOptions.UseDualMapping : 0);
    this.#fills = this.#mapper.fills;
    this.#hasOwnBackend = backend === allocatorVirtMem;
  }

  /** Whether the option, one of {@link JitAllocatorOptions}, is in effect; of several, whether any is. */
  hasOption(option: number): boolean {
    requireOptionFlags('option', option);
    return (this.options & option) !== 0;
  }

  /**
   * A span of `size` bytes, rounded up to the granularity of the pool that fits best.
   *
   * @throws RangeError unless `size` is an integer from 1 to 2^31 - 1.
   * @throws VirtMemError if the OS refuses another block; JitAllocatorError if it can't map it twice as
   * demanded.
   */
  alloc(size: number): Span {
    if (this.#state !== ready) this.#recover();
    if (!Number.isInteger(size) || size < 1 || size > largestSpan)
      throw sizeError('size', size, 1, largestSpan);
    const pool = this.#pools.length === 1 ? this.#base : this.#poolFor(size);
    const length = (size + pool.granularity - 1) >>> pool.shift;
    this.#state = changing;
    const start = pool.take(length);
    if (start < 0) {
      this.#state = ready;
      return this.#allocInNewBlock(pool, length);
    }
    return this.#taken(pool.block as Block, start, length);
  }

  /**
   * Gives a span back, filling it with the pattern if asked to. If its block is empty then, that or another
   * empty one is unmapped, so that no pool keeps more than one (with `ImmediateRelease`, none).
   *
   * @throws JitAllocatorError unless a live span starts at `rx`.
   * @throws VirtMemError if the OS fails to unmap or the memory can't be filled; the span is live as before, but
   * if it was to be filled, that may have happened.
   */
  release(rx: Address): void {
    if (this.#state !== ready) this.#recover();
    const block = typeof rx === 'number' ? this.#directory.find(rx) : undefined;
    if (block === undefined) throw addressError(rx, undefined);
    // As in `BlockDirectory.find`.
    const offset = ((rx | 0) - block.low) >>> 0;
    const start = offset >>> block.shift;
    const aligned = rx - block.rx === offset && start << block.shift === (offset | 0);
    if (!aligned) throw addressError(rx, block);
    if (block.map.spanCount === 1 || this.#fills) {
      const length = block.map.lengthAt(start);
      if (length < 0) throw addressError(rx, block);
      const surplus = block.map.spanCount === 1 ? this.#unmapSurplus(block, length) : undefined;
      if (surplus === block) return;
      if (this.#fills) this.#fill(block, start, length);
      // A backend may have come back to this allocator.
      if ((surplus !== undefined || this.#fills) && !block.pool.has(block)) throw addressError(rx, undefined);
    }
    let released = 0;
    this.#state = changing;
    try {
      released = block.map.release(start);
      if (released >= 0) this.#freed(block);
    } catch (error) {
      // What has begun will be completed; nothing can be called here.
      if (block.map.changingEnd === 0) throw error;
      return;
    }
    this.#state = ready;
    if (released < 0) throw addressError(rx, block);
  }

  /**
   * Gives back the end of a span, so that `newSize` bytes of it, rounded up, remain. The span that it returns
   * replaces `span`, which is refused from now on unless the size stays the same. With 0 the span is released, and what
   * is returned has the size 0 and is not live.
   *
   * @throws RangeError unless `newSize` is an integer from 0 to the span's size.
   * @throws JitAllocatorError if `span` isn't live; what {@link release} throws if `newSize` is 0.
   */
  shrink(span: Span, newSize: number): Span {
    const { block, start, length } = this.#locate(span);
    const { granularity, shift } = block;
    const size = length * granularity;
    if (!Number.isInteger(newSize) || newSize < 0 || newSize > size) {
      throw sizeError('newSize', newSize, 0, size);
    }
    if (newSize === 0) {
      const ended = block.spanAt(start, 0);
      this.release(ended.rx);
      return ended;
    }
    const kept = (newSize + granularity - 1) >>> shift;
    if (kept === length) return span;
    if (this.#fills) {
      this.#fill(block, start + kept, length - kept);
      // A backend may have come back to this allocator.
      this.#locate(span);
    }
    const remaining = block.spanAt(start, kept, 1);
    this.#state = changing;
    try {
      block.map.shrink(start, length, kept);
      this.#freed(block);
    } catch (error) {
      // What has begun will be completed; nothing can be called here.
      if (block.map.changingEnd === 0) throw error;
      return remaining;
    }
    this.#state = ready;
    return remaining;
  }

  /** The live span that contains the executable address, undefined if there is none. */
  query(address: Address): Span | undefined {
    if (this.#state !== ready) this.#recover();
    if (typeof address !== 'number') throw new TypeError(`address must be a number, not a ${typeof address}`);
    const block = this.#directory.find(address);
    if (block === undefined) return undefined;
    const start = block.map.startOf(Math.floor((address - block.rx) / block.granularity));
    return start < 0 ? undefined : block.spanAt(start, block.map.lengthAt(start));
  }

  /**
   * Writes to a span: `bytes` at `offset`, or from the start what the function puts into a {@link
   * SpanWriter}. Then the instruction cache is flushed, unless `policy` is `CachePolicy.NeverFlush`. If the
   * function throws, nothing is written. Where it shrank the span, the one returned replaces `span`, as by {@link shrink};
   * should that fail, the bytes are written and the span is as long as it was.
   *
   * @throws RangeError if the bytes don't fit.
   * @throws JitAllocatorError if `span` isn't live.
   */
  write(span: Span, offset: number, bytes: Uint8Array, policy?: number): void;
  write(span: Span, writer: (writer: SpanWriter) => void, policy?: number): Span;
  write(span: Span, source: WriteSource, bytesOrPolicy?: Uint8Array | number, policy?: number): Span {
    const takesWriter = typeof source === 'function';
    const cachePolicy = checkCachePolicy(takesWriter ? bytesOrPolicy : policy);
    const content = this.#content(span, source, takesWriter ? undefined : bytesOrPolicy);
    this.#mapper.write([this.#placed(content)], cachePolicy);
    return content.kept === undefined ? span : this.shrink(span, content.kept);
  }

  /**
   * As {@link write}, of an array that stays as it is while this allocator is at work: it is not copied, unless a backend of somebody
   * else is to see it, who may run anything. @internal
   */
  writeSteady(span: Span, offset: number, bytes: Uint8Array): void {
    if (!this.#hasOwnBackend) {
      this.write(span, offset, bytes);
      return;
    }
    this.#mapper.write([this.#placed({ span, offset, bytes, kept: undefined })], CachePolicy.Default);
  }

  /**
   * Makes the writes that `body` asks its scope for, all together after it has returned or when it flushes the scope, and
   * returns what it returned. If it throws, nothing is written but what was flushed.
   *
   * @throws JitAllocatorError if one of the spans isn't live any more when its writes are to be made; none of those
   * collected is made then.
   */
  writeScope<T>(body: (scope: WriteScope) => T, policy?: number): T {
    if (this.#state !== ready) this.#recover();
    if (typeof body !== 'function') throw new TypeError(`body must be a function, not a ${typeof body}`);
    const cachePolicy = checkCachePolicy(policy);
    const contents: SpanContent[] = [];
    let open = true;
    const write = (span: Span, source: WriteSource, bytes?: Uint8Array) => {
      if (!open) throw scopeClosedError();
      contents.push(this.#content(span, source, bytes));
    };
    const flush = () => {
      if (!open) throw scopeClosedError();
      this.#writeAll(contents, cachePolicy);
    };
    try {
      const result = body({ write, flush });
      this.#writeAll(contents, cachePolicy);
      return result;
    } finally {
      open = false;
    }
  }

  /**
   * Moves the blocks of which at least `usedRatio` is in spans onto huge pages, as far as these fit (2 MiB on x86): fewer
   * entries of the TLB for code that is here to stay. Linux from 6.1 on does so at once, which takes as long as to copy the
   * memory; before, it is told that huge pages would be welcome. Code may run meanwhile.
   *
   * @throws RangeError unless `usedRatio` is from 0 to 1. What the OS refuses is reported and no failure.
   */
  collapse(usedRatio = 0.9): CollapseReport {
    if (this.#state !== ready) this.#recover();
    requireUsedRatio(usedRatio);
    let collapsedSize = 0;
    let hintedSize = 0;
    const failures: unknown[] = [];
    for (const block of [...this.#directory]) {
      const isFull = block.map.used * block.granularity >= usedRatio * block.size;
      // A backend may have come back to this allocator.
      if (!isFull || block.mapping.largePages || !block.pool.has(block)) continue;
      try {
        const now = this.#mapper.collapse(block.mapping);
        collapsedSize += now.collapsedSize - block.collapsedSize;
        hintedSize += now.hintedSize;
        block.collapsedSize = now.collapsedSize;
      } catch (error) {
        failures.push(error);
      }
    }
    return { collapsedSize, hintedSize, failures };
  }

  /** What is held at this moment, exactly. */
  statistics(): Statistics {
    if (this.#state === changing) this.#recover();
    return collectStatistics(this.#directory, this.#pools);
  }

  /** The blocks by address, as they are now. */
  blocks(): Iterable<BlockInfo> {
    if (this.#state === changing) this.#recover();
    const pools: readonly BlockPool[] = this.#pools;
    return Array.from(this.#directory, (block) => describeBlock(block, pools.indexOf(block.pool)));
  }

  /** @internal What of each block is in use, in a tenth of the time that {@link blocks} takes. */
  blockRuns(): BlockRuns[] {
    if (this.#state === changing) this.#recover();
    return Array.from(this.#directory, runsOf);
  }

  /**
   * Walks all bookkeeping; throws an `InvariantError` that names the first contradiction. For tests and
   * suspicion.
   */
  verify(): void {
    if (this.#state === changing) this.#recover();
    this.#directory.verify();
    let blocks = 0;
    const serials = new Set<number>();
    for (const pool of this.#pools) {
      pool.verify();
      for (const block of pool.blocks()) {
        invariant(this.#directory.find(block.rx) === block, 'a block of a pool is not found by its address');
        serials.add(block.serial);
        blocks++;
      }
    }
    invariant(blocks === this.#directory.size, 'a block is found by its address and in no pool');
    invariant(serials.size === blocks, 'two blocks have the same serial');
  }

  /**
   * Ends all spans at once. With `ResetPolicy.Soft` each pool keeps one block, unless `ImmediateRelease` is
   * set; with `ResetPolicy.Hard` every block is unmapped.
   *
   * @throws VirtMemError if the OS fails to unmap a block, an AggregateError if several; all spans have ended
   * nevertheless, and such blocks are used again.
   */
  reset(policy: number = ResetPolicy.Soft): void {
    if (this.#state !== ready) this.#recover();
    requireResetPolicy(policy);
    this.#reset(policy === ResetPolicy.Soft && !this.#immediate);
  }

  #reset(keeps: boolean): void {
    requireStack(1);
    const failures: unknown[] = [];
    for (const pool of this.#pools) {
      const kept = keeps ? pool.blockToKeep() : undefined;
      for (const block of pool.blocks()) {
        // A backend may have come back to this allocator.
        if (!pool.has(block)) continue;
        try {
          if (block !== kept) {
            // Should it not go, it comes back empty.
            this.#unmap(block, true);
            continue;
          }
          if (block.map.spanCount > 0) this.#mapper.fill(block.mapping, 0, block.size);
        } catch (error) {
          failures.push(error);
        }
        if (!pool.has(block)) continue;
        const before = this.#state;
        this.#state = changing;
        pool.clear(block);
        this.#state = before;
      }
    }
    if (failures.length > 1) throw new AggregateError(failures, 'several blocks could not be reset');
    if (failures.length === 1) throw failures[0];
  }

  /**
   * Unmaps every block. From now on what asks for a span, or names one, throws. Should this method throw, it can be
   * called again.
   */
  [Symbol.dispose](): void {
    if (this.#state === disposed) return;
    if (this.#state === changing) this.#recover();
    requireStack(1);
    // Before the first block goes: a backend that comes back to this allocator gets none that would stay.
    this.#state = disposed;
    try {
      this.#reset(false);
    } catch (error) {
      this.#state = changing;
      throw error;
    }
  }

  get #immediate(): boolean {
    return (this.options & JitAllocatorOptions.ImmediateRelease) !== 0;
  }

  /** The pool with the largest granularity that wastes no more than the smallest would. */
  #poolFor(size: number): Pool {
    const granules = (size + this.granularity - 1) >>> this.#base.shift;
    // Looked up, since sizes are as good as random, and so are branches on them.
    return elementAt(this.#poolsByZeros, 31 - Math.clz32(granules & -granules));
  }

  /** Makes the bookkeeping whole after a change that was cut off. Throws if the allocator was disposed of. */
  #recover(): void {
    if (this.#state === disposed) throw disposedError();
    requireStack(1);
    const mappings = new Set<BlockMapping>();
    const directory = new BlockDirectory();
    for (let leaving = this.#leaving; leaving !== undefined; leaving = leaving.next) {
      if (leaving.asked || leaving.settled) continue;
      const { block } = leaving;
      if (!block.pool.has(block)) block.pool.restore(block);
      leaving.settled = true;
    }
    while (this.#leaving?.settled) this.#leaving = this.#leaving.next;
    for (const pool of this.#pools) {
      pool.rebuild();
      for (const block of pool.blocks()) {
        directory.add(block);
        mappings.add(block.mapping);
      }
    }
    this.#directory = directory;
    this.#mapper.unmapUnclaimed(mappings);
    this.#state = ready;
  }

  #allocInNewBlock(pool: Pool, length: number): Span {
    try {
      const mapping = this.#mapper.map(pool.nextBlockSize(length));
      // The backend may have come back to this allocator, and disposed of it.
      if (this.#state !== ready) this.#recover();
      this.#state = changing;
      const block = pool.blockOn(mapping);
      const start = pool.takeInNew(block, length);
      this.#directory.add(block);
      this.#mapper.claim(mapping);
      return this.#taken(block, start, length);
    } catch (error) {
      if (this.#state === ready) this.#state = changing;
      throw error;
    }
  }

  /** The span that was just taken; until it is made, the change can be undone. */
  #taken(block: Block, start: number, length: number): Span {
    const span = block.spanAt(start, length);
    block.map.changingEnd = 0;
    this.#state = ready;
    return span;
  }

  /** Ends a change that freed granules of the block. */
  #freed(block: Block): void {
    block.pool.freed(block);
    block.map.changingEnd = 0;
  }

  /**
   * The block, whose spans all end first if it is `emptied`, is out of reach before the backend is asked, which may come back to this
   * allocator. If it refuses, the next operation brings the block back.
   */
  #unmap(block: Block, emptied = false): void {
    const leaving: Leaving = { block, next: this.#leaving, asked: false, settled: false };
    const before = this.#state;
    this.#leaving = leaving;
    this.#state = changing;
    if (emptied) block.reset();
    this.#directory.remove(block);
    block.pool.remove(block);
    this.#state = before;
    leaving.asked = true;
    try {
      this.#mapper.unmap(block.mapping);
      leaving.settled = true;
      if (this.#leaving === leaving) this.#leaving = leaving.next;
    } catch (error) {
      leaving.asked = false;
      if (this.#state === ready) this.#state = changing;
      throw error;
    }
  }

  /** Unmaps the block that will be one too many when the only span of `block` is gone, and gives it. */
  #unmapSurplus(block: Block, length: number): Block | undefined {
    const surplus = this.#immediate ? block : block.pool.surplusWhenEmptied(block, length);
    if (surplus === undefined) return undefined;
    this.#unmap(surplus);
    return surplus;
  }

  #fill(block: Block, start: number, length: number): void {
    const { granularity } = block.pool;
    this.#mapper.fill(block.mapping, start * granularity, length * granularity);
  }

  /**
   * Where a live span is, which must be described by an object that the allocator made. Its properties may have
   * become getters that run anything; so they are read here only, and before anything is looked up.
   */
  #locate(span: Span): Place {
    const rx: unknown = span?.rx;
    const size: unknown = span?.size;
    if (this.#state !== ready) this.#recover();
    const block = typeof rx === 'number' ? this.#directory.find(rx) : undefined;
    if (block !== undefined) {
      const start = ((rx as number) - block.rx) / block.granularity;
      if (Number.isInteger(start)) {
        const length = block.map.lengthAt(start);
        const isThisSize = length * block.granularity === size;
        if (isThisSize && Span.isFor(span, block.ticketAt(start), start)) return { block, start, length };
      }
    }
    throw staleSpanError();
  }

  /** What a write to the span consists of, checked. */
  #content(span: Span, source: WriteSource, bytes: unknown): SpanContent {
    const { block, length } = this.#locate(span);
    return contentOf(span, length * block.granularity, source, bytes);
  }

  /** Makes the writes, which are no longer among `contents` then, and after them shrinks the spans that are to be shorter. */
  #writeAll(contents: SpanContent[], policy: number): void {
    const placed = contents.map((content) => this.#placed(content));
    this.#mapper.write(placed, policy);
    /** By address, since one span may have been written more than once: the shortest counts. */
    const shorter = new Map<Address, { span: Span; kept: number }>();
    for (const [i, { span, kept }] of contents.splice(0).entries()) {
      if (kept === undefined) continue;
      const { rx } = elementAt(placed, i);
      if (kept < (shorter.get(rx)?.kept ?? Number.POSITIVE_INFINITY)) shorter.set(rx, { span, kept });
    }
    for (const { span, kept } of shorter.values()) this.shrink(span, kept);
  }

  /**
   * Where the content goes. Looks the span up again, since a caller's function may have released it
   * meanwhile.
   */
  #placed({ span, offset, bytes }: SpanContent): PlacedBytes {
    const { block, start, length } = this.#locate(span);
    if (offset + bytes.length > length * block.granularity) throw staleSpanError();
    const position = start * block.granularity + offset;
    return {
      mapping: block.mapping,
      rx: addressAt(block.rx, position),
      rw: addressAt(block.rw, position),
      bytes,
    };
  }
}

/** A block that is out of reach, since the backend is to unmap it. */
interface Leaving {
  readonly block: Block;
  readonly next: Leaving | undefined;
  /** The backend was asked, and has not answered. */
  asked: boolean;
  /** Unmapped, or back in its pool: once only, since what is back may leave again, which is another entry. */
  settled: boolean;
}

/** Where a span is: granules of a block. */
interface Place {
  readonly block: Block;
  readonly start: number;
  readonly length: number;
}

const cachePolicies = Object.freeze(Object.values(CachePolicy));

function checkCachePolicy(policy: unknown): number {
  const value = policy ?? CachePolicy.Default;
  for (const known of cachePolicies) if (value === known) return known;
  throw new RangeError(`policy must be one of CachePolicy, not ${String(policy)}`);
}
