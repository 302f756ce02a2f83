/**
 * Runs kernels on memory of their own: every array ends at (or begins behind) a page that nobody may touch, so reading or
 * writing one byte too many ends the process, and all that lies around an output is compared afterwards.
 */
import type { NumericArray } from '../../src/engine/backends/column-types.ts';
import type { CodeHolder } from '../../src/jit/code/code-holder.ts';
import type { IrModule } from '../../src/jit/ir/function.ts';
import { sizeOf } from '../../src/jit/ir/memory-type.ts';
import { partialsPerBlock } from '../../src/jit/kernel/exact-reduction.ts';
import { generateKernel } from '../../src/jit/kernel/generate-kernel.ts';
import { kernelName } from '../../src/jit/kernel/kernel-facts.ts';
import {
  type ColumnType,
  columnTypesOf,
  type KernelSpec,
  type OutputType,
  outputTypesOf,
} from '../../src/jit/kernel/kernel-spec.ts';
import { partialCount } from '../../src/jit/kernel/reductions.ts';
import type { FeatureLevel } from '../../src/jit/machine/feature-level.ts';
import type { Target } from '../../src/jit/machine/generate.ts';
import { hostTarget } from '../../src/jit/machine/host-target.ts';
import { Assembler } from '../../src/jit/x64/assembler.ts';
import { ptr } from '../../src/jit/x64/memory.ts';
import { gp64, rax } from '../../src/jit/x64/register.ts';
import { VirtMem } from '../../src/mem/virt-mem.ts';
import { MemoryFlags } from '../../src/mem/virt-mem-backend.ts';
import { type Address, addressAt } from '../../src/native/address.ts';
import { FrameSlot, frameOffset, Trap } from '../../src/native/frame.ts';
import { KernelFrameSlot, kernelFrameLength } from '../../src/native/kernel-frame.ts';
import { alignUp } from '../../src/support/alignment.ts';
import { elementAt } from '../../src/support/element.ts';
import { invariant } from '../../src/support/invariant.ts';
import { runnableTarget } from './native-math.ts';
import { nativeSession } from './native-session.ts';
import { reducedOf } from './reduced.ts';

const session = nativeSession();

export type Elements = NumericArray;

const arrayTypes = {
  f64: Float64Array,
  f32: Float32Array,
  i8: Int8Array,
  u8: Uint8Array,
  i16: Int16Array,
  u16: Uint16Array,
  i32: Int32Array,
  u32: Uint32Array,
  u8c: Uint8ClampedArray,
  mask: Uint8Array,
} as const;

export function createElements(type: OutputType, length: number): Elements {
  return new arrayTypes[type](length);
}

/** What an element of an output becomes when `value` is stored there. */
export function storedElement(type: OutputType, value: number): number {
  if (type === 'mask') return value !== 0 && !Number.isNaN(value) ? 1 : 0;
  const element = createElements(type, 1);
  element[0] = value;
  return element[0] as number;
}

/** Memory between two pages that fault. */
class Region {
  readonly #base: Address;
  readonly #size: number;
  readonly start: Address;
  readonly end: Address;

  constructor(size: number) {
    const { pageSize } = VirtMem.info();
    const inner = alignUp(size + 128, pageSize);
    this.#size = inner + 2 * pageSize;
    this.#base = VirtMem.alloc(this.#size, MemoryFlags.AccessRead | MemoryFlags.AccessWrite);
    this.start = addressAt(this.#base, pageSize);
    this.end = addressAt(this.start, inner);
    VirtMem.protect(this.#base, pageSize, MemoryFlags.None);
    VirtMem.protect(this.end, pageSize, MemoryFlags.None);
  }

  release(): void {
    VirtMem.release(this.#base, this.#size);
  }
}

/** At which end of its region an array lies. */
export type Placement = 'first' | 'last';

export interface KernelRun {
  readonly rows: number;
  /** Position of the first row that is to be computed; `rows` are computed from there. */
  readonly firstRow?: number;
  readonly columns: readonly Elements[];
  readonly uniforms?: readonly number[];
  readonly placement?: Placement;
  /** Elements to leave between an array and the end of its region: other alignments. */
  readonly shift?: number;
  /** By output: the column whose memory it shares. */
  readonly inPlace?: readonly (number | undefined)[];
  readonly fuel?: bigint;
  /** Units of fuel between two requests for more, or two looks. */
  readonly slice?: number;
  /** What machine code calls in the place of the addon's own entry; see `clobbering-host.ts`. */
  readonly hostEntry?: Address;
  /** What the dispatcher does when machine code asks for fuel, or whether to stop. */
  readonly onRequest?: () => void;
}

export interface KernelResult {
  /** The rows that were computed, by output that is an array. */
  readonly outputs: readonly Elements[];
  /** By output that is a reduction. */
  readonly reduced: readonly number[];
}

/** A kernel ended with a trap. */
export class KernelTrap extends Error {
  override readonly name = 'KernelTrap';
  readonly trap: number;
  readonly row: number;

  constructor(trap: number, row: number) {
    super(`trap ${trap} at row ${row}`);
    this.trap = trap;
    this.row = row;
  }
}

export interface KernelOptions {
  readonly level?: FeatureLevel;
  readonly target?: Partial<Target>;
  readonly hosts?: readonly ((...args: number[]) => number)[];
  /** Bytes that each array may have at most. */
  readonly capacity?: number;
}

/** A kernel that runs for real, or in the simulator (`simulator/simulated-kernel.ts`). */
export interface RunnableKernel extends Disposable {
  readonly code: CodeHolder;
  /** How often code has asked for fuel, or whether to stop, since the last run began. */
  readonly requests: number;
  /** Throws {@link KernelTrap}, or what a host function threw. */
  run(run: KernelRun): KernelResult;
}

const canary = 0xa5;

export class NativeKernel implements RunnableKernel {
  readonly code: CodeHolder;
  readonly #spec: KernelSpec;
  readonly #hosts: KernelOptions['hosts'];
  readonly #columns: readonly Region[];
  readonly #outputs: readonly Region[];
  readonly #data: Region;
  readonly #rx: Address;
  readonly #rw: Address;
  readonly #size: number;
  readonly #capacity: number;
  #exception: unknown;
  #onRequest: KernelRun['onRequest'];

  constructor(module: IrModule, spec: KernelSpec, options: KernelOptions = {}) {
    const { pageSize } = VirtMem.info();
    const { level, target, capacity = 4 * pageSize } = options;
    this.#spec = spec;
    this.#hosts = options.hosts;
    this.#capacity = capacity;
    const overrides = { ...target, ...(level === undefined ? {} : { level }) };
    this.code = generateKernel(module, spec, runnableTarget(overrides), { check: true }).code;
    this.#emitEntry();
    this.#size = alignUp(this.code.codeSize, pageSize);
    const { rx, rw } = VirtMem.allocDualMapping(this.#size, MemoryFlags.None);
    this.#rx = rx;
    this.#rw = rw;
    VirtMem.write(rw, this.code.relocate(rx));
    VirtMem.flushInstructionCache(rx, this.#size);
    this.#columns = columnTypesOf(spec).map(() => new Region(capacity));
    this.#outputs = outputTypesOf(spec).map(() => new Region(capacity));
    this.#data = new Region(pageSize * 4);
  }

  run(run: KernelRun): KernelResult {
    const { rows, firstRow = 0, columns, uniforms = [], inPlace = [] } = run;
    const total = firstRow + rows;
    const columnTypes = columnTypesOf(this.#spec);
    const outputTypes = outputTypesOf(this.#spec);
    const columnAddresses = columnTypes.map((type, number) => {
      const address = this.#place(elementAt(this.#columns, number), type, total, run);
      const elements = elementAt(columns, number);
      invariant(elements.length >= total, `column ${number} has too few elements`);
      if (total > 0) VirtMem.write(address, bytesOf(elements.subarray(0, total)));
      return address;
    });
    const outputAddresses = outputTypes.map((type, number) => {
      const shared = inPlace[number];
      if (shared !== undefined) return elementAt(columnAddresses, shared);
      const region = elementAt(this.#outputs, number);
      VirtMem.fill(region.start, region.end - region.start, canary * 0x01010101);
      return this.#place(region, type, total, run);
    });
    const partials = partialCount(total) * partialsPerBlock(this.#spec);
    const data = this.#invoke(columnAddresses, outputAddresses, uniforms, partials, run);

    const outputs = outputTypes.map((type, number) => {
      const address = elementAt(outputAddresses, number);
      if (inPlace[number] === undefined) this.#checkCanaries(number, address, type, firstRow, rows);
      const elements = createElements(type, rows);
      if (rows > 0) {
        bytesOf(elements).set(VirtMem.read(addressAt(address, firstRow * sizeOf(type)), elements.byteLength));
      }
      return elements;
    });
    return { outputs, reduced: reducedOf(this.#spec, data, partialCount(total)) };
  }

  [Symbol.dispose](): void {
    for (const region of [...this.#columns, ...this.#outputs, this.#data]) region.release();
    VirtMem.releaseDualMapping({ rx: this.#rx, rw: this.#rw }, this.#size);
  }

  /** Appends a frame entry: the kernel frame's address is an argument. */
  #emitEntry(): void {
    const kernel = this.code.symbols.get(kernelName);
    invariant(kernel !== undefined, 'there is a kernel');
    const a = new Assembler(this.code);
    const argument = elementAt(gp64, elementAt(hostTarget(session().addon).convention.generalArguments, 0));
    a.align(16);
    a.bind(this.code.newLabel('$entry'));
    a.mov(rax, ptr(argument, frameOffset(FrameSlot.Arguments)));
    a.mov(ptr(rax, KernelFrameSlot.Frame * 8), argument);
    a.mov(argument, rax);
    a.jmp(kernel);
  }

  #place(region: Region, type: ColumnType | OutputType, length: number, run: KernelRun): Address {
    const size = length * sizeOf(type);
    const shift = (run.shift ?? 0) * sizeOf(type);
    invariant(size + shift <= this.#capacity, 'the array is too long');
    return run.placement === 'first' ? addressAt(region.start, shift) : addressAt(region.end, -size - shift);
  }

  #invoke(
    columns: readonly Address[],
    outputs: readonly Address[],
    uniforms: readonly number[],
    partials: number,
    run: KernelRun,
  ): Float64Array {
    const { rows, firstRow = 0, fuel = 1_000_000_000n, slice = Number.MAX_SAFE_INTEGER, hostEntry } = run;
    const { addon, frame, integers, words } = session();
    const data = new BigInt64Array(
      kernelFrameLength + columns.length + outputs.length + uniforms.length + partials,
    );
    const doubles = new Float64Array(data.buffer);
    let at = kernelFrameLength;
    const place = (slot: number, length: number): number => {
      data[slot] = BigInt(addressAt(this.#data.start, at * 8));
      at += length;
      return at - length;
    };
    data[KernelFrameSlot.FirstRow] = BigInt(firstRow);
    data[KernelFrameSlot.RowCount] = BigInt(rows);
    data[KernelFrameSlot.Length] = BigInt(firstRow + rows);
    data.set(columns.map(BigInt), place(KernelFrameSlot.Columns, columns.length));
    data.set(outputs.map(BigInt), place(KernelFrameSlot.Outputs, outputs.length));
    doubles.set(uniforms, place(KernelFrameSlot.Uniforms, uniforms.length));
    const firstPartial = place(KernelFrameSlot.Partials, partials);
    const label = this.code.symbols.get('$entry');
    invariant(label !== undefined, 'there is an entry');
    integers[FrameSlot.Trap] = 0n;
    const first = fuel < slice ? fuel : BigInt(slice);
    const ownEntry = integers[FrameSlot.HostCallEntry] as bigint;
    if (hostEntry !== undefined) integers[FrameSlot.HostCallEntry] = BigInt(hostEntry);
    frame[FrameSlot.FuelReserve] = Number(fuel - first);
    frame[FrameSlot.FuelSlice] = slice;
    integers[FrameSlot.RowFuel] = BigInt(slice);
    integers[FrameSlot.Fuel] = first;
    this.requests = 0;
    this.#onRequest = run.onRequest;
    addon.setHostDispatcher(this.#dispatch);
    // The entry leaves the native frame's address, which it is called with, in the kernel frame.
    data[KernelFrameSlot.Frame] = 0n;
    VirtMem.write(this.#data.start, bytesOf(data));
    frame[FrameSlot.Entry] = addressAt(this.#rx, this.code.offsetOf(label));
    integers[FrameSlot.Arguments] = BigInt(this.#data.start);
    try {
      addon.invoke();
    } finally {
      integers[FrameSlot.HostCallEntry] = ownEntry;
    }
    bytesOf(data).set(VirtMem.read(this.#data.start, data.byteLength));
    const trap = words[FrameSlot.Trap * 2] as number;
    if (trap === Trap.HostException) throw this.#exception;
    if (trap !== Trap.None) throw new KernelTrap(trap, Number(data[KernelFrameSlot.TrapRow]));
    invariant(integers[FrameSlot.Fuel] === first, 'a kernel leaves its caller the fuel that it had');
    return doubles.subarray(firstPartial, firstPartial + partials);
  }

  #checkCanaries(number: number, address: Address, type: OutputType, firstRow: number, rows: number): void {
    const region = elementAt(this.#outputs, number);
    const begin = address - region.start + firstRow * sizeOf(type);
    const bytes = VirtMem.read(region.start, region.end - region.start);
    bytes.fill(canary, begin, begin + rows * sizeOf(type));
    // As a whole: byte by byte it would be half the time of these tests.
    const isIntact = Buffer.compare(bytes, new Uint8Array(bytes.length).fill(canary)) === 0;
    invariant(isIntact, `output ${number} is written beyond its rows`);
  }

  /** How often code has asked for fuel, or whether to stop, since the last run began. */
  requests = 0;

  readonly #dispatch = (): void => {
    const { frame, words } = session();
    const host = words[FrameSlot.HostCall * 2] as number;
    if (host < 0) {
      this.requests++;
      this.#onRequest?.();
      return;
    }
    const count = words[FrameSlot.HostCall * 2 + 1] as number;
    const args = [...frame.subarray(FrameSlot.Arguments, FrameSlot.Arguments + count)];
    const implementation = this.#hosts?.[host];
    invariant(implementation !== undefined, `no host function ${host}`);
    try {
      frame[FrameSlot.Result] = implementation(...args);
    } catch (exception) {
      this.#exception = exception;
      words[FrameSlot.Trap * 2] = Trap.HostException;
    }
  };
}

export function bytesOf(elements: ArrayBufferView): Uint8Array {
  return new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength);
}
