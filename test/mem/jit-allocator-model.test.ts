import { expect } from 'chai';
import fc from 'fast-check';
import { JitAllocator, JitAllocatorOptions, ResetPolicy, type Span } from '../../src/mem/index.ts';
import type { BlockInfo, BlockRuns } from '../../src/mem/statistics.ts';
import { type Address, addressAt } from '../../src/native/address.ts';
import { alignUp } from '../../src/support/alignment.ts';
import { elementAt } from '../../src/support/element.ts';
import { FakeVirtMem } from '../support/fake-virt-mem.ts';
import { seedFromEnvironment } from '../support/random.ts';

/** An allocator that is obviously correct: a list of what is live. Where spans go is the other's choice. */
interface Model {
  readonly live: { span: Span; pattern: number }[];
  /**
   * Spans whose time is over: the latest, no more than the generations of a place that the allocator tells
   * apart.
   */
  stale: Span[];
  patterns: number;
}

/** The allocator under test, and the memory under it. */
interface Real {
  readonly allocator: JitAllocator;
  readonly backend: FakeVirtMem;
}

/**
 * The size that a span of `size` bytes has: that of the largest granule that wastes no more than the smallest
 * would.
 */
function roundedSize({ allocator }: Real, size: number): number {
  return alignUp(size, allocator.granularity);
}

function check(model: Model, { allocator, backend }: Real): void {
  allocator.verify();
  const { live } = model;
  const statistics = allocator.statistics();
  const usedSize = live.reduce((sum, { span }) => sum + span.size, 0);
  expect(statistics).to.include({ allocationCount: live.length, usedSize, reservedSize: backend.mappedSize });
  expect(statistics.unusedSize).to.equal(statistics.reservedSize - usedSize);
  const sorted = live.map(({ span }) => span).sort((a, b) => a.rx - b.rx);
  sorted.forEach((span, index) => {
    const next = sorted[index + 1];
    if (next !== undefined) expect(span.rx + span.size, 'spans overlap').to.be.at.most(next.rx);
  });
  const shown = [...allocator.blocks()].flatMap(({ address, spans }) =>
    spans.map(({ offset, size }) => ({ rx: address + offset, size })),
  );
  expect(shown).to.deep.equal(sorted.map(({ rx, size }) => ({ rx, size })));
  expect(allocator.blockRuns()).to.deep.equal([...allocator.blocks()].map(joined));
}

/** A block as its runs: spans without a gap between them are one. */
function joined({ address, size, granularity, spans }: BlockInfo): BlockRuns {
  const runs: number[] = [];
  let end = -1;
  for (const span of spans) {
    if (span.offset === end) runs.push((runs.pop() ?? 0) + span.size);
    else runs.push(span.offset, span.size);
    end = span.offset + span.size;
  }
  return { address, size, granularity, runs };
}

/** Writes a pattern of the span's own, so that an overlap shows when it is checked. */
function mark(model: Model, real: Real, span: Span): void {
  const pattern = ++model.patterns & 0xff;
  real.allocator.write(span, 0, new Uint8Array(span.size).fill(pattern));
  model.live.push({ span, pattern });
}

function expectMarked({ backend }: Real, span: Span, pattern: number): void {
  expect(
    backend.read(span.rx, span.size).every((byte) => byte === pattern),
    'content was overwritten',
  ).to.equal(true);
}

class AllocCommand implements fc.Command<Model, Real> {
  readonly size: number;
  constructor(size: number) {
    this.size = size;
  }
  check = () => true;
  run(model: Model, real: Real): void {
    const span = real.allocator.alloc(this.size);
    expect(span.size).to.equal(roundedSize(real, this.size));
    mark(model, real, span);
    check(model, real);
  }
  toString = () => `alloc(${this.size})`;
}

/** Commands that take one of the live spans: the `pick`th, modulo their number. */
abstract class SpanCommand implements fc.Command<Model, Real> {
  readonly pick: number;
  constructor(pick: number) {
    this.pick = pick;
  }
  check = (model: Readonly<Model>) => model.live.length > 0;
  run(model: Model, real: Real): void {
    this.apply(model, real, this.pick % model.live.length);
    check(model, real);
  }
  abstract apply(model: Model, real: Real, index: number): void;
}

class ReleaseCommand extends SpanCommand {
  override apply(model: Model, real: Real, index: number): void {
    const { span, pattern } = elementAt(model.live, index);
    expectMarked(real, span, pattern);
    real.allocator.release(span.rx);
    model.live.splice(index, 1);
    model.stale.push(span);
  }
  override toString = () => `release(#${this.pick})`;
}

class ShrinkCommand extends SpanCommand {
  readonly part: number;
  constructor(pick: number, part: number) {
    super(pick);
    this.part = part;
  }
  override apply(model: Model, real: Real, index: number): void {
    const { span, pattern } = elementAt(model.live, index);
    const newSize = Math.floor(span.size * this.part);
    const shrunk = real.allocator.shrink(span, newSize);
    expect(shrunk.rx).to.equal(span.rx);
    expect(shrunk.size).to.be.within(newSize, span.size);
    if (newSize === 0) {
      expect(shrunk.size).to.equal(0);
      model.live.splice(index, 1);
      model.stale.push(span, shrunk);
      return;
    }
    model.live[index] = { span: shrunk, pattern };
    expectMarked(real, shrunk, pattern);
    if (shrunk !== span) model.stale.push(span);
  }
  override toString = () => `shrink(#${this.pick}, ${this.part})`;
}

class QueryCommand extends SpanCommand {
  readonly part: number;
  constructor(pick: number, part: number) {
    super(pick);
    this.part = part;
  }
  override apply(model: Model, { allocator }: Real, index: number): void {
    const { span } = elementAt(model.live, index);
    const found = allocator.query(addressAt(span.rx, Math.floor((span.size - 1) * this.part)));
    expect(found && [found.rx, found.rw, found.size]).to.deep.equal([span.rx, span.rw, span.size]);
    const beyond = allocator.query(addressAt(span.rx, span.size));
    expect(beyond?.rx).to.equal(model.live.find((other) => other.span.rx === span.rx + span.size)?.span.rx);
  }
  override toString = () => `query(#${this.pick}, ${this.part})`;
}

/** Releases and writes what nobody may. */
class AbuseCommand implements fc.Command<Model, Real> {
  readonly pick: number;
  constructor(pick: number) {
    this.pick = pick;
  }
  check = (model: Readonly<Model>) => model.stale.length > 0;
  run(model: Model, real: Real): void {
    const { allocator } = real;
    model.stale = model.stale.slice(-15);
    const stale = elementAt(model.stale, this.pick % model.stale.length);
    expect(() => allocator.write(stale, 0, Uint8Array.of(0))).to.throw();
    expect(() => allocator.shrink(stale, 1)).to.throw();
    for (const address of [stale.rx, stale.rx + 1, stale.rx + stale.size]) {
      if (model.live.every(({ span }) => span.rx !== address)) {
        expect(() => allocator.release(address as Address)).to.throw();
      }
    }
    check(model, real);
  }
  toString = () => `abuse(#${this.pick})`;
}

class ResetCommand implements fc.Command<Model, Real> {
  readonly policy: number;
  constructor(policy: number) {
    this.policy = policy;
  }
  check = () => true;
  run(model: Model, real: Real): void {
    real.allocator.reset(this.policy);
    model.stale.push(...model.live.splice(0).map(({ span }) => span));
    if (this.policy === ResetPolicy.Hard) real.backend.expectNoLeaks();
    check(model, real);
  }
  toString = () => `reset(${this.policy})`;
}

describe('JitAllocator against a model', () => {
  const seed = seedFromEnvironment();
  const pick = fc.nat({ max: 10_000 });
  const part = fc.double({ min: 0, max: 1, noNaN: true });
  const size = fc.oneof(
    { weight: 10, arbitrary: fc.integer({ min: 1, max: 1200 }) },
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 20_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 200_000 }) },
  );
  const alloc = size.map((bytes) => new AllocCommand(bytes));
  const release = pick.map((index) => new ReleaseCommand(index));
  const commands = fc.commands(
    [
      alloc,
      alloc,
      alloc,
      release,
      release,
      fc.tuple(pick, part).map(([index, fraction]) => new ShrinkCommand(index, fraction)),
      fc.tuple(pick, part).map(([index, fraction]) => new QueryCommand(index, fraction)),
      pick.map((index) => new AbuseCommand(index)),
      fc.integer({ min: 0, max: 30 }).map((n) => (n < 2 ? new ResetCommand(n) : new AllocCommand(n + 1))),
    ],
    { size: '+1', maxCommands: 120 },
  );
  const everything = Object.values(JitAllocatorOptions).reduce<number>((all, option) => all | option, 0);
  const params = fc.record({
    options: fc.nat({ max: 127 }).map((bits) => bits & everything),
    blockSize: fc.constantFrom(4096, 0x10000),
    granularity: fc.constantFrom(16, 64, 256),
    writeView: fc.constantFrom('always', 'on-demand'),
  });

  it(`does the same, step by step (SEED=${seed})`, () => {
    fc.assert(
      fc.property(params, commands, (chosen, steps) => {
        const backend = new FakeVirtMem({ largePageSize: 0x20000 });
        const isDual = (chosen.options & JitAllocatorOptions.UseDualMapping) !== 0;
        const writeView = isDual ? chosen.writeView : 'always';
        const allocator = new JitAllocator({ ...chosen, writeView, backend });
        fc.modelRun(
          () => ({ model: { live: [], stale: [], patterns: 0 }, real: { allocator, backend } }),
          steps,
        );
        allocator[Symbol.dispose]();
        backend.expectNoLeaks();
      }),
      { seed, numRuns: 150 },
    );
  });
});
