import { isPowerOfTwo } from '../support/alignment.ts';
import { optionNames, readOptions, requireOneOf } from '../support/options.ts';
import { JitAllocatorOptions, type PoolConfig } from './jit-allocator-options.ts';
import type { VirtMemBackend } from './virt-mem-backend.ts';
import type { WriteViewPolicy } from './write-view.ts';

/** What a `JitAllocator` can be made with. Everything has a default. */
export interface JitAllocatorParams {
  /** {@link JitAllocatorOptions}, or-ed together. */
  readonly options?: number;
  /**
   * Size of a pool's first blocks in bytes: a power of two, at least a page, at most 256 MiB. 64 KiB by
   * default.
   */
  readonly blockSize?: number;
  /** Unit and alignment of spans in bytes: a power of two, at least 16, at most a page. 64 by default. */
  readonly granularity?: number;
  /** 32 bits that unused memory is filled with, given `FillUnusedMemory`. `int3` on x86 by default. */
  readonly fillPattern?: number;
  /** Pools of any granularities, instead of those that `granularity` and `UseMultiplePools` make. */
  readonly pools?: readonly PoolConfig[];
  /**
   * Bytes of address space, at most 2 GiB, that are mapped at once with the first span and hold every block:
   * any two spans are then within reach of a 32-bit displacement. An allocation beyond throws
   * `E_RESERVE_EXHAUSTED`.
   */
  readonly reserve?: number;
  /**
   * `'on-demand'`: with dual mapping, the writable side of a block can be written to only while the allocator writes, and by
   * it alone; see docs/memory.md. `'always'` by default.
   */
  readonly writeView?: WriteViewPolicy;
  /** Where memory comes from: the OS by default. */
  readonly backend?: VirtMemBackend;
}

/** Params that were checked, and completed with defaults. */
export interface ResolvedParams {
  readonly options: number;
  readonly blockSize: number;
  readonly fillPattern: number;
  /** By ascending granularity. */
  readonly pools: readonly PoolConfig[];
  readonly reserve: number | undefined;
  readonly writeView: WriteViewPolicy;
}

const smallestGranularity = 16;
const largestBlockSize = 256 * 1024 * 1024;
const largestReserve = 2 ** 31;

/** Instructions that trap, as often as they fit into 32 bits; where an opcode isn't known, zeros. */
const trapPatterns: ReadonlyMap<string, number> = new Map([
  ['x64', 0xcccccccc],
  ['ia32', 0xcccccccc],
  ['arm64', 0xd4200000],
  ['arm', 0xe7f000f0],
]);

const knownOptions = Object.values(JitAllocatorOptions).reduce<number>((all, option) => all | option, 0);

const paramNames = optionNames<JitAllocatorParams>({
  options: true,
  blockSize: true,
  granularity: true,
  fillPattern: true,
  pools: true,
  reserve: true,
  writeView: true,
  backend: true,
});

const poolNames = optionNames<PoolConfig>({ granularity: true });

/**
 * What a caller gave, in a record of our own; `what` is how messages name it. Of the values, `pools` is still the caller's.
 *
 * @throws TypeError for unknown names.
 */
export function readAllocatorParams(
  params: JitAllocatorParams | undefined,
  what = 'params',
): JitAllocatorParams {
  return readOptions<JitAllocatorParams>(params, paramNames, what);
}

/** @throws RangeError or TypeError unless `value` is a combination of {@link JitAllocatorOptions}. */
export function requireOptionFlags(name: string, value: unknown): asserts value is number {
  requireNumber(name, value, (flags) => (flags & knownOptions) === flags);
}

/** Checks each parameter; throws a `RangeError` or `TypeError` that names it and says what is allowed. */
export function resolveParams(params: JitAllocatorParams, backend: VirtMemBackend): ResolvedParams {
  const { pageSize, pageGranularity } = backend.info();
  const options = params.options ?? JitAllocatorOptions.None;
  requireOptionFlags('options', options);
  const blockSize = params.blockSize ?? Math.max(pageGranularity, 0x10000);
  requireNumber(
    'blockSize',
    blockSize,
    (value) => isPowerOfTwo(value) && value >= pageSize && value <= largestBlockSize,
    `a power of two from ${pageSize} (the page size) to ${largestBlockSize}`,
  );
  const { writeView = 'always' } = params;
  requireOneOf<WriteViewPolicy>('writeView', writeView, ['always', 'on-demand']);
  const largePages = (options & JitAllocatorOptions.UseLargePages) !== 0;
  if (writeView === 'on-demand' && largePages && params.reserve !== undefined) {
    throw new RangeError("writeView must be 'always' where there is a reserve with UseLargePages");
  }
  return {
    options: options | (params.fillPattern === undefined ? 0 : JitAllocatorOptions.CustomFillPattern),
    blockSize,
    fillPattern: resolveFillPattern(params.fillPattern),
    pools: resolvePools(params, options, pageSize),
    reserve: resolveReserve(params.reserve, blockSize),
    writeView,
  };
}

function resolveFillPattern(fillPattern: number | undefined): number {
  const pattern = fillPattern ?? trapPatterns.get(process.arch) ?? 0;
  requireNumber(
    'fillPattern',
    pattern,
    (value) => Number.isInteger(value) && value >= 0 && value <= 0xffffffff,
    'an integer from 0 to 0xffffffff',
  );
  return pattern;
}

function resolvePools(params: JitAllocatorParams, options: number, pageSize: number): readonly PoolConfig[] {
  const allowed = `a power of two from ${smallestGranularity} to ${pageSize} (the page size)`;
  const isGranularity = (value: number) =>
    isPowerOfTwo(value) && value >= smallestGranularity && value <= pageSize;
  const { granularity, pools } = params;
  if (pools === undefined) {
    const base = granularity ?? 64;
    requireNumber('granularity', base, isGranularity, allowed);
    const multiples = options & JitAllocatorOptions.UseMultiplePools ? [1, 2, 4] : [1];
    return frozenPools(multiples.map((multiple) => base * multiple).filter((value) => value <= pageSize));
  }
  if (granularity !== undefined) throw new RangeError('granularity must be left out when pools are given');
  if (!Array.isArray(pools) || pools.length === 0) {
    throw new TypeError('pools must be an array of at least one { granularity }');
  }
  const granularities = Array.from(pools, (pool: unknown, index) => {
    const isRecord = typeof pool === 'object' && pool !== null;
    const value = isRecord
      ? readOptions<PoolConfig>(pool, poolNames, `pools[${index}]`).granularity
      : undefined;
    requireNumber(`pools[${index}].granularity`, value, isGranularity, allowed);
    return value;
  });
  if (new Set(granularities).size !== granularities.length) {
    throw new RangeError('pools must have granularities that differ from one another');
  }
  return frozenPools(granularities.sort((a, b) => a - b));
}

function frozenPools(granularities: readonly number[]): readonly PoolConfig[] {
  return Object.freeze(granularities.map((granularity) => Object.freeze({ granularity })));
}

function resolveReserve(reserve: number | undefined, blockSize: number): number | undefined {
  if (reserve === undefined) return undefined;
  requireNumber(
    'reserve',
    reserve,
    (value) => Number.isSafeInteger(value) && value > 0 && value % blockSize === 0 && value <= largestReserve,
    `a multiple of the block size (${blockSize}) up to ${largestReserve}`,
  );
  return reserve;
}

function requireNumber(
  name: string,
  value: unknown,
  isAllowed: (value: number) => boolean,
  allowed = 'a combination of JitAllocatorOptions',
): asserts value is number {
  if (typeof value !== 'number') throw new TypeError(`${name} must be ${allowed}, not a ${typeof value}`);
  if (!isAllowed(value)) throw new RangeError(`${name} must be ${allowed}, not ${value}`);
}
