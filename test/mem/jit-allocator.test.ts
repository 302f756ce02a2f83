import { expect } from 'chai';
import { JitAllocator, JitAllocatorOptions, ResetPolicy, type Span, SpanFlags } from '../../src/mem/index.ts';
import { type Address, addressAt } from '../../src/native/address.ts';
import { FakeVirtMem } from '../support/fake-virt-mem.ts';

const kib = 1024;

/** An allocator on memory without an OS, whose every step is verified. */
function setUp(options = 0, params: object = {}): { backend: FakeVirtMem; allocator: JitAllocator } {
  const backend = new FakeVirtMem();
  return { backend, allocator: new JitAllocator({ options, backend, ...params }) };
}

/** What identifies a span for its owner. */
function plain({ rx, rw, size, flags }: Span) {
  return { rx, rw, size, flags };
}

describe('JitAllocator', () => {
  it('does nothing until the first allocation', () => {
    const { backend, allocator } = setUp();
    expect(backend.mappingCalls).to.equal(0);
    expect(allocator.statistics()).to.include({ blockCount: 0, allocationCount: 0, reservedSize: 0 });
    expect(allocator.statistics()).to.include({ usedRatio: 0, unusedRatio: 0, overheadRatio: 0 });
    expect([...allocator.blocks()]).to.deep.equal([]);
  });

  it('has the defaults of AsmJit', () => {
    const { allocator } = setUp();
    expect(allocator.blockSize).to.equal(64 * kib);
    expect(allocator.granularity).to.equal(64);
    expect(allocator.pools).to.deep.equal([{ granularity: 64 }]);
    if (process.arch === 'x64') expect(allocator.fillPattern).to.equal(0xcccccccc);
  });

  it('rounds sizes up to the granularity and aligns addresses to it', () => {
    const { allocator } = setUp();
    for (const [size, rounded] of [
      [1, 64],
      [63, 64],
      [64, 64],
      [65, 128],
      [1000, 1024],
    ] as const) {
      const span = allocator.alloc(size);
      expect(span.size).to.equal(rounded);
      expect(span.rx % 64).to.equal(0);
      expect(span.rw).to.equal(span.rx);
      expect(span.flags).to.equal(SpanFlags.None);
    }
    allocator.verify();
  });

  it('gives memory that was released again, lowest address first', () => {
    const { allocator } = setUp();
    const spans = [100, 200, 300, 400].map((size) => allocator.alloc(size));
    const [, second, third] = spans as [Span, Span, Span, Span];
    allocator.release(third.rx);
    allocator.release(second.rx);
    expect(allocator.alloc(576).rx).to.equal(second.rx);
    allocator.verify();
  });

  it('keeps its statistics exact', () => {
    const { backend, allocator } = setUp();
    const a = allocator.alloc(100);
    const b = allocator.alloc(1000);
    expect(allocator.statistics()).to.deep.include({
      blockCount: 1,
      allocationCount: 2,
      usedSize: 128 + 1024,
      reservedSize: 64 * kib,
      unusedSize: 64 * kib - 1152,
      usedRatio: 1152 / (64 * kib),
    });
    expect(backend.mappedSize).to.equal(64 * kib);
    allocator.release(a.rx);
    allocator.shrink(b, 64);
    expect(allocator.statistics()).to.include({ allocationCount: 1, usedSize: 64 });
  });

  it('keeps its bookkeeping below two percent, all counted', () => {
    const { allocator } = setUp();
    for (let i = 0; i < 30_000; i++) allocator.alloc(8 + ((i * 37) % 1024));
    // Seven bits for each granule of 64 bytes: two bitmaps, a generation, a share of the tree.
    expect(allocator.statistics().overheadRatio).to.be.within(0.013, 0.02);
  });

  it('shows its blocks with their spans', () => {
    const { allocator } = setUp();
    const a = allocator.alloc(64);
    const b = allocator.alloc(65);
    allocator.alloc(64);
    allocator.release(a.rx);
    const blocks = [...allocator.blocks()];
    expect(blocks).to.have.length(1);
    expect(blocks[0]).to.deep.include({ size: 64 * kib, usedSize: 192, pool: 0, granularity: 64 });
    expect(blocks[0]?.spans).to.deep.equal([
      { offset: b.rx - (blocks[0]?.address ?? 0), size: 128 },
      { offset: 256, size: 64 },
    ]);
  });

  describe('grows', () => {
    it('by ever larger blocks, so that few are mapped and little is left unused', () => {
      const { backend, allocator } = setUp();
      let worst = 1;
      while (allocator.statistics().usedSize < 64 * kib * kib) {
        allocator.alloc(900);
        const { usedRatio, blockCount } = allocator.statistics();
        if (blockCount > 8) worst = Math.min(worst, usedRatio);
      }
      expect(worst).to.be.above(0.8);
      expect(backend.mappingCalls).to.be.below(80);
      const sizes = [...allocator.blocks()].map(({ size }) => size);
      expect(Math.max(...sizes)).to.be.above(32 * Math.min(...sizes));
    });

    it('with a block of its own for a span that no block can hold', () => {
      const { allocator } = setUp();
      const span = allocator.alloc(999_950);
      expect(span.size).to.equal(1_000_000);
      expect(allocator.statistics().reservedSize).to.equal(16 * 64 * kib);
      allocator.verify();
    });

    it('only when no block has room: holes first, then ends of blocks', () => {
      const { backend, allocator } = setUp();
      const spans = Array.from({ length: 3 * 1023 }, () => allocator.alloc(64));
      expect(allocator.statistics().blockCount).to.equal(3);
      for (const span of spans.filter((_, index) => index % 3 === 0)) allocator.release(span.rx);
      for (let i = 0; i < 1023; i++) allocator.alloc(64);
      expect(backend.count('alloc')).to.equal(3);
      expect(allocator.statistics().usedSize).to.equal(3 * 1023 * 64);
      allocator.verify();
    });

    it('and uses the end of a block that a large span was too large for', () => {
      const { backend, allocator } = setUp();
      allocator.alloc(40 * kib);
      allocator.alloc(60 * kib);
      expect(backend.count('alloc')).to.equal(2);
      allocator.alloc(20 * kib);
      allocator.alloc(3 * kib);
      expect(backend.count('alloc')).to.equal(2);
      allocator.verify();
    });
  });

  describe('shrinks with its workload', () => {
    it('to one empty block', () => {
      const { backend, allocator } = setUp();
      const spans = Array.from({ length: 20_000 }, () => allocator.alloc(500));
      for (const span of spans) allocator.release(span.rx);
      expect(allocator.statistics()).to.include({ blockCount: 1, reservedSize: 64 * kib, usedSize: 0 });
      expect(backend.mappedSize).to.equal(64 * kib);
      allocator.verify();
    });

    it('and needs no system call to allocate and release in turn', () => {
      for (const size of [64, 1000, 100_000, 5_000_000]) {
        const { backend, allocator } = setUp();
        const others = [64, 100_000].map((other) => allocator.alloc(other));
        for (const other of others) allocator.release(other.rx);
        allocator.release(allocator.alloc(size).rx);
        const calls = backend.mappingCalls;
        for (let i = 0; i < 100; i++) allocator.release(allocator.alloc(size).rx);
        expect(backend.mappingCalls, `calls for ${size}`).to.equal(calls);
      }
    });

    it('and needs none at the edge of a full block either', () => {
      const { backend, allocator } = setUp();
      for (let i = 0; i < 1023; i++) allocator.alloc(64);
      allocator.release(allocator.alloc(64).rx);
      const calls = backend.mappingCalls;
      for (let i = 0; i < 100; i++) allocator.release(allocator.alloc(64).rx);
      expect(backend.mappingCalls).to.equal(calls);
    });
  });

  describe('shrink', () => {
    it('gives the end back and keeps the address', () => {
      const { allocator } = setUp();
      const span = allocator.alloc(1000);
      const shrunk = allocator.shrink(span, 100);
      expect(plain(shrunk)).to.deep.equal({ ...plain(span), size: 128 });
      expect(allocator.alloc(64).rx).to.equal(addressAt(span.rx, 128));
      allocator.verify();
    });

    it('is nothing when the rounded size stays', () => {
      const { allocator } = setUp();
      const span = allocator.alloc(100);
      expect(allocator.shrink(span, 65)).to.equal(span);
    });
  });

  describe('query', () => {
    it('finds the span around an address', () => {
      const { allocator } = setUp();
      const a = allocator.alloc(64);
      const b = allocator.alloc(200);
      for (const offset of [0, 1, 64, 255, 100.5]) {
        const found = allocator.query(addressAt(b.rx, offset));
        expect(found && plain(found)).to.deep.equal(plain(b));
      }
      expect(allocator.query(addressAt(b.rx, -1))?.rx).to.equal(a.rx);
      for (const address of [b.rx + 256, a.rx - 1, 0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(allocator.query(address as Address)).to.equal(undefined);
      }
    });

    it('gives a span that can be written and shrunk', () => {
      const { backend, allocator } = setUp();
      const { rx } = allocator.alloc(200);
      const found = allocator.query(addressAt(rx, 70));
      if (found === undefined) throw new Error('not found');
      allocator.write(found, 1, Uint8Array.of(7));
      expect(backend.read(rx, 2)).to.deep.equal(Uint8Array.of(0, 7));
      expect(allocator.shrink(found, 64).size).to.equal(64);
    });
  });

  describe('reset', () => {
    for (const options of [0, JitAllocatorOptions.UseMultiplePools, JitAllocatorOptions.UseDualMapping]) {
      it(`softly keeps a block in each pool (options ${options})`, () => {
        const { backend, allocator } = setUp(options);
        for (let size = 1; size < 30_000; size += 64) allocator.alloc(size);
        allocator.reset();
        allocator.verify();
        const pools = allocator.pools.length;
        expect(allocator.statistics()).to.include({ blockCount: pools, allocationCount: 0, usedSize: 0 });
        const calls = backend.mappingCalls;
        for (const { granularity } of allocator.pools) allocator.alloc(granularity);
        expect(backend.mappingCalls).to.equal(calls);
      });

      it(`hard unmaps all (options ${options})`, () => {
        const { backend, allocator } = setUp(options);
        for (let size = 1; size < 30_000; size += 64) allocator.alloc(size);
        allocator.reset(ResetPolicy.Hard);
        allocator.verify();
        backend.expectNoLeaks();
        expect(allocator.statistics()).to.include({ blockCount: 0, reservedSize: 0 });
        allocator.alloc(1);
        allocator.verify();
      });
    }

    it('ends every span', () => {
      const { allocator } = setUp();
      const span = allocator.alloc(64);
      allocator.reset();
      expect(() => allocator.release(span.rx))
        .to.throw()
        .with.property('code', 'E_NOT_ALLOCATED');
      const successor = allocator.alloc(64);
      expect(successor.rx).to.equal(span.rx);
      expect(() => allocator.write(span, 0, Uint8Array.of(1)))
        .to.throw()
        .with.property('code', 'E_STALE_SPAN');
    });
  });

  describe('after dispose', () => {
    const { backend, allocator } = setUp();
    const span = allocator.alloc(64);
    allocator[Symbol.dispose]();
    const uses: Record<string, () => unknown> = {
      alloc: () => allocator.alloc(1),
      release: () => allocator.release(span.rx),
      shrink: () => allocator.shrink(span, 1),
      query: () => allocator.query(span.rx),
      write: () => allocator.write(span, 0, Uint8Array.of(1)),
      writeScope: () => allocator.writeScope(() => 1),
      reset: () => allocator.reset(),
    };
    for (const [name, use] of Object.entries(uses)) {
      it(`${name} throws`, () => {
        expect(use).to.throw().with.property('code', 'E_DISPOSED');
      });
    }

    it('nothing is mapped, and it can be repeated', () => {
      backend.expectNoLeaks();
      allocator[Symbol.dispose]();
      expect(allocator.statistics().blockCount).to.equal(0);
      allocator.verify();
    });
  });
});
