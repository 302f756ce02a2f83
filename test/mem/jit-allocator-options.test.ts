import { expect } from 'chai';
import {
  HardenedRuntimeFlags,
  JitAllocator,
  JitAllocatorOptions,
  type JitAllocatorParams,
  MemoryFlags,
  ResetPolicy,
  type Span,
  SpanFlags,
} from '../../src/mem/index.ts';
import { addressAt } from '../../src/native/address.ts';
import { type FakeOs, FakeVirtMem } from '../support/fake-virt-mem.ts';

const {
  None,
  UseDualMapping,
  UseMultiplePools,
  FillUnusedMemory,
  ImmediateRelease,
  DisableInitialPadding,
  UseLargePages,
  AlignBlockSizeToLargePage,
  CustomFillPattern,
} = JitAllocatorOptions;
const kib = 1024;
const mib = kib * kib;

function setUp(params: JitAllocatorParams, os: FakeOs = {}) {
  const backend = new FakeVirtMem(os);
  return { backend, allocator: new JitAllocator({ ...params, backend }) };
}

/** The bytes of a span as the 32-bit words they are. */
function words(backend: FakeVirtMem, { rx, size }: Pick<Span, 'rx' | 'size'>): Set<number> {
  return new Set(new Uint32Array(backend.read(rx, size).buffer));
}

describe('JitAllocatorOptions', () => {
  it('have the values of AsmJit', () => {
    expect(JitAllocatorOptions).to.deep.equal({
      None: 0,
      UseDualMapping: 1,
      UseMultiplePools: 2,
      FillUnusedMemory: 4,
      ImmediateRelease: 8,
      DisableInitialPadding: 16,
      UseLargePages: 32,
      AlignBlockSizeToLargePage: 64,
      CustomFillPattern: 0x10000000,
    });
    expect(JitAllocatorOptions).to.be.frozen;
  });

  describe('UseDualMapping', () => {
    it('keeps every page from being both writable and executable', () => {
      const { backend, allocator } = setUp({ options: UseDualMapping });
      const span = allocator.alloc(100);
      expect(span.rw).not.to.equal(span.rx);
      expect(span.flags).to.equal(SpanFlags.DualMapped);
      expect(backend.mappings.map(({ access }) => access)).to.have.members([
        MemoryFlags.AccessRX,
        MemoryFlags.AccessRW,
      ]);
      allocator.write(span, 3, Uint8Array.of(1, 2));
      expect(backend.read(span.rx, 6)).to.deep.equal(Uint8Array.of(0, 0, 0, 1, 2, 0));
      expect(allocator.statistics().reservedSize).to.equal(64 * kib);
      allocator[Symbol.dispose]();
      backend.expectNoLeaks();
    });

    it('is off by default', () => {
      const { backend, allocator } = setUp({});
      allocator.alloc(100);
      expect(backend.mappings.map(({ access }) => access)).to.deep.equal([MemoryFlags.AccessRWX]);
    });

    for (const code of ['EACCES', 'EPERM', 'ENOSYS']) {
      it(`says what to relax where it fails with ${code}`, () => {
        const { backend, allocator } = setUp({ options: UseDualMapping }, { dualMappingFailure: code });
        expect(() => allocator.alloc(1))
          .to.throw(/Leave JitAllocatorOptions.UseDualMapping out/)
          .with.property('code', 'E_DUAL_MAPPING_UNAVAILABLE');
        backend.expectNoLeaks();
      });
    }

    for (const code of ['ENOMEM', 'EMFILE']) {
      it(`does not take ${code} for impossibility`, () => {
        const { allocator } = setUp({ options: UseDualMapping }, { dualMappingFailure: code });
        expect(() => allocator.alloc(1))
          .to.throw()
          .with.property('code', code);
      });
    }

    it('reports a later failure as it is, since the first mapping worked', () => {
      const { backend, allocator } = setUp({ options: UseDualMapping });
      allocator.alloc(1);
      backend.failAt(1, 'allocDualMapping', 'EACCES');
      expect(() => allocator.alloc(100_000))
        .to.throw()
        .with.property('code', 'EACCES');
    });
  });

  it('are shown as they are in effect', () => {
    const { Enabled, MapJit } = HardenedRuntimeFlags;
    const optionsOf = (params: JitAllocatorParams, hardened = 0) =>
      setUp(params, { hardened }).allocator.options;
    expect(optionsOf({})).to.equal(None);
    expect(optionsOf({ options: FillUnusedMemory }, Enabled)).to.equal(FillUnusedMemory | UseDualMapping);
    expect(optionsOf({}, Enabled | MapJit)).to.equal(None);
    expect(optionsOf({ fillPattern: 0 })).to.equal(CustomFillPattern);
  });

  it('can be asked for one by one', () => {
    const { allocator } = setUp({ options: UseDualMapping | FillUnusedMemory });
    expect(allocator.hasOption(UseDualMapping)).to.equal(true);
    expect(allocator.hasOption(UseMultiplePools)).to.equal(false);
    expect(allocator.hasOption(UseMultiplePools | FillUnusedMemory)).to.equal(true);
    expect(allocator.hasOption(None)).to.equal(false);
    for (const option of [3.5, -1, 0x80]) {
      expect(() => allocator.hasOption(option)).to.throw(RangeError, 'option must be a combination');
    }
    expect(() => allocator.hasOption('UseDualMapping' as never)).to.throw(TypeError, 'option');
  });

  describe('under a hardened runtime', () => {
    const { Enabled, MapJit, DualMapping } = HardenedRuntimeFlags;

    for (const hardened of [Enabled, Enabled | DualMapping, Enabled | MapJit | DualMapping]) {
      it(`dual mapping turns itself on (flags ${hardened})`, () => {
        const { backend, allocator } = setUp({}, { hardened });
        const span = allocator.alloc(1);
        expect(span.rw).not.to.equal(span.rx);
        allocator.write(span, 0, Uint8Array.of(1));
        allocator[Symbol.dispose]();
        backend.expectNoLeaks();
      });
    }

    it('says so when there is no way to executable memory', () => {
      const { allocator } = setUp({}, { hardened: Enabled, dualMappingFailure: 'EACCES' });
      expect(() => allocator.alloc(1))
        .to.throw(/The OS enforces W\^X/)
        .with.property('code', 'E_DUAL_MAPPING_UNAVAILABLE');
    });

    it('MAP_JIT memory is writable during writes and fills alone', () => {
      const { backend, allocator } = setUp({ options: FillUnusedMemory }, { hardened: Enabled | MapJit });
      const span = allocator.alloc(200);
      expect(span.rw).to.equal(span.rx);
      backend.expectExecutable();
      allocator.write(span, (writer) => {
        backend.expectExecutable();
        writer.u8(7);
      });
      backend.expectExecutable();
      expect(backend.read(span.rx, 2)).to.deep.equal(Uint8Array.of(7, 0xcc));
      const switches = backend.count('protectJitMemory');
      allocator.writeScope((scope) => {
        backend.expectExecutable();
        for (let offset = 0; offset < 50; offset++) scope.write(span, offset, Uint8Array.of(offset));
      });
      expect(backend.count('protectJitMemory') - switches).to.equal(2);
      allocator.shrink(span, 1);
      allocator.release(span.rx);
      backend.expectExecutable();
    });

    it('MAP_JIT memory is left alone when dual mapping is asked for', () => {
      const { backend, allocator } = setUp({ options: UseDualMapping }, { hardened: Enabled | MapJit });
      allocator.write(allocator.alloc(1), 0, Uint8Array.of(1));
      expect(backend.count('protectJitMemory')).to.equal(0);
    });
  });

  describe('UseMultiplePools', () => {
    it('makes pools of 64, 128 and 256 bytes', () => {
      const { allocator } = setUp({ options: UseMultiplePools });
      expect(allocator.pools).to.deep.equal([
        { granularity: 64 },
        { granularity: 128 },
        { granularity: 256 },
      ]);
      for (const [size, pool] of [
        [1, 0],
        [65, 1],
        [129, 0],
        [193, 2],
        [320, 0],
        [384, 1],
        [512, 2],
      ] as const) {
        const { rx } = allocator.alloc(size);
        const block = [...allocator.blocks()].find(
          ({ address, size: length }) => rx - address < length && rx >= address,
        );
        expect(block?.pool, `pool of ${size} bytes`).to.equal(pool);
        expect(rx % (64 << pool)).to.equal(0);
      }
      expect(allocator.statistics().blockCount).to.equal(3);
      allocator.verify();
    });

    it('is off by default', () => {
      expect(setUp({}).allocator.pools).to.have.length(1);
    });

    it('multiplies a granularity that is given', () => {
      const { allocator } = setUp({ options: UseMultiplePools, granularity: 2048 });
      expect(allocator.pools).to.deep.equal([{ granularity: 2048 }, { granularity: 4096 }]);
    });

    it('keeps one empty block in each pool', () => {
      const { allocator } = setUp({ options: UseMultiplePools });
      const spans = Array.from({ length: 3000 }, (_, index) => allocator.alloc(64 << (index % 3)));
      for (const span of spans) allocator.release(span.rx);
      expect(allocator.statistics().blockCount).to.equal(3);
    });
  });

  describe('pools', () => {
    it('have the granularities that the user wants', () => {
      const { allocator } = setUp({
        pools: [{ granularity: 1024 }, { granularity: 16 }, { granularity: 64 }],
      });
      expect(allocator.pools.map(({ granularity }) => granularity)).to.deep.equal([16, 64, 1024]);
      expect(allocator.granularity).to.equal(16);
      expect([1, 17, 100, 2000, 2048].map((size) => allocator.alloc(size).size)).to.deep.equal([
        16, 32, 112, 2000, 2048,
      ]);
      allocator.verify();
    });
  });

  describe('FillUnusedMemory', () => {
    it('fills new blocks, released spans and what shrinking frees', () => {
      for (const more of [None, UseDualMapping]) {
        const { backend, allocator } = setUp({ options: FillUnusedMemory | more });
        const span = allocator.alloc(256);
        expect(words(backend, span)).to.deep.equal(new Set([0xcccccccc]));
        const neighbour = allocator.alloc(64);
        const zeros = new Uint8Array(256);
        allocator.write(span, 0, zeros);
        allocator.write(neighbour, 0, zeros.subarray(0, 64));
        const rest = allocator.shrink(span, 64);
        expect(words(backend, { rx: addressAt(span.rx, 64), size: 192 })).to.deep.equal(
          new Set([0xcccccccc]),
        );
        expect(words(backend, rest)).to.deep.equal(new Set([0]));
        allocator.release(span.rx);
        expect(words(backend, rest)).to.deep.equal(new Set([0xcccccccc]));
        expect(words(backend, neighbour)).to.deep.equal(new Set([0]));
        allocator.reset();
        expect(words(backend, neighbour)).to.deep.equal(new Set([0xcccccccc]));
      }
    });

    it('takes a custom pattern', () => {
      const pattern = { fillPattern: 0xdeadbeef };
      for (const options of [FillUnusedMemory, FillUnusedMemory | CustomFillPattern]) {
        const { backend, allocator } = setUp({ options, ...pattern });
        expect(words(backend, allocator.alloc(64))).to.deep.equal(new Set([0xdeadbeef]));
        expect(allocator.fillPattern).to.equal(0xdeadbeef);
      }
    });

    it('is off by default', () => {
      const { backend, allocator } = setUp({ options: CustomFillPattern, fillPattern: 0xdeadbeef });
      const span = allocator.alloc(64);
      allocator.write(span, 0, new Uint8Array(64).fill(1));
      allocator.release(span.rx);
      expect(backend.count('fill')).to.equal(0);
      expect(words(backend, span)).to.deep.equal(new Set([0x01010101]));
    });

    it('does not fill a block that is unmapped anyhow', () => {
      const { backend, allocator } = setUp({ options: FillUnusedMemory | ImmediateRelease });
      allocator.release(allocator.alloc(64).rx);
      expect(backend.count('fill')).to.equal(1);
    });
  });

  describe('ImmediateRelease', () => {
    it('unmaps an emptied block inside of release', () => {
      for (const more of [None, UseDualMapping]) {
        const { backend, allocator } = setUp({ options: ImmediateRelease | more });
        const a = allocator.alloc(64);
        const b = allocator.alloc(64);
        allocator.release(a.rx);
        expect(backend.mappings).not.to.have.length(0);
        allocator.release(b.rx);
        backend.expectNoLeaks();
        expect(allocator.statistics()).to.include({ blockCount: 0, reservedSize: 0 });
        allocator.verify();
      }
    });

    it('unmaps each of many blocks as soon as it is empty', () => {
      const { backend, allocator } = setUp({ options: ImmediateRelease | DisableInitialPadding });
      const spans = Array.from({ length: 5 }, () => allocator.alloc(mib));
      spans.forEach((span, index) => {
        expect(backend.mappings).to.have.length(5 - index);
        allocator.release(span.rx);
      });
      backend.expectNoLeaks();
    });

    it('unmaps inside of a soft reset too', () => {
      const { backend, allocator } = setUp({ options: ImmediateRelease });
      allocator.alloc(64);
      allocator.reset(ResetPolicy.Soft);
      backend.expectNoLeaks();
    });

    it('is off by default: one empty block is kept', () => {
      const { backend, allocator } = setUp({});
      allocator.release(allocator.alloc(64).rx);
      expect(backend.mappings).to.have.length(1);
    });
  });

  describe('DisableInitialPadding', () => {
    it('hands out the start of a block', () => {
      const { backend, allocator } = setUp({ options: DisableInitialPadding });
      const span = allocator.alloc(64 * kib);
      expect(span.rx).to.equal(backend.mappings[0]?.address);
      expect(backend.mappedSize).to.equal(64 * kib);
    });

    it('is off by default: no span starts where a mapping starts', () => {
      const { backend, allocator } = setUp({});
      const span = allocator.alloc(64);
      const start = backend.mappings[0]?.address;
      expect(span.rx).to.equal(start === undefined ? undefined : addressAt(start, 64));
      expect(allocator.query(addressAt(span.rx, -64))).to.equal(undefined);
      expect(() => allocator.release(addressAt(span.rx, -64)))
        .to.throw()
        .with.property('code', 'E_NOT_ALLOCATED');
      allocator.alloc(64 * kib);
      expect(backend.mappedSize).to.equal(64 * kib + 128 * kib);
    });
  });

  describe('UseLargePages', () => {
    const largePageSize = 2 * mib;

    it('uses them for blocks that fill one', () => {
      const { allocator } = setUp({ options: UseLargePages }, { largePageSize });
      expect(allocator.alloc(100).flags).to.equal(SpanFlags.None);
      expect(allocator.alloc(largePageSize).flags).to.equal(SpanFlags.LargePages);
      expect([...allocator.blocks()].map(({ largePages, size }) => [largePages, size])).to.deep.equal([
        [false, 64 * kib],
        [true, 2 * largePageSize],
      ]);
    });

    it('works with dual mapping', () => {
      const { allocator } = setUp(
        { options: UseLargePages | UseDualMapping, blockSize: largePageSize },
        { largePageSize },
      );
      expect(allocator.alloc(1).flags).to.equal(SpanFlags.LargePages | SpanFlags.DualMapped);
    });

    for (const more of [None, UseDualMapping, AlignBlockSizeToLargePage]) {
      it(`falls back to regular pages when none is free (options ${UseLargePages | more})`, () => {
        const { backend, allocator } = setUp(
          { options: UseLargePages | more, blockSize: largePageSize },
          { largePageSize, largePagesFree: false },
        );
        expect(allocator.alloc(1).flags & SpanFlags.LargePages).to.equal(0);
        allocator[Symbol.dispose]();
        backend.expectNoLeaks();
      });
    }

    it('is nothing where the OS has none', () => {
      const { backend, allocator } = setUp({ options: UseLargePages | AlignBlockSizeToLargePage });
      expect(allocator.alloc(1).flags).to.equal(SpanFlags.None);
      expect(backend.mappedSize).to.equal(64 * kib);
    });

    it('is off by default', () => {
      const { allocator } = setUp({ blockSize: largePageSize }, { largePageSize });
      expect(allocator.alloc(1).flags).to.equal(SpanFlags.None);
    });

    it('reports the failure of regular pages when both fail', () => {
      const { backend, allocator } = setUp(
        { options: UseLargePages, blockSize: largePageSize },
        { largePageSize, largePagesFree: false },
      );
      backend.failAt(2, 'alloc', 'EAGAIN');
      expect(() => allocator.alloc(1))
        .to.throw()
        .with.property('code', 'EAGAIN');
    });
  });

  describe('AlignBlockSizeToLargePage', () => {
    it('rounds every block up to large pages', () => {
      const { allocator } = setUp(
        { options: UseLargePages | AlignBlockSizeToLargePage },
        { largePageSize: 2 * mib },
      );
      expect(allocator.alloc(1).flags).to.equal(SpanFlags.LargePages);
      allocator.alloc(3 * mib);
      expect([...allocator.blocks()].map(({ size }) => size)).to.deep.equal([2 * mib, 4 * mib]);
    });

    it('rounds up also where no large page is free', () => {
      const { backend, allocator } = setUp(
        { options: UseLargePages | AlignBlockSizeToLargePage },
        { largePageSize: 2 * mib, largePagesFree: false },
      );
      expect(allocator.alloc(1).flags).to.equal(SpanFlags.None);
      expect(backend.mappedSize).to.equal(2 * mib);
    });

    it('is nothing without UseLargePages', () => {
      const { backend, allocator } = setUp(
        { options: AlignBlockSizeToLargePage },
        { largePageSize: 2 * mib },
      );
      allocator.alloc(1);
      expect(backend.mappedSize).to.equal(64 * kib);
    });
  });

  describe('reserve', () => {
    it('keeps all blocks in one range, whatever is mapped between', () => {
      for (const options of [None, UseDualMapping, UseMultiplePools]) {
        const { backend, allocator } = setUp({ options, reserve: 16 * mib });
        const spans: Span[] = [];
        for (let size = 64; size < 8 * mib; size += size) {
          backend.alloc(mib, MemoryFlags.AccessRW);
          spans.push(allocator.alloc(size - 63));
        }
        const addresses = spans.map(({ rx }) => rx);
        expect(Math.max(...addresses) - Math.min(...addresses)).to.be.below(16 * mib);
        expect(backend.count('alloc') + backend.count('allocDualMapping')).to.equal(spans.length + 1);
        for (const span of spans) {
          allocator.write(span, 0, Uint8Array.of(1));
          allocator.release(span.rx);
        }
        allocator.verify();
        const { reservedSize } = allocator.statistics();
        expect(reservedSize).to.be.at.most(8 * mib);
        allocator[Symbol.dispose]();
        expect(backend.mappings).to.have.length(spans.length);
      }
    });

    it('says when it is exhausted, and goes on', () => {
      const { allocator } = setUp({ reserve: 128 * kib });
      expect(() => allocator.alloc(200 * kib))
        .to.throw()
        .with.property('code', 'E_RESERVE_EXHAUSTED');
      const span = allocator.alloc(60 * kib);
      allocator.alloc(60 * kib);
      expect(() => allocator.alloc(60 * kib))
        .to.throw(/no room for a block/)
        .with.property('code', 'E_RESERVE_EXHAUSTED');
      allocator.release(span.rx);
      allocator.alloc(60 * kib);
      allocator.verify();
    });

    it('is on one kind of pages, and says which', () => {
      const largePageSize = 2 * mib;
      const params = { options: UseLargePages, reserve: 64 * mib };
      const regular = setUp(params, { largePageSize }).allocator;
      expect([1, largePageSize].map((size) => regular.alloc(size).flags)).to.deep.equal([None, None]);
      const large = setUp(params, { largePageSize }).allocator;
      expect(large.alloc(largePageSize).flags).to.equal(SpanFlags.LargePages);
    });

    it('is not even mapped for a span that it cannot hold', () => {
      const { backend, allocator } = setUp({ reserve: mib });
      expect(() => allocator.alloc(2 * mib))
        .to.throw()
        .with.property('code', 'E_RESERVE_EXHAUSTED');
      backend.expectNoLeaks();
    });

    it('gives the range back with the last block', () => {
      const { backend, allocator } = setUp({ options: ImmediateRelease, reserve: mib });
      const spans = Array.from({ length: 4 }, () => allocator.alloc(60 * kib));
      for (const span of spans) {
        expect(backend.mappedSize).to.equal(mib);
        allocator.release(span.rx);
      }
      backend.expectNoLeaks();
    });
  });
});
