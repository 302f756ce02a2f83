import { expect } from 'chai';
import {
  HardenedRuntimeFlags,
  JitAllocator,
  JitAllocatorOptions,
  type JitAllocatorParams,
  ResetPolicy,
  type Span,
} from '../../src/mem/index.ts';
import { elementAt } from '../../src/support/element.ts';
import { type FakeOs, FakeVirtMem, fallibleCalls, InjectedFailure } from '../support/fake-virt-mem.ts';

const { UseDualMapping, FillUnusedMemory, ImmediateRelease, UseMultiplePools, UseLargePages } =
  JitAllocatorOptions;

/** The failure that the test injected, out of whatever it was wrapped in. */
function injected(error: unknown): InjectedFailure | undefined {
  if (error instanceof InjectedFailure) return error;
  if (error instanceof AggregateError) return error.errors.map(injected).find((found) => found !== undefined);
  return error instanceof Error ? injected(error.cause) : undefined;
}

type Step = (allocator: JitAllocator, spans: Span[]) => void;

/** One of everything that enters the OS, in an order that makes blocks come and go. */
const scenario: Readonly<Record<string, Step>> = {
  'the first span': (allocator, spans) => spans.push(allocator.alloc(100)),
  'a second span': (allocator, spans) => spans.push(allocator.alloc(1000)),
  'a span with a block of its own': (allocator, spans) => spans.push(allocator.alloc(300_000)),
  'a write': (allocator, spans) => allocator.write(elementAt(spans, 0), 3, Uint8Array.of(1, 2, 3)),
  'a write with a writer': (allocator, spans) =>
    allocator.write(elementAt(spans, 1), (writer) => writer.u32(5)),
  'a write scope': (allocator, spans) =>
    allocator.writeScope((scope) => {
      for (const span of spans) scope.write(span, 0, Uint8Array.of(9));
    }),
  shrinking: (allocator, spans) => {
    spans[1] = allocator.shrink(elementAt(spans, 1), 64);
  },
  'a release': (allocator, spans) => {
    allocator.release(elementAt(spans, 0).rx);
    spans.shift();
  },
  'a release that empties a block': (allocator, spans) => {
    allocator.release(elementAt(spans, 1).rx);
    spans.pop();
  },
  'a release that empties another': (allocator, spans) => {
    allocator.release(elementAt(spans, 0).rx);
    spans.pop();
  },
  'a span after that': (allocator, spans) => spans.push(allocator.alloc(200_000)),
  'and one more': (allocator, spans) => spans.push(allocator.alloc(50_000)),
  'a soft reset': (allocator, spans) => {
    spans.length = 0;
    allocator.reset(ResetPolicy.Soft);
  },
  'a span after the reset': (allocator, spans) => spans.push(allocator.alloc(70_000)),
  'a hard reset': (allocator, spans) => {
    spans.length = 0;
    allocator.reset(ResetPolicy.Hard);
  },
  'a span at last': (allocator, spans) => spans.push(allocator.alloc(64)),
  dispose: (allocator, spans) => {
    spans.length = 0;
    allocator[Symbol.dispose]();
  },
};

function expectConsistent(allocator: JitAllocator, spans: readonly Span[], backend: FakeVirtMem): void {
  allocator.verify();
  expect(allocator.statistics()).to.include({
    allocationCount: spans.length,
    usedSize: spans.reduce((sum, { size }) => sum + size, 0),
    reservedSize: backend.mappedSize,
  });
  for (const { rx, size } of spans) expect(allocator.query(rx)?.size).to.equal(size);
}

describe('JitAllocator, with a backend whose every call fails in turn,', () => {
  const mapJit = { hardened: HardenedRuntimeFlags.Enabled | HardenedRuntimeFlags.MapJit };
  const settings: readonly (readonly [params: JitAllocatorParams, os: FakeOs])[] = [
    [{}, {}],
    [{ options: FillUnusedMemory }, {}],
    [{ options: UseDualMapping }, {}],
    [{ options: UseDualMapping | FillUnusedMemory | ImmediateRelease }, {}],
    [{ options: ImmediateRelease | UseMultiplePools }, {}],
    [{ options: UseDualMapping | FillUnusedMemory, writeView: 'on-demand' }, {}],
    [{ options: UseDualMapping | ImmediateRelease, writeView: 'on-demand' }, { protectionKeys: true }],
    [{ options: FillUnusedMemory }, mapJit],
    [{ options: UseLargePages | FillUnusedMemory }, { largePageSize: 0x20000 }],
  ];
  for (const [params, os] of settings) {
    it(`says so, leaks nothing and can go on: options ${params.options ?? 0}, ${params.writeView ?? 'always'}, ${JSON.stringify(os)}`, () => {
      let failures = 0;
      for (let n = 1; ; n++) {
        const backend = new FakeVirtMem(os);
        const allocator = new JitAllocator({ ...params, backend });
        const spans: Span[] = [];
        backend.failAt(n);
        for (const [what, step] of Object.entries(scenario)) {
          const live = [...spans];
          try {
            step(allocator, spans);
          } catch (error) {
            expect(injected(error), `${what}: ${error}`).to.be.instanceOf(InjectedFailure);
            const ended = what.includes('reset') || what === 'dispose';
            expect(spans, what).to.deep.equal(ended ? [] : live);
            expectConsistent(allocator, spans, backend);
            failures++;
            step(allocator, spans);
          }
          backend.expectExecutable();
          expectConsistent(allocator, spans, backend);
        }
        backend.expectNoLeaks();
        if (backend.cancelFailure()) break;
      }
      // Where a mapping with large pages fails there are others, and that is no failure.
      expect(failures).to.be.above(10);
    });
  }

  for (const call of fallibleCalls) {
    it(`reports a failure of ${call} as what it was`, () => {
      const onDemand = call === 'protect' || call === 'guardWrites';
      const dual = call.includes('Dual') || onDemand;
      const jit = call === 'protectJitMemory';
      const backend = new FakeVirtMem(jit ? mapJit : {});
      const allocator = new JitAllocator({
        options: FillUnusedMemory | ImmediateRelease | (dual ? UseDualMapping : 0),
        writeView: onDemand ? 'on-demand' : 'always',
        backend,
      });
      const first = allocator.alloc(64);
      backend.failAt(1, call);
      let thrown: unknown;
      try {
        allocator.alloc(100_000);
        allocator.write(first, 0, Uint8Array.of(1));
        allocator.release(first.rx);
      } catch (error) {
        thrown = error;
      }
      expect(injected(thrown)).to.include({ code: 'EIO', message: `${call} was made to fail` });
      allocator.verify();
    });
  }

  it('names both failures when cleaning up fails too', () => {
    const backend = new FakeVirtMem();
    const allocator = new JitAllocator({ options: FillUnusedMemory, backend });
    backend.failAt(1, 'fill');
    const release = backend.release.bind(backend);
    backend.release = () => {
      throw new InjectedFailure('EIO', 'release fails as well');
    };
    expect(() => allocator.alloc(64)).to.throw(
      AggregateError,
      'fill was made to fail; then release fails as well',
    );
    backend.release = release;
    allocator.alloc(64);
    allocator.verify();
  });

  it('resets and disposes of what can be, and reports all that failed', () => {
    const backend = new FakeVirtMem();
    const allocator = new JitAllocator({ backend });
    for (let i = 0; i < 4; i++) allocator.alloc(600_000);
    const release = backend.release.bind(backend);
    let calls = 0;
    backend.release = (address, size) => {
      calls++;
      if (calls % 2 === 0) throw new InjectedFailure('EIO', `release ${calls} fails`);
      release(address, size);
    };
    expect(() => allocator[Symbol.dispose]()).to.throw(AggregateError, /several blocks/);
    expect(allocator.statistics()).to.include({ blockCount: 2, allocationCount: 0 });
    allocator.verify();
    backend.release = release;
    allocator[Symbol.dispose]();
    backend.expectNoLeaks();
  });

  it('brings a block that was refused back once only, although another was being unmapped above it', () => {
    const backend = new FakeVirtMem();
    const allocator = new JitAllocator({ backend });
    for (const size of [0x10000, 0x20000, 0x40000]) allocator.alloc(size);
    const release = backend.release.bind(backend);
    let calls = 0;
    backend.release = (address, size) => {
      calls++;
      if (calls === 1) throw new Error('refused');
      // Recovers, below the block that is on its way.
      if (calls === 2) allocator.alloc(64);
      release(address, size);
    };
    expect(() => allocator.reset(ResetPolicy.Hard)).to.throw('refused');
    backend.release = release;
    allocator.verify();
    allocator.reset(ResetPolicy.Hard);
    backend.failAt(1, 'alloc');
    expect(() => allocator.alloc(64)).to.throw();
    allocator.alloc(64);
    allocator.verify();
    expect(allocator.statistics().reservedSize).to.equal(backend.mappedSize);
    allocator[Symbol.dispose]();
    backend.expectNoLeaks();
  });
});
