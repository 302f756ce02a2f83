import { expect } from 'chai';
import { JitAllocator, JitAllocatorOptions, type Span, VirtMem } from '../../src/mem/index.ts';
import { elementAt } from '../../src/support/element.ts';
import { Random, seedFromEnvironment } from '../support/random.ts';

/*
 * The workload of AsmJit's own unit test, on real memory. First spans of 8 to 1031 bytes: allocate, release
 * from the front, allocate again, shuffle, release a half, allocate a half, release from the back. Then spans
 * of 256 bytes: shrink each to one byte, fill in with spans of 64 bytes, release. Each span is filled with a
 * pattern of its own, which is checked when the span is released, so that any overlap shows.
 */

interface Owned {
  readonly span: Span;
  readonly pattern: number;
}

class Workload {
  readonly allocator: JitAllocator;
  readonly #random: Random;
  #patterns = 0;

  constructor(options: number, random: Random) {
    // Not as its owner, so that patterns are written without its help.
    this.allocator = new JitAllocator({ options, backend: { ...VirtMem } });
    this.#random = random;
  }

  alloc(size = this.#random.integer(8, 1031)): Owned {
    return this.own(this.allocator.alloc(size));
  }

  /** Fills the span with a pattern that no other has. */
  own(span: Span): Owned {
    const pattern = ++this.#patterns;
    VirtMem.fill(span.rw, span.size, pattern);
    return { span, pattern };
  }

  expectIntact({ span, pattern }: Owned): void {
    const words = new Uint32Array(VirtMem.read(span.rx, span.size).buffer);
    for (const word of words)
      if (word !== pattern) expect.fail(`pattern ${pattern} was overwritten with ${word}`);
  }

  release(owned: Owned): void {
    this.expectIntact(owned);
    this.allocator.release(owned.span.rx);
  }

  [Symbol.dispose](): void {
    this.allocator[Symbol.dispose]();
  }

  shrink(owned: Owned, size: number): Owned {
    const span = this.allocator.shrink(owned.span, size);
    this.expectIntact({ ...owned, span });
    return { ...owned, span };
  }
}

function bySizes(count: number, workload: Workload, random: Random): void {
  const { allocator } = workload;
  const times = <T>(n: number, make: () => T) => Array.from({ length: n }, make);
  for (const owned of times(count, () => workload.alloc())) workload.release(owned);
  allocator.verify();
  const spans = random.shuffle(times(count, () => workload.alloc()));
  allocator.verify();
  const half = count >> 1;
  for (let i = 0; i < half; i++) workload.release(elementAt(spans, i));
  allocator.verify();
  for (let i = 0; i < half; i++) spans[i] = workload.alloc();
  allocator.verify();
  expect(allocator.statistics().allocationCount).to.equal(count);
  while (spans.length > 0) workload.release(spans.pop() as Owned);
  allocator.verify();
  expect(allocator.statistics()).to.include({ allocationCount: 0, usedSize: 0 });
}

function byShrinking(count: number, workload: Workload): void {
  const { allocator } = workload;
  const large = Array.from({ length: count }, () => workload.alloc(256));
  const reserved = allocator.statistics().reservedSize;
  const small = large.map((owned) => workload.shrink(owned, 1));
  allocator.verify();
  const fillIns = Array.from({ length: count }, () => workload.alloc(64));
  // With several pools those of 64 bytes have another.
  if (allocator.pools.length === 1) {
    expect(allocator.statistics().reservedSize, 'what shrinking freed was not used').to.equal(reserved);
  }
  allocator.verify();
  for (const owned of [...fillIns, ...small]) workload.release(owned);
  allocator.verify();
  expect(allocator.statistics()).to.include({ allocationCount: 0, usedSize: 0 });
}

describe("AsmJit's workload", () => {
  const {
    UseDualMapping: dual,
    UseMultiplePools: pools,
    FillUnusedMemory: fill,
    ImmediateRelease: immediate,
    DisableInitialPadding: unpadded,
    UseLargePages: large,
    AlignBlockSizeToLargePage: align,
  } = JitAllocatorOptions;
  const sets: Readonly<Record<string, number>> = {
    'no options': 0,
    'dual mapping': dual,
    'multiple pools': pools,
    'multiple pools and dual mapping': pools | dual,
    fill,
    'fill and dual mapping': fill | dual,
    'immediate release': immediate,
    'immediate release and dual mapping': immediate | dual,
    'no padding and multiple pools': unpadded | pools,
    'large pages': large | align,
    'large pages and dual mapping': large | align | dual,
    'all of it': dual | pools | fill | immediate | unpadded | large | align,
  };
  const seed = seedFromEnvironment();
  for (const [name, options] of Object.entries(sets)) {
    it(`runs with ${name} (SEED=${seed})`, () => {
      const random = new Random(seed);
      using workload = new Workload(options, random);
      // AsmJit's counts once; options differ already among the blocks that a quarter of it takes.
      const share = options === 0 ? 1 : 4;
      bySizes(100_000 / share, workload, random);
      byShrinking(20_000 / share, workload);
    });
  }
});
