/**
 * Uses an allocator where the stack ends: recurses to the limit, and at each frame of the way back does what the
 * caller's `RangeError` may have cut off. Prints the first fault; a child process, since a fault may be a crash.
 *
 * What happens near the limit must not call anything that could be cut off itself: results go into fields and into
 * an array of fixed length.
 */
import { JitAllocator, JitAllocatorOptions, ResetPolicy, type Span, VirtMem } from '../../src/mem/index.ts';

const { UseDualMapping, UseMultiplePools, FillUnusedMemory, ImmediateRelease } = JitAllocatorOptions;
const settings = [
  {},
  { options: UseDualMapping | UseMultiplePools },
  { options: ImmediateRelease | UseDualMapping },
  { options: FillUnusedMemory },
  { options: UseDualMapping, reserve: 0x4000000 },
  { options: UseDualMapping | FillUnusedMemory, writeView: 'on-demand' },
] as const;

/** Frames of the way back at which something is done: as far as functions can still not be compiled. */
const frames = 900;
const rounds = Number(process.argv[2]);

const bytes = Uint8Array.of(1, 2, 3);
const live: (Span | undefined)[] = new Array(4 * frames).fill(undefined);
let count = 0;
let mapped = 0;
let sizes = 1;
let frame = 0;
let fault: unknown;

const backend = {
  ...VirtMem,
  // The longer way.
  guardWrites: () => false,
  alloc(size: number, flags: number) {
    const address = VirtMem.alloc(size, flags);
    mapped++;
    return address;
  },
  release(address: Parameters<typeof VirtMem.release>[0], size: number) {
    VirtMem.release(address, size);
    mapped--;
  },
  allocDualMapping(size: number, flags: number) {
    const mapping = VirtMem.allocDualMapping(size, flags);
    mapped++;
    return mapping;
  },
  releaseDualMapping(mapping: Parameters<typeof VirtMem.releaseDualMapping>[0], size: number) {
    VirtMem.releaseDualMapping(mapping, size);
    mapped--;
  },
};

type Attempt = (allocator: JitAllocator) => void;

const attempts = {
  alloc(allocator: JitAllocator): void {
    sizes = (sizes * 69069 + 1) >>> 0;
    const span = allocator.alloc((1 + (sizes >>> 16) * ((sizes & 63) === 0 ? 8 : 0.05)) | 0 || 1);
    live[count++] = span;
  },
  release(allocator: JitAllocator): void {
    sizes = (sizes * 69069 + 1) >>> 0;
    const index = (sizes >>> 8) % count;
    const span = live[index];
    if (span === undefined) return;
    allocator.release(span.rx);
    live[index] = live[--count];
  },
  shrink(allocator: JitAllocator): void {
    const span = live[frame % count];
    if (span === undefined || span.size < 128) return;
    live[frame % count] = allocator.shrink(span, span.size / 2);
  },
  write(allocator: JitAllocator): void {
    const span = live[frame % count];
    if (span !== undefined) allocator.write(span, 0, bytes);
  },
  writeWith(allocator: JitAllocator): void {
    const span = live[frame % count];
    if (span !== undefined) allocator.write(span, (writer) => writer.u8(1));
  },
  writeScope(allocator: JitAllocator): void {
    const span = live[frame % count];
    if (span === undefined) return;
    allocator.writeScope((scope) => {
      exhaust();
      scope.write(span, 0, bytes);
    });
  },
  allocAndRelease(allocator: JitAllocator): void {
    const span = allocator.alloc(100_000);
    live[count++] = span;
    allocator.release(span.rx);
    count--;
  },
  reset(allocator: JitAllocator): void {
    allocator.reset(frame % 2 === 0 ? ResetPolicy.Soft : ResetPolicy.Hard);
    count = 0;
  },
  dispose(allocator: JitAllocator): void {
    allocator[Symbol.dispose]();
    count = 0;
  },
};

function exhaust(): void {
  try {
    exhaust();
  } catch {
    // As deep as it gets.
  }
}

function dive(allocator: JitAllocator, attempt: Attempt): void {
  try {
    dive(allocator, attempt);
  } catch {
    // The deepest frame; what follows is done in all.
  }
  if (frame++ > frames) return;
  try {
    attempt(allocator);
  } catch (error) {
    if (!(error instanceof RangeError)) fault ??= error;
  }
}

function expectWhole(allocator: JitAllocator, endsAll: boolean): void {
  if (fault !== undefined) throw fault;
  allocator.verify();
  const { allocationCount, usedSize, blockCount } = allocator.statistics();
  // An end of all spans that was cut off may have happened.
  if (endsAll && allocationCount === 0) count = 0;
  let used = 0;
  for (const span of live.slice(0, count)) {
    used += span?.size ?? Number.NaN;
    if (allocator.query(span?.rx ?? (Number.NaN as never))?.size !== span?.size)
      throw new Error('a span is lost');
  }
  if (allocationCount !== count) throw new Error(`${allocationCount} spans, not ${count}`);
  // What of a span is shrunk and not told of is the allocator's to give back, so there is none.
  if (usedSize !== used) throw new Error(`${usedSize} bytes used, not ${used}`);
  if (mapped > Math.max(blockCount, 0)) throw new Error(`${mapped} mappings for ${blockCount} blocks`);
}

/** Long enough for all tiers of the compiler. */
function warmUp(): void {
  const allocator = new JitAllocator();
  for (let i = 0; i < 30_000; i++) {
    const [a, b] = [allocator.alloc(300), allocator.alloc(70)];
    allocator.write(a, 0, bytes);
    allocator.release(allocator.shrink(a, 100).rx);
    allocator.release(b.rx);
  }
  allocator[Symbol.dispose]();
}

function run(): void {
  for (const setting of settings) {
    for (const [name, attempt] of Object.entries(attempts)) {
      let allocator = new JitAllocator({ ...setting, backend });
      for (let round = 0; round < rounds; round++) {
        if (name === 'dispose') allocator = new JitAllocator({ ...setting, backend });
        if (name !== 'alloc') while (count < 300) attempts.alloc(allocator);
        frame = 0;
        dive(allocator, attempt);
        if (name === 'dispose') allocator[Symbol.dispose]();
        try {
          expectWhole(allocator, name === 'reset' || name === 'dispose');
        } catch (error) {
          throw new Error(`${name}, ${JSON.stringify(setting)}, round ${round}`, { cause: error });
        }
        for (const span of live.slice(0, count)) if (span !== undefined) allocator.release(span.rx);
        count = 0;
        allocator.verify();
        if (allocator.statistics().allocationCount !== 0) throw new Error(`${name}: spans are left`);
      }
      allocator[Symbol.dispose]();
      if (mapped !== 0) throw new Error(`${name}, ${JSON.stringify(setting)}: ${mapped} mappings are left`);
    }
  }
}

if (process.argv[3] === 'warm') warmUp();
run();
console.log('whole');
