import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { JitAllocator, JitAllocatorOptions, ResetPolicy } from '../../src/mem/index.ts';
import { VirtMem } from '../../src/mem/virt-mem.ts';
import { VirtMemError } from '../../src/mem/virt-mem-error.ts';
import { elementAt } from '../../src/support/element.ts';
import { FakeVirtMem } from '../support/fake-virt-mem.ts';

const { UseDualMapping, DisableInitialPadding, FillUnusedMemory, UseLargePages } = JitAllocatorOptions;
const kib = 1024;
const mib = kib * kib;

/** kB of the mapping that starts at the address which huge pages map. */
function hugelyMapped(address: number): number {
  const lines = readFileSync('/proc/self/smaps', 'utf8').split('\n');
  const start = lines.findIndex((line) => line.startsWith(`${address.toString(16)}-`));
  const entry = lines.slice(start, start + 30);
  const size = entry.find((line) => /^(ShmemPmdMapped|AnonHugePages): +[1-9]/.test(line));
  return Number(/\d+/.exec(size ?? '0')?.[0]) * kib;
}

describe('collapse', () => {
  it('moves blocks that are full, and says so', () => {
    const backend = new FakeVirtMem({ hugePageSize: 128 * kib });
    const allocator = new JitAllocator({ backend, blockSize: 256 * kib, options: DisableInitialPadding });
    const full = allocator.alloc(256 * kib);
    allocator.alloc(100 * kib);
    expect(allocator.collapse()).to.deep.equal({ collapsedSize: 256 * kib, hintedSize: 0, failures: [] });
    expect(allocator.statistics().collapsedSize).to.equal(256 * kib);
    const sizes = () => [...allocator.blocks()].map(({ collapsedSize }) => collapsedSize);
    expect(sizes()).to.deep.equal([256 * kib, 0]);
    expect(allocator.collapse()).to.deep.include({ collapsedSize: 0 });
    expect(allocator.collapse(0.1).collapsedSize).to.be.above(0);
    allocator.release(full.rx);
    allocator.reset(ResetPolicy.Hard);
    expect(allocator.statistics().collapsedSize).to.equal(0);
  });

  it('asks for no block on large pages', () => {
    const backend = new FakeVirtMem({ hugePageSize: 128 * kib, largePageSize: 128 * kib });
    const allocator = new JitAllocator({ backend, options: UseLargePages });
    allocator.alloc(120 * kib);
    expect(allocator.collapse(0)).to.deep.equal({ collapsedSize: 0, hintedSize: 0, failures: [] });
    expect(backend.count('collapse')).to.equal(0);
  });

  it('reports what the OS refuses, which is no failure', () => {
    const allocator = new JitAllocator({ backend: new FakeVirtMem() });
    const span = allocator.alloc(64);
    const { failures, ...sizes } = allocator.collapse(0);
    expect(sizes).to.deep.equal({ collapsedSize: 0, hintedSize: 0 });
    expect(failures).to.have.lengthOf(1);
    expect(failures[0]).to.have.property('code', 'ENOTSUP');
    allocator.write(span, 0, Uint8Array.of(1));
    allocator.verify();
  });

  it('is nothing where the backend has nothing of the kind', () => {
    const backend: Partial<FakeVirtMem> = new FakeVirtMem();
    Object.assign(backend, { collapse: undefined });
    for (const params of [{}, { reserve: mib }]) {
      const allocator = new JitAllocator({ backend: backend as FakeVirtMem, ...params });
      allocator.alloc(64);
      expect(allocator.collapse(0)).to.deep.equal({ collapsedSize: 0, hintedSize: 0, failures: [] });
    }
  });

  it('refuses what is no ratio', () => {
    const allocator = new JitAllocator({ backend: new FakeVirtMem() });
    for (const ratio of [-0.1, 1.1, Number.NaN]) {
      expect(() => allocator.collapse(ratio)).to.throw(RangeError, 'usedRatio must be from 0 to 1');
    }
    expect(() => allocator.collapse('all' as never)).to.throw(TypeError, 'usedRatio');
    allocator[Symbol.dispose]();
    expect(() => allocator.collapse()).to.throw('disposed');
  });

  for (const [what, params] of [
    ['both views', { options: UseDualMapping | FillUnusedMemory }],
    ['both views, opened on demand,', { options: UseDualMapping, writeView: 'on-demand' }],
    ['memory that is mapped once', { options: FillUnusedMemory }],
    ['a part of a range', { options: UseDualMapping | FillUnusedMemory, reserve: 16 * mib }],
  ] as const) {
    it(`has ${what} on huge pages where the kernel can`, function () {
      if (!existsSync('/sys/kernel/mm/transparent_hugepage/hpage_pmd_size')) this.skip();
      using allocator = new JitAllocator({ blockSize: 4 * mib, ...params });
      const span = allocator.alloc(4 * mib - 64);
      allocator.write(span, 0, new Uint8Array(span.size).fill(0xc3));
      const { collapsedSize, hintedSize, failures } = allocator.collapse();
      expect(collapsedSize + hintedSize + failures.length).to.be.above(0);
      for (const failure of failures) expect(failure).to.be.instanceOf(VirtMemError);
      expect(allocator.statistics().collapsedSize).to.equal(collapsedSize);
      const block = elementAt([...allocator.blocks()], 0);
      // A window that was opened divides its page of the writable view.
      const views = params.options & UseDualMapping ? [block.address, block.rw] : [block.address];
      if (!('writeView' in params)) {
        for (const view of views) expect(hugelyMapped(view)).to.be.least(collapsedSize);
      }
      expect(VirtMem.read(span.rx, 1)[0]).to.equal(0xc3);
      allocator.write(span, 0, Uint8Array.of(0x90));
      expect(VirtMem.read(span.rx, 2)).to.deep.equal(Uint8Array.of(0x90, 0xc3));
    });
  }

  it('is for the owner', () => {
    using allocator = new JitAllocator({ options: UseDualMapping });
    const { rx } = allocator.alloc(64);
    expect(() => VirtMem.collapse?.(rx, 64))
      .to.throw(VirtMemError)
      .with.property('code', 'E_OWNED');
    expect(() => VirtMem.collapse?.(rx, -1)).to.throw(RangeError, 'size');
  });
});
