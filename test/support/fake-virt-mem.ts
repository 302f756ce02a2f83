import { expect } from 'chai';
import {
  type DualMapping,
  HardenedRuntimeFlags,
  MemoryFlags,
  ProtectJitAccess,
  type VirtMemBackend,
} from '../../src/mem/virt-mem-backend.ts';
import type { ProbeReport } from '../../src/native/addon.ts';
import { type Address, addressAt } from '../../src/native/address.ts';
import { CodedError } from '../../src/support/coded-error.ts';

/** What the OS of a {@link FakeVirtMem} is like. */
export interface FakeOs {
  readonly pageSize?: number;
  /** 0: the OS has none. */
  readonly largePageSize?: number;
  /** Whether a mapping with large pages succeeds at present. */
  readonly largePagesFree?: boolean;
  /** `HardenedRuntimeFlags`. */
  readonly hardened?: number;
  /** The error code with which every dual mapping fails. */
  readonly dualMappingFailure?: string;
  /** Bytes in a huge page; 0: the OS makes none. */
  readonly hugePageSize?: number;
  /** There are protection keys. */
  readonly protectionKeys?: boolean;
}

interface View {
  readonly address: Address;
  readonly size: number;
  readonly access: number;
  /** The access of pages that it was changed for, by their numbers. */
  readonly pages: Map<number, number>;
  /** Under a protection key. */
  guarded: boolean;
  readonly mapJit: boolean;
  /** The same object in both views of a dual mapping. */
  readonly memory: { bytes: Uint8Array | undefined };
  /** The other view of a dual mapping. */
  readonly twin: Address | undefined;
}

/** The calls that can be made to fail. */
export const fallibleCalls = [
  'alloc',
  'release',
  'allocDualMapping',
  'releaseDualMapping',
  'protect',
  'guardWrites',
  'protectJitMemory',
  'flushInstructionCache',
  'write',
  'fill',
] as const;

export type FallibleCall = (typeof fallibleCalls)[number];

/** A failure that a test asked for. */
export class InjectedFailure extends CodedError {
  override readonly name = 'InjectedFailure';
}

/**
 * Virtual memory without an OS. It gives the lowest free address, so that addresses are used again; enforces
 * W^X if told to; refuses accesses that a real one would answer with a signal; counts calls; and fails where
 * a test wants it.
 */
export class FakeVirtMem implements VirtMemBackend {
  readonly calls = new Map<string, number>();
  readonly flushed: { address: Address; size: number }[] = [];
  readonly #os: Required<Omit<FakeOs, 'dualMappingFailure'>> & Pick<FakeOs, 'dualMappingFailure'>;
  #views: View[] = [];
  #jitWritable = false;
  #failing: { readonly call: FallibleCall | undefined; countdown: number; readonly code: string } | undefined;

  constructor(os: FakeOs = {}) {
    this.#os = {
      pageSize: 4096,
      largePageSize: 0,
      largePagesFree: true,
      hardened: 0,
      protectionKeys: false,
      hugePageSize: 0,
      ...os,
    };
  }

  /** Makes the `n`-th call from now fail (1 is the next), of that name if one is given. */
  failAt(n: number, call?: FallibleCall, code = 'EIO'): void {
    this.#failing = { call, countdown: n, code };
  }

  /** Whether the failure that was asked for is still to come; it won't any more. */
  cancelFailure(): boolean {
    const pending = this.#failing !== undefined;
    this.#failing = undefined;
    return pending;
  }

  count(call: string): number {
    return this.calls.get(call) ?? 0;
  }

  /** Calls that would enter the OS to map or unmap. */
  get mappingCalls(): number {
    return (
      this.count('alloc') +
      this.count('release') +
      this.count('allocDualMapping') +
      this.count('releaseDualMapping')
    );
  }

  /** Bytes mapped, memory mapped twice counted once. */
  get mappedSize(): number {
    return this.#views.reduce((sum, { size, twin, address }) => sum + (twin && twin < address ? 0 : size), 0);
  }

  get mappings(): readonly { readonly address: Address; readonly size: number; readonly access: number }[] {
    return this.#views;
  }

  expectNoLeaks(): void {
    expect(
      this.#views.map(({ address, size }) => ({ address, size })),
      'mappings left',
    ).to.deep.equal([]);
    this.expectExecutable();
  }

  /** Nobody forgot to give up writing to `MAP_JIT` memory. */
  expectExecutable(): void {
    expect(this.#jitWritable, 'this thread may write to MAP_JIT memory').to.equal(false);
  }

  info() {
    return { pageSize: this.#os.pageSize, pageGranularity: Math.max(this.#os.pageSize, 0x10000) };
  }

  largePageSize(): number {
    return this.#os.largePageSize;
  }

  hardenedRuntimeInfo() {
    return { flags: this.#os.hardened };
  }

  alloc(size: number, flags: number): Address {
    this.#enter('alloc');
    const mapJit = (flags & MemoryFlags.MMapEnableMapJit) !== 0;
    const both = MemoryFlags.AccessWrite | MemoryFlags.AccessExecute;
    if (this.#enforces && (flags & both) === both && !mapJit)
      throw new CodedError('EACCES', 'W^X is enforced');
    this.#checkSize(size, flags);
    return this.#add(size, flags & MemoryFlags.AccessRWX, mapJit, { bytes: undefined });
  }

  release(address: Address, size: number): void {
    this.#enter('release');
    const view = this.#exactly(address, size);
    if (view.twin !== undefined) throw new CodedError('E_NOT_WHOLE', 'half of a dual mapping');
    this.#views = this.#views.filter((other) => other !== view);
  }

  protect(address: Address, size: number, flags: number): void {
    this.#enter('protect');
    const view = this.#within(address, size, MemoryFlags.None);
    const { pageSize } = this.#os;
    this.#checkSize(size, MemoryFlags.None);
    const first = (address - view.address) / pageSize;
    expect(first % 1, 'only whole pages have an access').to.equal(0);
    for (let page = first; page < first + size / pageSize; page++) view.pages.set(page, flags);
  }

  guardWrites(rw: Address, size: number): boolean {
    this.#enter('guardWrites');
    const view = this.#within(rw, size, MemoryFlags.None);
    view.guarded = this.#os.protectionKeys;
    return view.guarded;
  }

  collapse(address: Address, size: number) {
    this.calls.set('collapse', this.count('collapse') + 1);
    this.#within(address, size, MemoryFlags.None);
    const unit = this.#os.hugePageSize;
    if (unit === 0) throw new CodedError('ENOTSUP', 'there are no huge pages');
    return { collapsedSize: Math.floor(size / unit) * unit, hintedSize: 0 };
  }

  /** Bytes that anybody could write to at this moment. */
  get writableSize(): number {
    const { pageSize } = this.#os;
    let pages = 0;
    for (const view of this.#views) {
      if (view.guarded) continue;
      for (let page = 0; page < view.size / pageSize; page++) {
        if (((view.pages.get(page) ?? view.access) & MemoryFlags.AccessWrite) !== 0) pages++;
      }
    }
    return pages * pageSize;
  }

  allocDualMapping(size: number, flags: number): DualMapping {
    this.#enter('allocDualMapping');
    const failure = this.#os.dualMappingFailure;
    if (failure !== undefined) throw new CodedError(failure, 'dual mapping fails here');
    this.#checkSize(size, flags);
    const memory = { bytes: undefined };
    const rx = this.#free(size);
    const rw = addressAt(rx, size + this.#os.pageSize);
    this.#add(size, MemoryFlags.AccessRX, false, memory, rx, rw);
    this.#add(size, MemoryFlags.AccessRW, false, memory, rw, rx);
    return { rx, rw };
  }

  releaseDualMapping({ rx, rw }: DualMapping, size: number): void {
    this.#enter('releaseDualMapping');
    const views = [this.#exactly(rx, size), this.#exactly(rw, size)];
    if (views[0]?.twin !== rw) throw new CodedError('E_NOT_WHOLE', 'not two views of the same memory');
    this.#views = this.#views.filter((view) => !views.includes(view));
  }

  protectJitMemory(access: number): void {
    this.#enter('protectJitMemory');
    this.#jitWritable = access === ProtectJitAccess.ReadWrite;
  }

  flushInstructionCache(address: Address, size: number): void {
    this.#enter('flushInstructionCache');
    this.#within(address, size, MemoryFlags.AccessExecute);
    this.flushed.push({ address, size });
  }

  write(rw: Address, bytes: Uint8Array): void {
    this.#enter('write');
    const view = this.#within(rw, bytes.length, MemoryFlags.AccessWrite);
    this.#bytes(view).set(bytes, rw - view.address);
  }

  read(rx: Address, size: number): Uint8Array {
    const view = this.#within(rx, size, MemoryFlags.AccessRead);
    return this.#bytes(view).slice(rx - view.address, rx - view.address + size);
  }

  fill(rw: Address, size: number, pattern: number): void {
    this.#enter('fill');
    const view = this.#within(rw, size, MemoryFlags.AccessWrite);
    const bytes = this.#bytes(view);
    const start = rw - view.address;
    new Uint32Array(bytes.buffer, start, size >>> 2).fill(pattern);
  }

  probe(): ProbeReport {
    throw new Error('the allocator does not probe');
  }

  get #enforces(): boolean {
    return (this.#os.hardened & HardenedRuntimeFlags.Enabled) !== 0;
  }

  #enter(call: FallibleCall): void {
    this.calls.set(call, this.count(call) + 1);
    const failing = this.#failing;
    if (failing === undefined || (failing.call !== undefined && failing.call !== call)) return;
    failing.countdown--;
    if (failing.countdown > 0) return;
    this.#failing = undefined;
    throw new InjectedFailure(failing.code, `${call} was made to fail`);
  }

  #checkSize(size: number, flags: number): void {
    const large = (flags & MemoryFlags.MMapLargePages) !== 0;
    if (large && !this.#os.largePagesFree) throw new CodedError('ENOMEM', 'no large pages are free');
    const unit = large ? this.#os.largePageSize : this.#os.pageSize;
    expect(size > 0 && size % unit === 0, `${size} is no multiple of the page size ${unit}`).to.equal(true);
  }

  #add(
    size: number,
    access: number,
    mapJit: boolean,
    memory: View['memory'],
    address = this.#free(size),
    twin?: Address,
  ): Address {
    this.#views.push({ address, size, access, pages: new Map(), guarded: false, mapJit, memory, twin });
    this.#views.sort((a, b) => a.address - b.address);
    return address;
  }

  /** The lowest address with room for two views of `size` bytes and a page between whatever is mapped. */
  #free(size: number): Address {
    const gap = this.#os.pageSize;
    let address = 0x7f00_0000_0000;
    for (const view of this.#views) {
      if (view.address - address >= 2 * (size + gap)) break;
      address = view.address + view.size + gap;
    }
    return address as Address;
  }

  #bytes(view: View): Uint8Array {
    view.memory.bytes ??= new Uint8Array(view.size);
    return view.memory.bytes;
  }

  #exactly(address: Address, size: number): View {
    const view = this.#views.find((other) => other.address === address && other.size === size);
    if (view === undefined) throw new CodedError('E_NOT_WHOLE', 'not what an allocation returned');
    return view;
  }

  #within(address: Address, size: number, access: number): View {
    const view = this.#views.find(
      (other) => address >= other.address && address + size <= other.address + other.size,
    );
    if (view === undefined)
      throw new CodedError('E_NOT_MAPPED', `${size} bytes at ${address} are not mapped`);
    const writable = !view.mapJit || this.#jitWritable;
    const { pageSize } = this.#os;
    const first = Math.floor((address - view.address) / pageSize);
    const isAllowed = (page: number) => ((view.pages.get(page) ?? view.access) & access) === access;
    let allowed = true;
    for (let page = first; page * pageSize < address + size - view.address; page++)
      allowed &&= isAllowed(page);
    if (!allowed || (access === MemoryFlags.AccessWrite && !writable)) {
      throw new CodedError('E_PROTECTED', `the pages at ${address} forbid the access`);
    }
    return view;
  }
}
