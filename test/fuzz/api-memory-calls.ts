/** The calls that sequences are made of: of `exprjit/mem` and `exprjit/jit`. Code that chance has assembled is placed and never run. */
import {
  Assembler,
  CodeHolder,
  gp64,
  instructions,
  JitRuntime,
  ptr,
  rax,
  rcx,
  xmm,
  xmm0,
} from '../../src/jit/index.ts';
import { JitAllocator, MemoryFlags, type Span, VirtMem } from '../../src/mem/index.ts';
import { type Address, addressAt } from '../../src/native/address.ts';
import type { Random } from '../support/random.ts';
import { type ApiCall, keep } from './api-calls.ts';
import { anyNumber, or } from './api-values.ts';
import type { OwnMapping, World } from './api-world.ts';

const page = 4096;
const mnemonics = [...instructions.keys()];

export const memoryCalls: Readonly<Record<string, ApiCall>> = {
  'new JitAllocator': (world, random) => {
    if (world.allocators.length > 5) return undefined;
    const params = or<unknown>(random, () => ({
      options: or(random, () => random.pick([0, 1, 2, 3, 4, 8, 16, 15, 31, 5, 0x10000000])),
      ...(random.chance(0.3)
        ? { blockSize: or(random, () => random.pick([page, 65_536, anyNumber(random)])) }
        : {}),
      ...(random.chance(0.3)
        ? { granularity: or(random, () => random.pick([16, 64, 256, anyNumber(random)])) }
        : {}),
      ...(random.chance(0.1)
        ? { pools: or<unknown>(random, () => [{ granularity: 32 }, { granularity: 512 }]) }
        : {}),
      ...(random.chance(0.1) ? { reserve: or(random, () => 2 ** 20) } : {}),
    }));
    return keep(world.allocators, new JitAllocator(params as object));
  },
  'allocator.alloc': (world, random) =>
    keep(world.spans, world.allocator(random).alloc(or(random, () => anyNumber(random) % 200_000))),
  'allocator.release': (world, random) => world.allocator(random).release(anAddress(world, random)),
  'allocator.shrink': (world, random) =>
    keep(
      world.spans,
      world.allocator(random).shrink(
        aSpan(world, random),
        or(random, () => anyNumber(random)),
      ),
    ),
  'allocator.query': (world, random) => {
    const span = world.allocator(random).query(anAddress(world, random));
    return span === undefined ? undefined : keep(world.spans, span);
  },
  'allocator.write': (world, random) => {
    const bytes = or(random, () => new Uint8Array(random.pick([0, 1, 64, 100, 5000])).fill(0xcc));
    world.allocator(random).write(
      aSpan(world, random),
      or(random, () => anyNumber(random)),
      bytes,
      random.pick([undefined, 0, 2, 9]),
    );
  },
  'allocator.write with a writer': (world, random) => {
    const span = aSpan(world, random);
    const allocator = world.allocator(random);
    allocator.write(span, (writer) => {
      writer
        .u8(0xc3)
        .u32(anyNumber(random))
        .align(or(random, () => 16));
      if (random.chance(0.3)) allocator.release(span.rx);
      if (random.chance(0.2)) allocator.alloc(100);
    });
  },
  'allocator.writeScope': (world, random) => {
    const allocator = world.allocator(random);
    return allocator.writeScope((scope) => {
      for (let left = 2; left > 0; left--) scope.write(aSpan(world, random), 0, new Uint8Array(10));
      if (random.chance(0.3)) allocator.release(anAddress(world, random));
    });
  },
  'allocator.*': (world, random) => {
    const allocator = world.allocator(random);
    return [allocator.statistics(), [...allocator.blocks()].length];
  },
  'allocator.reset': (world, random) => world.allocator(random).reset(or(random, () => random.integer(0, 1))),
  'allocator.dispose': (world, random) =>
    random.chance(0.2) ? world.allocator(random)[Symbol.dispose]() : undefined,
  'change a span': (world, random) => {
    Reflect.defineProperty(Object(aSpan(world, random)) as object, random.pick(['rx', 'rw', 'size']), {
      value: anyNumber(random),
    });
  },

  'VirtMem.alloc': (world, random) => {
    const size = or(random, () => page * random.integer(1, 4));
    const flags = or(random, () =>
      random.pick([MemoryFlags.AccessRW, MemoryFlags.AccessRX, 0, MemoryFlags.AccessRead, 0x203]),
    );
    const rx = VirtMem.alloc(size, flags);
    return keep(world.mappings, { rx, rw: rx, size, isDual: false });
  },
  'VirtMem.allocDualMapping': (world, random) => {
    const size = or(random, () => page * random.integer(1, 4));
    const { rx, rw } = VirtMem.allocDualMapping(
      size,
      or<number>(random, () => MemoryFlags.None),
    );
    return keep(world.mappings, { rx, rw, size, isDual: true });
  },
  'VirtMem.release': (world, random) => {
    const { rx, rw, size, isDual } = aMapping(world, random);
    const mapping = { rx: nearby(random, rx), rw: nearby(random, rw) };
    if (isDual)
      VirtMem.releaseDualMapping(
        mapping,
        or(random, () => size),
      );
    else
      VirtMem.release(
        mapping.rx,
        or(random, () => size),
      );
  },
  'VirtMem.protect': (world, random) =>
    VirtMem.protect(
      anAddress(world, random),
      or(random, () => page),
      or(random, () => random.integer(0, 7)),
    ),
  'VirtMem.write': (world, random) =>
    VirtMem.write(
      anAddress(world, random),
      or(random, () => new Uint8Array(random.pick([0, 1, 64, 5000]))),
    ),
  'VirtMem.fill': (world, random) =>
    VirtMem.fill(
      anAddress(world, random),
      or(random, () => 64),
      or(random, () => 0xcccccccc),
    ),
  'VirtMem.read': (world, random) =>
    VirtMem.read(
      anAddress(world, random),
      or(random, () => random.pick([1, 64, page])),
    ),
  'VirtMem.flush': (world, random) =>
    VirtMem.flushInstructionCache(
      anAddress(world, random),
      or(random, () => 64),
    ),
  'VirtMem.*': (_, random) => [
    VirtMem.info(),
    VirtMem.largePageSize(),
    VirtMem.hardenedRuntimeInfo(),
    VirtMem.protectJitMemory(random.integer(0, 2)),
  ],

  'new JitRuntime': (world, random) =>
    world.runtimes.length > 4
      ? undefined
      : keep(
          world.runtimes,
          new JitRuntime(or<object>(random, () => random.pick([{}, { reserve: 2 ** 20 }, { options: 9 }]))),
        ),
  'runtime.add': (world, random) =>
    keep(
      world.codes,
      world.runtime(random).add(
        or(random, () => world.holder(random)),
        random.pick([undefined, 'name']),
      ),
    ),
  'runtime.callable of good code': (world, random) => {
    const runtime = world.runtime(random);
    const code = keep(world.codes, runtime.add(goodCode()));
    return keep(
      world.entries,
      runtime.callable(
        code,
        or(random, () => 'good'),
        or(random, () => random.integer(0, 3)),
      ),
    );
  },
  'call good code': (world, random) =>
    world.entries.at(-1)?.(...Array.from({ length: random.integer(0, 3) }, () => or(random, () => 2))),
  'runtime.release': (world, random) => world.runtime(random).release(aCode(world, random)),
  'runtime.*': (world, random) => {
    const runtime = world.runtime(random);
    return [runtime.statistics(), [...runtime.codes()].length, runtime.read(aCode(world, random))];
  },
  'runtime.onRelease': (world, random) => {
    const off = world.runtime(random).onRelease(() => {
      if (random.chance(0.2)) throw new RangeError('a listener');
    });
    if (random.chance(0.7)) off();
  },
  'runtime.dispose': (world, random) =>
    random.chance(0.2) ? world.runtime(random)[Symbol.dispose]() : undefined,
  'code.*': (world, random) => {
    const code = aCode(world, random);
    const name = random.pick(['enter', 'leave', 'release', 'address', 'symbol', 'symbols', 'size'] as const);
    const value: unknown = code[name];
    return typeof value === 'function' ? Reflect.apply(value, code, ['good']) : value;
  },

  'new CodeHolder': (world) => (world.holders.length > 6 ? undefined : keep(world.holders, new CodeHolder())),
  'new Assembler': (world, random) =>
    keep(
      world.assemblers,
      new Assembler(
        or(random, () => world.holder(random)),
        or<object>(random, () => random.pick([{}, { log: [] }, { features: ['sse2'] }])),
      ),
    ),
  'assembler.emit': (world, random) => {
    const assembler = world.assembler(random) as unknown as Record<string, (...operands: unknown[]) => void>;
    const operand = (): unknown =>
      or<unknown>(random, () =>
        random.pick([rax, rcx, xmm0, gp64[9], xmm[12], ptr(rax, 8), ptr(rax, rcx, 4), 1, -1, 300]),
      );
    return assembler[random.pick(mnemonics)]?.(...Array.from({ length: random.integer(0, 3) }, operand));
  },
  'assembler.*': (world, random) => {
    const assembler = world.assembler(random);
    const label = or(random, () => random.pick(world.holder(random).labels));
    const name = random.pick([
      'bind',
      'jmp',
      'jne',
      'call',
      'lea',
      'callAddress',
      'jmpAddress',
      'align',
      'nop',
      'embed',
      'section',
      'lock',
      'rep',
    ] as const);
    const method = Reflect.get(assembler, name) as ((...args: unknown[]) => unknown) | undefined;
    return method?.call(
      assembler,
      ...(name === 'lea'
        ? [rax, ptr(label as never)]
        : name.endsWith('Address')
          ? [anyNumber(random)]
          : name === 'section'
            ? [or(random, () => random.pick(world.holder(random).sections))]
            : [label]),
    );
  },
  'holder.*': (world, random) => {
    const holder = world.holder(random);
    const name = random.pick([
      'newLabel',
      'newSection',
      'bind',
      'float64',
      'int64',
      'constant',
      'embedAddress',
      'embedDifference',
      'flatten',
      'offsetOf',
      'relocate',
      'reset',
      'addFixup',
      'addTransfer',
    ] as const);
    const label = random.pick(
      world.holder(random).labels.length > 0 ? world.holder(random).labels : [undefined],
    );
    const usual: Record<typeof name, () => unknown[]> = {
      newLabel: () => [random.pick([undefined, 'good', `label${random.integer(0, 9)}`])],
      newSection: () => [`.section${random.integer(0, 9)}`, random.pick([undefined, 1, 64, 3])],
      bind: () => [label, random.pick([undefined, ...holder.sections])],
      float64: () => [anyNumber(random), random.pick([undefined, 1, 2, 8, 3])],
      int64: () => [BigInt(random.integer(-9, 9)), random.pick([undefined, 4])],
      constant: () => [new Uint8Array(random.pick([4, 8, 16, 32, 64, 5]))],
      embedAddress: () => [label],
      embedDifference: () => [label, label, random.pick([undefined, 1, 8, 3]), random.pick(holder.sections)],
      flatten: () => [],
      offsetOf: () => [label],
      relocate: () => [random.pick([0, page, 2 ** 40, anyNumber(random)])],
      reset: () => [],
      addFixup: () => [random.integer(0, 40), random.pick([1, 4]), label, 0],
      addTransfer: () => [random.integer(0, 40), anyNumber(random)],
    };
    return Reflect.apply(
      Reflect.get(holder, name) as () => unknown,
      holder,
      or<unknown[]>(random, usual[name]) ?? [],
    );
  },
};

/** `double good(double x) { return x + x; }` */
function goodCode(): CodeHolder {
  const holder = new CodeHolder();
  const assembler = new Assembler(holder);
  assembler.bind(holder.newLabel('good'));
  assembler.addsd(xmm0, xmm0);
  assembler.ret();
  return holder;
}

function aSpan(world: World, random: Random): Span {
  return or(random, () =>
    world.pick(random, world.spans, () => keep(world.spans, world.allocator(random).alloc(64))),
  );
}

function aCode(world: World, random: Random) {
  return world.pick(random, world.codes, () => keep(world.codes, world.runtime(random).add(goodCode())));
}

function aMapping(world: World, random: Random): OwnMapping {
  const otherwise = (): OwnMapping => {
    const rx = VirtMem.alloc(page, MemoryFlags.AccessRW);
    return keep(world.mappings, { rx, rw: rx, size: page, isDual: false });
  };
  return world.pick(random, world.mappings, otherwise);
}

/** Of a mapping of the caller's, a span, code of an engine or a runtime, or of nothing. */
function anAddress(world: World, random: Random): Address {
  const address = or(random, () =>
    random.pick<() => number | undefined>([
      () => random.pick([aMapping(world, random).rx, aMapping(world, random).rw]),
      () => random.pick([aSpan(world, random)?.rx, aSpan(world, random)?.rw]),
      () => (world.functions.at(-1) as unknown as { code?: { address: number } } | undefined)?.code?.address,
      () => world.codes.findLast(({ released }) => !released)?.address,
      () => anyNumber(random),
    ])(),
  );
  return nearby(random, address as number);
}

function nearby(random: Random, address: number): Address {
  if (typeof address !== 'number' || random.chance(0.7)) return address as Address;
  return addressAt(address as Address, random.pick([1, -1, 8, 16, 64, page, -page, 0.5, anyNumber(random)]));
}

/** So that whoever reads the statistics of what chance allocated finds nothing left. */
export function releaseMappings(world: World): void {
  for (const { rx, rw, size, isDual } of world.mappings) {
    try {
      if (isDual) VirtMem.releaseDualMapping({ rx: rx as Address, rw: rw as Address }, size);
      else VirtMem.release(rx as Address, size);
    } catch {
      // The sequence has released it already, which it may.
    }
  }
}
