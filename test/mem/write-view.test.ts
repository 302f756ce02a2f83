import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { Engine } from '../../src/index.ts';
import { JitAllocator, JitAllocatorOptions, type JitAllocatorParams } from '../../src/mem/index.ts';
import { VirtMem } from '../../src/mem/virt-mem.ts';
import { elementAt } from '../../src/support/element.ts';
import { FakeVirtMem } from '../support/fake-virt-mem.ts';

const { None, UseDualMapping, FillUnusedMemory, UseLargePages } = JitAllocatorOptions;
const kib = 1024;

function setUp(params: JitAllocatorParams = {}, os = {}) {
  const backend = new FakeVirtMem(os);
  const allocator = new JitAllocator({ options: UseDualMapping, writeView: 'on-demand', ...params, backend });
  return { backend, allocator };
}

/** What the kernel says of the mapping that starts at the address. */
function mappingAt(address: number): string {
  const lines = readFileSync('/proc/self/smaps', 'utf8').split('\n');
  const start = lines.findIndex((line) => line.startsWith(`${address.toString(16)}-`));
  const end = lines.findIndex((line, i) => i > start && line.startsWith('VmFlags'));
  return lines.slice(start, end).join('\n');
}

/** Has the kernel given a key to the mapping? Where there are none, it says nothing. */
function hasKey(address: number): boolean {
  return /^ProtectionKey: +[1-9]/m.test(mappingAt(address));
}

const write = (allocator: JitAllocator, span: Parameters<JitAllocator['write']>[0], byte = 1) =>
  allocator.write(span, 0, Uint8Array.of(byte));

describe('writeView', () => {
  it("is 'always' by default", () => {
    const backend = new FakeVirtMem();
    const allocator = new JitAllocator({ options: UseDualMapping, backend });
    allocator.alloc(64);
    expect(allocator.writeView).to.equal('always');
    expect(backend.writableSize).to.equal(64 * kib);
  });

  describe("'on-demand'", () => {
    it('leaves nothing writable between jobs that write once', async () => {
      const { backend, allocator } = setUp();
      const span = allocator.alloc(64);
      expect(backend.writableSize).to.equal(0);
      for (const byte of [1, 2, 3]) {
        write(allocator, span, byte);
        expect(backend.writableSize).to.equal(0);
        expect(backend.read(span.rx, 1)[0]).to.equal(byte);
        await undefined;
      }
      allocator[Symbol.dispose]();
      backend.expectNoLeaks();
    });

    it('keeps what a burst writes to open until the job ends', async () => {
      const { backend, allocator } = setUp();
      const span = allocator.alloc(64);
      for (let i = 0; i < 50; i++) write(allocator, span);
      expect(backend.writableSize).to.equal(64 * kib);
      // Closed when new, opened and closed for the first write, opened for all others.
      expect(backend.count('protect')).to.equal(4);
      await undefined;
      expect(backend.writableSize).to.equal(0);
      write(allocator, span);
      expect(backend.writableSize).to.equal(0);
    });

    it('opens 64 KiB at a time, or what is written if that is more', async () => {
      const { backend, allocator } = setUp({ blockSize: 512 * kib });
      const spans = Array.from({ length: 5 }, () => allocator.alloc(70 * kib));
      for (const span of spans) write(allocator, span);
      expect(backend.writableSize).to.equal(64 * kib);
      allocator.write(elementAt(spans, 0), 0, new Uint8Array(70 * kib));
      expect(backend.writableSize).to.equal(128 * kib);
      for (const { rx } of spans) expect(backend.read(rx, 1)).to.have.lengthOf(1);
      await undefined;
      expect(backend.writableSize).to.equal(0);
    });

    it('makes a write scope in one go', () => {
      const { backend, allocator } = setUp();
      const spans = Array.from({ length: 20 }, () => allocator.alloc(64));
      allocator.writeScope((scope) => {
        for (const span of spans) scope.write(span, 0, Uint8Array.of(7));
      });
      expect(backend.count('protect')).to.equal(3);
      expect(backend.writableSize).to.equal(0);
      for (const { rx } of spans) expect(backend.read(rx, 1)[0]).to.equal(7);
    });

    it('fills what is unused, in blocks of any size', () => {
      const { backend, allocator } = setUp({ options: UseDualMapping | FillUnusedMemory });
      const span = allocator.alloc(300 * kib);
      expect(new Set(backend.read(span.rx, span.size))).to.deep.equal(new Set([0xcc]));
      write(allocator, span);
      allocator.release(span.rx);
      expect(backend.read(span.rx, 1)[0]).to.equal(0xcc);
      allocator.reset();
      allocator.verify();
    });

    it('forgets a window with its block', async () => {
      const { backend, allocator } = setUp({
        options: UseDualMapping | JitAllocatorOptions.ImmediateRelease,
      });
      const span = allocator.alloc(64);
      write(allocator, span);
      write(allocator, span);
      allocator.release(span.rx);
      backend.expectNoLeaks();
      await undefined;
      const later = allocator.alloc(64);
      write(allocator, later);
      expect(backend.writableSize).to.equal(0);
    });

    it('opens pages again that were closed in a reserved range', () => {
      const { backend, allocator } = setUp({
        reserve: 1024 * kib,
        options: UseDualMapping | FillUnusedMemory | JitAllocatorOptions.ImmediateRelease,
      });
      const kept = allocator.alloc(64);
      const released = allocator.alloc(100 * kib);
      allocator.release(released.rx);
      const span = allocator.alloc(100 * kib);
      write(allocator, span, 5);
      expect(backend.read(span.rx, 2)).to.deep.equal(Uint8Array.of(5, 0xcc));
      expect(allocator.query(kept.rx)?.rx).to.equal(kept.rx);
    });

    it('closes later what it could not close', async () => {
      const { backend, allocator } = setUp();
      const span = allocator.alloc(64);
      write(allocator, span);
      write(allocator, span);
      backend.failAt(1, 'protect');
      await undefined;
      expect(backend.writableSize).to.equal(64 * kib);
      write(allocator, span, 9);
      expect(backend.read(span.rx, 1)[0]).to.equal(9);
      expect(backend.writableSize).to.equal(0);
    });

    it('leaves it to protection keys where there are any', async () => {
      const { backend, allocator } = setUp({}, { protectionKeys: true });
      const span = allocator.alloc(64);
      for (let i = 0; i < 3; i++) write(allocator, span);
      expect(backend.writableSize).to.equal(0);
      expect([backend.count('guardWrites'), backend.count('protect')]).to.deep.equal([1, 0]);
    });

    it('is refused where memory is mapped once, and for what is no such policy', () => {
      expect(() => setUp({ options: None })).to.throw(RangeError, /writeView 'on-demand'.*UseDualMapping/);
      expect(() => setUp({ writeView: 'never' as never })).to.throw(RangeError, 'always, on-demand');
      expect(() => setUp({ options: UseDualMapping | UseLargePages, reserve: 1024 * kib })).to.throw(
        RangeError,
        'writeView',
      );
    });
  });

  describe("'on-demand', of the OS", () => {
    const withoutKeys = { ...VirtMem, guardWrites: () => false };
    const params = { options: UseDualMapping | FillUnusedMemory, writeView: 'on-demand' } as const;

    it('shows no page that can be written to', async () => {
      using allocator = new JitAllocator({ ...params, backend: withoutKeys });
      const span = allocator.alloc(64);
      const block = elementAt([...allocator.blocks()], 0);
      const permissions = () => / (\S+)/.exec(mappingAt(block.rw))?.[1];
      expect(permissions()).to.equal('---s');
      allocator.write(span, 0, Uint8Array.of(7));
      expect(permissions()).to.equal('---s');
      allocator.write(span, 0, Uint8Array.of(8));
      expect(permissions()).to.equal('rw-s');
      await undefined;
      expect(permissions()).to.equal('---s');
      expect(VirtMem.read(span.rx, 2)).to.deep.equal(Uint8Array.of(8, 0xcc));
    });

    it('puts the pages under a protection key where the CPU has them', function () {
      using allocator = new JitAllocator(params);
      const span = allocator.alloc(64);
      const block = elementAt([...allocator.blocks()], 0);
      if (!/\bospke\b/.test(readFileSync('/proc/cpuinfo', 'utf8'))) this.skip();
      expect(hasKey(block.rw)).to.equal(true);
      expect(hasKey(block.address)).to.equal(false);
      allocator.write(span, 1, Uint8Array.of(7));
      expect(VirtMem.read(span.rx, 3)).to.deep.equal(Uint8Array.of(0xcc, 7, 0xcc));
      expect(VirtMem.read(span.rw, 1)).to.have.lengthOf(1);
    });

    it('gives several allocators the same key', () => {
      for (let i = 0; i < 40; i++) {
        using allocator = new JitAllocator(params);
        allocator.write(allocator.alloc(64), 0, Uint8Array.of(1));
      }
    });

    for (const backend of [VirtMem, withoutKeys]) {
      it(`carries an engine ${backend === VirtMem ? 'as it comes' : 'without keys'}`, () => {
        using engine = new Engine({ backend: 'native', allocator: { ...params, backend } });
        const functions = Array.from({ length: 30 }, (_, i) => engine.compile(`x^2 + sin(x) + ${i}`, ['x']));
        for (const [i, f] of functions.entries()) expect(f(2)).to.equal(4 + Math.sin(2) + i);
        elementAt(functions, 3).release();
        expect(engine.compile('2 * x', ['x'])(4)).to.equal(8);
      });
    }
  });
});
