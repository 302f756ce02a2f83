import { expect } from 'chai';
import { JitAllocator, type JitAllocatorParams, type Span } from '../../src/mem/index.ts';
import { type Address, addressAt } from '../../src/native/address.ts';
import { FakeVirtMem } from '../support/fake-virt-mem.ts';

/** What callers without TypeScript can pass. */
function untyped<T>(value: unknown): T {
  return value as T;
}

const notNumbers: readonly unknown[] = ['64', null, {}, [64], true, 64n, () => 64];
const notWhole: readonly number[] = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  0.5,
  -1,
  64.5,
];

function show(value: unknown): string {
  return typeof value === 'bigint' ? `${value}n` : `${JSON.stringify(value) ?? String(value)}`;
}

describe('JitAllocator parameters', () => {
  const cases: Readonly<Record<string, { allowed: RegExp; bad: readonly unknown[] }>> = {
    options: { allowed: /combination of JitAllocatorOptions/, bad: [128, -1, 0.5, Number.NaN, 2 ** 32] },
    blockSize: {
      allowed: /a power of two from 4096 \(the page size\) to 268435456/,
      bad: [...notWhole, 0, 2048, 65537, 3 * 65536, 2 ** 29],
    },
    granularity: {
      allowed: /a power of two from 16 to 4096 \(the page size\)/,
      bad: [...notWhole, 0, 8, 24, 8192],
    },
    fillPattern: { allowed: /an integer from 0 to 0xffffffff/, bad: [...notWhole, 2 ** 32] },
    reserve: {
      allowed: /a multiple of the block size \(65536\) up to 2147483648/,
      bad: [...notWhole, 0, 65537, 2 ** 32],
    },
  };
  for (const [name, { allowed, bad }] of Object.entries(cases)) {
    describe(name, () => {
      const construct = (value: unknown) => () =>
        new JitAllocator({ [name]: value, backend: new FakeVirtMem() } as JitAllocatorParams);
      for (const value of bad) {
        it(`refuses ${value}`, () => {
          expect(construct(value)).to.throw(RangeError, allowed).with.property('message').that.includes(name);
        });
      }
      for (const value of notNumbers) {
        if (value === null) continue;
        it(`refuses ${show(value)}`, () => {
          expect(construct(value)).to.throw(TypeError, allowed).with.property('message').that.includes(name);
        });
      }
    });
  }

  describe('pools', () => {
    const construct = (params: object) => () => new JitAllocator({ ...params, backend: new FakeVirtMem() });
    const bad: readonly (readonly [pools: unknown, error: new () => Error, message: RegExp])[] = [
      [[], TypeError, /pools must be an array of at least one/],
      [{ granularity: 64 }, TypeError, /pools must be an array/],
      [
        [{ granularity: 64 }, { granularity: 65 }],
        RangeError,
        /pools\[1\].granularity must be a power of two/,
      ],
      [[{}], TypeError, /pools\[0\].granularity must be a power of two/],
      [[null], TypeError, /pools\[0\].granularity must be a power of two/],
      [new Array(1), TypeError, /pools\[0\].granularity must be a power of two/],
      [[{ granularity: 64 }, { granularity: 64 }], RangeError, /differ from one another/],
    ];
    for (const [pools, error, message] of bad) {
      it(`refuse ${show(pools)}`, () => {
        expect(construct({ pools })).to.throw(error, message);
      });
    }

    it('exclude granularity', () => {
      expect(construct({ pools: [{ granularity: 64 }], granularity: 64 })).to.throw(
        RangeError,
        /granularity must be/,
      );
    });
  });
});

describe('JitAllocator, told nonsense,', () => {
  const backend = new FakeVirtMem();
  const allocator = new JitAllocator({ backend });
  const span = allocator.alloc(1000);
  const neighbour = allocator.alloc(64);
  const released = allocator.alloc(64);
  const fence = allocator.alloc(64);
  allocator.release(released.rx);
  const before = allocator.statistics();

  afterEach('goes on unharmed', () => {
    allocator.verify();
    expect(allocator.statistics()).to.deep.equal(before);
    backend.expectExecutable();
  });

  describe('alloc', () => {
    for (const size of [...notWhole, 0, 2 ** 31, Number.MAX_SAFE_INTEGER, Number.MAX_VALUE]) {
      it(`refuses ${size}`, () => {
        expect(() => allocator.alloc(size)).to.throw(
          RangeError,
          /size must be an integer from 1 to 2147483647/,
        );
      });
    }
    for (const size of [...notNumbers, undefined]) {
      it(`refuses ${show(size)}`, () => {
        expect(() => allocator.alloc(untyped(size))).to.throw(TypeError, /size must be a number/);
      });
    }
  });

  describe('release', () => {
    const addresses: readonly (readonly [what: string, address: number, code: string])[] = [
      ['an address released before', released.rx, 'E_NOT_ALLOCATED'],
      ['the end of a span', fence.rx + 64, 'E_NOT_ALLOCATED'],
      ['the padding of a block', span.rx - 64, 'E_NOT_ALLOCATED'],
      ['an address in a span', span.rx + 64, 'E_INTERIOR_ADDRESS'],
      ['the byte behind an address', span.rx + 1, 'E_INTERIOR_ADDRESS'],
      ['half a byte behind an address', span.rx + 0.5, 'E_INTERIOR_ADDRESS'],
      ['an address before the block', span.rx - 65, 'E_FOREIGN_ADDRESS'],
      ['an address behind the block', span.rx - 64 + 65536, 'E_FOREIGN_ADDRESS'],
      ['zero', 0, 'E_FOREIGN_ADDRESS'],
      ['a negative number', -span.rx, 'E_FOREIGN_ADDRESS'],
      ['NaN', Number.NaN, 'E_FOREIGN_ADDRESS'],
      ['infinity', Number.POSITIVE_INFINITY, 'E_FOREIGN_ADDRESS'],
      ['an address 2^32 away', span.rx + 2 ** 32, 'E_FOREIGN_ADDRESS'],
    ];
    for (const [what, address, code] of addresses) {
      it(`refuses ${what}`, () => {
        expect(() => allocator.release(address as Address))
          .to.throw()
          .that.includes({ name: 'JitAllocatorError', code });
      });
    }
    for (const address of [...notNumbers, undefined, String(span.rx)]) {
      it(`refuses ${show(address)}`, () => {
        expect(() => allocator.release(untyped(address))).to.throw(TypeError, /rx must be a number/);
      });
    }
    it('names the span that an interior address belongs to', () => {
      expect(() => allocator.release(addressAt(span.rx, 128))).to.throw(`0x${span.rx.toString(16)}`);
    });
  });

  describe('shrink', () => {
    for (const size of [...notWhole, -1, 1025, 2 ** 40]) {
      it(`refuses ${size}`, () => {
        expect(() => allocator.shrink(span, size)).to.throw(
          RangeError,
          /newSize must be an integer from 0 to 1024/,
        );
      });
    }
    for (const size of [...notNumbers, undefined]) {
      it(`refuses ${show(size)}`, () => {
        expect(() => allocator.shrink(span, untyped(size))).to.throw(TypeError, /newSize must be a number/);
      });
    }
  });

  describe('query', () => {
    for (const address of [...notNumbers, undefined]) {
      it(`refuses ${show(address)}`, () => {
        expect(() => allocator.query(untyped(address))).to.throw(TypeError, /address must be a number/);
      });
    }
  });

  describe('write', () => {
    const bytes = new Uint8Array(64);
    for (const offset of [...notWhole, 961, 2 ** 31, 2 ** 53]) {
      it(`refuses offset ${offset}`, () => {
        expect(() => allocator.write(span, offset, bytes)).to.throw(
          RangeError,
          /offset must be such that 64 bytes fit/,
        );
      });
    }
    for (const content of [
      ...notNumbers,
      undefined,
      64,
      new Uint16Array(4),
      new ArrayBuffer(4),
      new DataView(bytes.buffer),
    ]) {
      it(`refuses ${Object.prototype.toString.call(content)} for bytes`, () => {
        expect(() => allocator.write(span, 0, untyped(content))).to.throw(
          TypeError,
          /bytes must be a Uint8Array/,
        );
      });
    }
    for (const policy of [3, -1, Number.NaN, 'x', {}]) {
      it(`refuses policy ${show(policy)}`, () => {
        expect(() => allocator.write(span, 0, bytes, untyped(policy))).to.throw(
          RangeError,
          /policy must be one of CachePolicy/,
        );
        expect(() => allocator.write(span, () => {}, untyped(policy))).to.throw(RangeError, /policy must be/);
        expect(() => allocator.writeScope(() => {}, untyped(policy))).to.throw(RangeError, /policy must be/);
      });
    }
    it('refuses a scope without a body', () => {
      expect(() => allocator.writeScope(untyped(5))).to.throw(TypeError, /body must be a function/);
    });
  });

  describe('reset', () => {
    for (const policy of [2, -1, Number.NaN, 'Soft', null]) {
      it(`refuses ${show(policy)}`, () => {
        expect(() => allocator.reset(untyped(policy))).to.throw(RangeError, /policy must be ResetPolicy/);
      });
    }
  });

  describe('a span that is not one', () => {
    const forgeries: Readonly<Record<string, () => unknown>> = {
      'a copy': () => ({ ...span }),
      'an object with its prototype': () => Object.assign(Object.create(Object.getPrototypeOf(span)), span),
      undefined: () => undefined,
      null: () => null,
      'an address': () => span.rx,
      'a string': () => 'span',
      'a proxy': () => new Proxy(span, {}),
      'one of another allocator': () => new JitAllocator({ backend: new FakeVirtMem() }).alloc(1000),
      'one released': () => released,
      'one with another address': () => altered({ rx: neighbour.rx }),
      'one with another size': () => altered({ size: 2048 }),
      'one with an address outside': () => altered({ rx: 4096 }),
      'one with an address of text': () => altered({ rx: String(span.rx) }),
    };
    /** A span that was genuine, until its owner overwrote a property. */
    const altered = (change: object): Span => {
      const query = allocator.query(span.rx);
      if (query === undefined) throw new Error('not found');
      return Object.assign(query, change);
    };
    for (const [what, forge] of Object.entries(forgeries)) {
      it(`${what} is refused by write and shrink, and nothing is written`, () => {
        const forged = untyped<Span>(forge());
        const writes = backend.count('write');
        const bytes = Uint8Array.of(1);
        for (const use of [
          () => allocator.write(forged, 0, bytes),
          () => allocator.write(forged, (writer) => writer.u8(1)),
          () => allocator.writeScope((scope) => scope.write(forged, 0, bytes)),
          () => allocator.shrink(forged, 1),
        ]) {
          expect(use).to.throw().that.includes({ name: 'JitAllocatorError', code: 'E_STALE_SPAN' });
        }
        expect(backend.count('write')).to.equal(writes);
      });
    }

    it('one with another rw is written where it belongs', () => {
      allocator.write(altered({ rw: neighbour.rw }), 0, Uint8Array.of(9));
      expect(backend.read(span.rx, 1)).to.deep.equal(Uint8Array.of(9));
      expect(backend.read(neighbour.rx, 1)).to.deep.equal(Uint8Array.of(0));
    });
  });

  describe('a span object whose properties became getters', () => {
    for (const property of ['rx', 'size'] as const) {
      it(`is written and shrunk where it is, or not at all (${property})`, () => {
        // The getter tells the truth so often, and then it tells of the neighbour.
        for (let truths = 0; truths < 6; truths++) {
          const backend = new FakeVirtMem();
          const victim = new JitAllocator({ backend });
          const span = victim.alloc(128);
          const neighbour = victim.alloc(128);
          const lie = { rx: neighbour.rx, size: 4 * span.size }[property];
          const truth = span[property];
          const change = (use: () => void) => {
            let reads = 0;
            Object.defineProperty(span, property, {
              configurable: true,
              get: () => (reads++ < truths ? truth : lie),
            });
            try {
              use();
            } catch (error) {
              expect(error).to.have.property('code', 'E_STALE_SPAN');
            }
          };
          const bytes = new Uint8Array(128).fill(9);
          change(() => victim.write(span, 0, bytes));
          change(() => victim.write(span, (writer) => writer.bytes(bytes)));
          change(() => victim.writeScope((scope) => scope.write(span, 0, bytes)));
          change(() => victim.shrink(span, 1));
          expect(backend.read(neighbour.rx, 128)).to.deep.equal(new Uint8Array(128));
          expect(victim.query(neighbour.rx)?.size).to.equal(128);
          victim.verify();
        }
      });
    }

    it('is refused when reading it releases the span', () => {
      const backend = new FakeVirtMem();
      const victim = new JitAllocator({ backend });
      const span = victim.alloc(64);
      const { rx, size } = span;
      Object.defineProperty(span, 'size', {
        get: () => {
          if (victim.query(rx) !== undefined) victim.release(rx);
          return size;
        },
      });
      expect(() => victim.write(span, 0, Uint8Array.of(1)))
        .to.throw()
        .with.property('code', 'E_STALE_SPAN');
      expect(backend.count('write')).to.equal(0);
      victim.verify();
    });
  });

  it('one whose address was given to another span of the same size is refused', () => {
    const victim = new JitAllocator({ backend: new FakeVirtMem() });
    const stale: Span[] = [];
    const keeper = victim.alloc(64);
    for (let round = 0; round < 10; round++) {
      const latest = victim.alloc(64);
      for (const old of stale) {
        expect(old.rx).to.equal(latest.rx);
        expect(() => victim.write(old, 0, Uint8Array.of(1)))
          .to.throw()
          .with.property('code', 'E_STALE_SPAN');
      }
      victim.write(latest, 0, Uint8Array.of(1));
      stale.push(latest);
      victim.release(latest.rx);
    }
    victim.release(keeper.rx);
  });

  it('one whose block was unmapped and mapped again at the same address is refused', () => {
    const victim = new JitAllocator({ backend: new FakeVirtMem() });
    const old = victim.alloc(64);
    victim.reset(1);
    const latest = victim.alloc(64);
    expect(old.rx).to.equal(latest.rx);
    expect(() => victim.write(old, 0, Uint8Array.of(1)))
      .to.throw()
      .with.property('code', 'E_STALE_SPAN');
  });
});
