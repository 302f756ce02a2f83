import { channel } from 'node:diagnostics_channel';
import { expect } from 'chai';
import { Engine, JitAllocatorOptions } from '../../src/index.ts';
import { CodeHolder } from '../../src/jit/code/code-holder.ts';
import { JitRuntime } from '../../src/jit/runtime/jit-runtime.ts';
import { Assembler } from '../../src/jit/x64/assembler.ts';
import { JitAllocator } from '../../src/mem/index.ts';
import { elementAt } from '../../src/support/element.ts';
import { PublicEvent } from '../../src/support/public-event.ts';
import { FakeVirtMem } from '../support/fake-virt-mem.ts';

const names = ['compile', 'add', 'release', 'map', 'unmap'] as const;

type Heard = { readonly name: string; readonly message: Readonly<Record<string, unknown>> };

/** What is published while `body` runs and until its job has ended. */
async function heard(body: () => void): Promise<Heard[]> {
  const all: Heard[] = [];
  const listeners = names.map((name) => {
    const listen = (message: unknown) => void all.push({ name, message: message as Heard['message'] });
    return { name: `exprjit:${name}`, listen };
  });
  for (const { name, listen } of listeners) channel(name).subscribe(listen);
  try {
    body();
    await undefined;
  } finally {
    for (const { name, listen } of listeners) channel(name).unsubscribe(listen);
  }
  return all;
}

function returning(): CodeHolder {
  const code = new CodeHolder();
  new Assembler(code).ret();
  return code;
}

describe('events for node:diagnostics_channel', () => {
  it('tell of what is compiled', async () => {
    using engine = new Engine({ backend: 'native', cache: 2 });
    const before = Date.now();
    const [event, ...rest] = (
      await heard(() => {
        engine.compile('x + 1', ['x']);
        engine.compile('x + 1', ['x']);
      })
    ).filter(({ name }) => name === 'compile');
    expect(rest, 'what is in the cache is not compiled').to.deep.equal([]);
    const { time, duration, size, ...message } = event?.message ?? {};
    expect(message).to.deep.equal({ source: 'x + 1', functions: ['main'], backend: 'native' });
    expect(size).to.be.above(0);
    expect(duration).to.be.within(0, 10_000);
    expect(time).to.be.within(before, Date.now());
  });

  for (const backend of ['wasm', 'interpreter'] as const) {
    it(`tell so of ${backend}, where there is no machine code`, async () => {
      using engine = new Engine({ backend });
      const events = await heard(() => engine.module('f(x) = x; g(x) = x + 1'));
      expect(events.map(({ name }) => name)).to.deep.equal(['compile']);
      expect(events[0]?.message).to.deep.include({ backend, functions: ['f', 'g'], size: undefined });
    });
  }

  it('tell of code and blocks that come and go, in that order', async () => {
    const runtime = new JitRuntime();
    let address = 0;
    const events = await heard(() => {
      const code = runtime.add(returning(), 'nothing');
      address = code.address;
      runtime.release(code);
      runtime[Symbol.dispose]();
    });
    expect(events.map(({ name }) => name)).to.deep.equal(['map', 'add', 'release', 'unmap']);
    const [map, add, release, unmap] = events.map(({ message: { time, duration, ...message } }) => {
      expect(time).to.be.a('number');
      expect(duration).to.be.at.least(0);
      return message;
    });
    expect(add).to.deep.equal({ name: 'nothing', address, size: 1, allocatedSize: 64 });
    expect(release).to.deep.equal(add);
    expect(map).to.include({ size: 0x10000, dual: true, largePages: false });
    expect(map).to.have.all.keys('rx', 'rw', 'size', 'dual', 'largePages');
    expect(unmap).to.deep.equal(map);
  });

  it('tell nothing of what failed', async () => {
    const backend = new FakeVirtMem();
    const allocator = new JitAllocator({ backend, options: JitAllocatorOptions.ImmediateRelease });
    const span = allocator.alloc(64);
    const events = await heard(() => {
      backend.failAt(1, 'alloc');
      expect(() => allocator.alloc(100_000)).to.throw();
      backend.failAt(1, 'release');
      expect(() => allocator.release(span.rx)).to.throw();
    });
    expect(events).to.deep.equal([]);
  });

  it('may be answered by anything, since what they tell of is over', async () => {
    const runtime = new JitRuntime();
    const answer = () => runtime[Symbol.dispose]();
    channel('exprjit:add').subscribe(answer);
    try {
      const code = runtime.add(returning());
      expect(code.released).to.equal(false);
      await undefined;
      expect(code.released).to.equal(true);
    } finally {
      channel('exprjit:add').unsubscribe(answer);
    }
  });

  it('are not made where nobody listens', () => {
    const event = new PublicEvent<{ size: number }>('exprjit:test');
    expect(event.start()).to.equal(-1);
    const listen = () => {};
    channel('exprjit:test').subscribe(listen);
    expect(event.start()).to.be.at.least(0);
    channel('exprjit:test').unsubscribe(listen);
    expect(event.start()).to.equal(-1);
  });

  it('reach all who listen, in order, and are dropped where there is no stack', async () => {
    const event = new PublicEvent<{ size: number }>('exprjit:test');
    const sizes: unknown[] = [];
    const listen = (message: unknown) => void sizes.push((message as { size: number }).size);
    channel('exprjit:test').subscribe(listen);
    try {
      const dive = (): void => {
        event.tell(0, { size: 3 });
        dive();
      };
      for (const size of [1, 2]) event.tell(event.start(), { size });
      expect(sizes).to.deep.equal([]);
      expect(dive).to.throw(RangeError);
      await undefined;
      expect(sizes.slice(0, 3)).to.deep.equal([1, 2, 3]);
      expect(elementAt(sizes, sizes.length - 1)).to.equal(3);
    } finally {
      channel('exprjit:test').unsubscribe(listen);
    }
  });
});
