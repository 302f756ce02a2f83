import { expect } from 'chai';
import { CachePolicy, JitAllocator, type Span, type WriteScope } from '../../src/mem/index.ts';
import { addressAt } from '../../src/native/address.ts';
import { FakeVirtMem } from '../support/fake-virt-mem.ts';

describe('JitAllocator', () => {
  let backend: FakeVirtMem;
  let allocator: JitAllocator;
  let span: Span;

  beforeEach(() => {
    backend = new FakeVirtMem();
    allocator = new JitAllocator({ backend });
    span = allocator.alloc(128);
  });

  const content = (length = 8): number[] => [...backend.read(span.rx, length)];

  describe('write', () => {
    it('copies bytes to an offset', () => {
      allocator.write(span, 2, Uint8Array.of(1, 2, 3));
      expect(content()).to.deep.equal([0, 0, 1, 2, 3, 0, 0, 0]);
    });

    it('fills a span to its last byte', () => {
      allocator.write(span, 0, new Uint8Array(128).fill(7));
      expect(content(128)).to.deep.equal(new Array(128).fill(7));
      allocator.write(span, 128, new Uint8Array(0));
    });

    it('takes a part of a larger buffer', () => {
      allocator.write(span, 0, Uint8Array.of(1, 2, 3, 4).subarray(1, 3));
      expect(content(4)).to.deep.equal([2, 3, 0, 0]);
    });

    it('is not deceived about the length of the bytes', () => {
      class Understated extends Uint8Array {
        override get length(): number {
          return 1;
        }
      }
      class Overcopied extends Uint8Array {
        static get [Symbol.species](): Uint8ArrayConstructor {
          return class {
            constructor() {
              // biome-ignore lint/correctness/noConstructorReturn: what a hostile species does
              return new Uint8Array(256).fill(9);
            }
          } as unknown as Uint8ArrayConstructor;
        }
      }
      const neighbour = allocator.alloc(128);
      expect(() => allocator.write(span, 0, new Understated(256).fill(9))).to.throw(RangeError, '256 bytes');
      expect(() =>
        allocator.writeScope((scope) => scope.write(span, 0, new Understated(256).fill(9))),
      ).to.throw(RangeError, '256 bytes');
      allocator.writeScope((scope) => scope.write(span, 0, new Overcopied(4)));
      expect(backend.read(neighbour.rx, 128)).to.deep.equal(new Uint8Array(128));
    });

    const policies = [
      [undefined, 1],
      [CachePolicy.Default, 1],
      [CachePolicy.FlushAfterWrite, 1],
      [CachePolicy.NeverFlush, 0],
    ] as const;
    for (const [policy, flushes] of policies) {
      it(`flushes ${flushes} time(s) under policy ${policy}`, () => {
        allocator.write(span, 4, Uint8Array.of(1, 2), policy);
        allocator.write(span, 4, new Uint8Array(0), policy);
        expect(backend.flushed).to.deep.equal(
          flushes === 0 ? [] : [{ address: addressAt(span.rx, 4), size: 2 }],
        );
        allocator.write(span, (writer) => writer.u8(1), policy);
        expect(backend.flushed).to.have.length(2 * flushes);
      });
    }
  });

  describe('write with a writer', () => {
    it('builds little endian content from the start', () => {
      allocator.write(span, (writer) => {
        writer
          .u8(1)
          .u16(0x302)
          .u32(-2)
          .u64(-1n)
          .f64(1)
          .bytes(Uint8Array.of(5, 6))
          .align(16)
          .patch(1, Uint8Array.of(9));
        expect(writer.offset).to.equal(32);
        expect(writer.size).to.equal(128);
      });
      expect(content(34)).to.deep.equal([
        ...[1, 9, 3, 0xfe, 0xff, 0xff, 0xff],
        ...new Array<number>(8).fill(0xff),
        ...[0, 0, 0, 0, 0, 0, 0xf0, 0x3f],
        ...[5, 6],
        ...new Array<number>(7).fill(0xcc),
        ...[0, 0],
      ]);
    });

    it('leaves the rest of the span alone', () => {
      allocator.write(span, 0, new Uint8Array(128).fill(7));
      allocator.write(span, (writer) => writer.u8(1));
      expect(content(3)).to.deep.equal([1, 7, 7]);
    });

    it('grows to the size of a large span', () => {
      const large = allocator.alloc(100_000);
      allocator.write(large, (writer) => {
        while (writer.offset < writer.size) writer.u32(writer.offset);
      });
      expect(new DataView(backend.read(addressAt(large.rx, 99_996), 4).buffer).getUint32(0, true)).to.equal(
        99_996,
      );
    });

    const failing: Readonly<Record<string, () => void>> = {
      'bytes beyond the span': () => allocator.write(span, (w) => w.bytes(new Uint8Array(129))),
      'a number beyond the span': () => allocator.write(span, (w) => w.bytes(new Uint8Array(121)).u64(1n)),
      'alignment beyond the span': () => allocator.write(span, (w) => w.u8(1).align(256)),
      'a patch beyond what is written': () =>
        allocator.write(span, (w) => w.u8(1).patch(0, Uint8Array.of(1, 2))),
      'a patch before the start': () => allocator.write(span, (w) => w.u8(1).patch(-1, Uint8Array.of(1))),
      'an alignment of 0': () => allocator.write(span, (w) => w.align(0)),
    };
    for (const [what, write] of Object.entries(failing)) {
      it(`refuses ${what} and writes nothing`, () => {
        expect(write).to.throw(RangeError);
        expect(backend.count('write')).to.equal(0);
        allocator.write(span, 0, Uint8Array.of(1));
      });
    }

    it('writes nothing when the function throws', () => {
      expect(() =>
        allocator.write(span, (writer) => {
          writer.u8(1);
          throw new Error('changed my mind');
        }),
      ).to.throw('changed my mind');
      expect(backend.count('write')).to.equal(0);
      allocator.verify();
    });

    it('refuses to write when the function released the span', () => {
      const successors: Span[] = [];
      expect(() =>
        allocator.write(span, (writer) => {
          writer.u8(1);
          allocator.release(span.rx);
          successors.push(allocator.alloc(128));
        }),
      )
        .to.throw()
        .with.property('code', 'E_STALE_SPAN');
      expect(successors[0]?.rx).to.equal(span.rx);
      expect(backend.count('write')).to.equal(0);
    });

    it('never writes beyond what came to the place of the span meanwhile', () => {
      const { rx } = span;
      let next: Span | undefined;
      const write = () =>
        allocator.write(span, (writer) => {
          writer.bytes(new Uint8Array(128).fill(9));
          // As many spans as it takes until one cannot be told from the first but by its size.
          allocator.release(rx);
          for (let i = 0; i < 15; i++) allocator.release(allocator.alloc(64).rx);
          expect(allocator.alloc(64).rx).to.equal(rx);
          next = allocator.alloc(64);
          Object.defineProperty(span, 'size', { value: 64 });
        });
      expect(write).to.throw().with.property('code', 'E_STALE_SPAN');
      expect(next?.rx).to.equal(rx + 64);
      expect(content(128)).to.deep.equal(new Array(128).fill(0));
    });
  });

  describe('a writer that shrinks its span', () => {
    it('leaves what it has written, rounded up', () => {
      const kept = allocator.write(span, (writer) => writer.u32(0x04030201).shrink());
      expect([kept.rx, kept.size]).to.deep.equal([span.rx, 64]);
      expect(content(5)).to.deep.equal([1, 2, 3, 4, 0]);
      expect(() => allocator.write(span, 0, Uint8Array.of(1)))
        .to.throw()
        .with.property('code', 'E_STALE_SPAN');
      allocator.write(kept, 0, Uint8Array.of(9));
      expect(allocator.query(addressAt(span.rx, 64))).to.equal(undefined);
      allocator.verify();
    });

    it('gives the span as it was when nothing is left over, and when it does not shrink', () => {
      expect(allocator.write(span, (writer) => writer.shrink(65))).to.equal(span);
      expect(allocator.write(span, (writer) => writer.u8(1))).to.equal(span);
    });

    it('drops what was written beyond, and lets no more be written', () => {
      const kept = allocator.write(span, (writer) => {
        writer.u32(0x04030201).shrink(2);
        expect([writer.size, writer.offset]).to.deep.equal([2, 2]);
        expect(() => writer.u8(5)).to.throw(RangeError, 'do not fit into a span of 2');
        expect(() => writer.shrink(3)).to.throw(RangeError, 'from 0 to 2');
      });
      expect(kept.size).to.equal(64);
      expect(content(4)).to.deep.equal([1, 2, 0, 0]);
    });

    it('releases the span when nothing is to remain', () => {
      const kept = allocator.write(span, (writer) => writer.u8(1).shrink(0));
      expect(kept.size).to.equal(0);
      expect(backend.count('write')).to.equal(0);
      expect(allocator.statistics().allocationCount).to.equal(0);
    });

    for (const size of [-1, 1.5, Number.NaN, 129]) {
      it(`refuses ${size} and writes nothing`, () => {
        expect(() => allocator.write(span, (writer) => writer.u8(1).shrink(size))).to.throw(
          RangeError,
          'size must be an integer from 0 to 128',
        );
        expect(backend.count('write')).to.equal(0);
        allocator.write(span, 127, Uint8Array.of(1));
      });
    }

    it('does so in a scope after all writes, and as short as anybody wanted', () => {
      allocator.writeScope((scope) => {
        scope.write(span, (writer) => writer.u8(1).shrink(65));
        scope.write(span, (writer) => writer.u8(2).shrink());
        scope.write(span, 127, Uint8Array.of(3));
      });
      expect(content(1)).to.deep.equal([2]);
      expect(allocator.query(span.rx)?.size).to.equal(64);
      allocator.verify();
    });
  });

  describe('writeScope', () => {
    it('writes everything when its body has returned, and flushes each range', () => {
      const other = allocator.alloc(64);
      const bytes = Uint8Array.of(1, 2);
      const result = allocator.writeScope((scope) => {
        scope.write(span, 1, bytes);
        bytes[0] = 99;
        scope.write(other, (writer) => writer.u16(0x0403));
        expect(backend.count('write')).to.equal(0);
        return 'done';
      });
      expect(result).to.equal('done');
      expect(content(3)).to.deep.equal([0, 1, 2]);
      expect([...backend.read(other.rx, 2)]).to.deep.equal([3, 4]);
      expect(backend.flushed).to.deep.equal([
        { address: addressAt(span.rx, 1), size: 2 },
        { address: other.rx, size: 2 },
      ]);
    });

    it('does not flush when told not to', () => {
      allocator.writeScope((scope) => scope.write(span, 1, Uint8Array.of(1)), CachePolicy.NeverFlush);
      expect(backend.flushed).to.deep.equal([]);
    });

    it('writes nothing when its body throws', () => {
      expect(() =>
        allocator.writeScope((scope) => {
          scope.write(span, 0, Uint8Array.of(1));
          throw new Error('changed my mind');
        }),
      ).to.throw('changed my mind');
      expect(backend.count('write')).to.equal(0);
    });

    it('writes nothing when one of its spans is gone at the end', () => {
      const other = allocator.alloc(64);
      expect(() =>
        allocator.writeScope((scope) => {
          scope.write(other, 0, Uint8Array.of(1));
          scope.write(span, 0, Uint8Array.of(1));
          allocator.release(span.rx);
        }),
      )
        .to.throw()
        .with.property('code', 'E_STALE_SPAN');
      expect(backend.count('write')).to.equal(0);
    });

    it('makes what was collected when it is flushed, and the rest at its end', () => {
      allocator.writeScope((scope) => {
        scope.write(span, 0, Uint8Array.of(1));
        scope.flush();
        expect(content(2)).to.deep.equal([1, 0]);
        scope.flush();
        expect(backend.count('write')).to.equal(1);
        scope.write(span, 1, Uint8Array.of(2));
      });
      expect(content(2)).to.deep.equal([1, 2]);
      expect(backend.count('write')).to.equal(2);
    });

    it('keeps what a flush could not write', () => {
      allocator.writeScope((scope) => {
        scope.write(span, 0, Uint8Array.of(1));
        backend.failAt(1, 'write');
        expect(() => scope.flush()).to.throw('made to fail');
      });
      expect(content(1)).to.deep.equal([1]);
    });

    it('is closed when its body has returned or thrown', () => {
      const scopes: WriteScope[] = [];
      allocator.writeScope((scope) => scopes.push(scope));
      expect(() =>
        allocator.writeScope((scope) => {
          scopes.push(scope);
          throw new Error('no');
        }),
      ).to.throw();
      for (const scope of scopes) {
        for (const use of [() => scope.write(span, 0, Uint8Array.of(1)), () => scope.flush()]) {
          expect(use).to.throw().with.property('code', 'E_SCOPE_CLOSED');
        }
      }
    });

    it('nests', () => {
      allocator.writeScope((outer) => {
        outer.write(span, 0, Uint8Array.of(1, 1));
        allocator.writeScope((inner) => inner.write(span, 1, Uint8Array.of(2, 2)));
      });
      expect(content(4)).to.deep.equal([1, 1, 2, 0]);
    });
  });
});
