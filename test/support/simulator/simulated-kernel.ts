/**
 * Kernels in the simulator, by the interface of those that run for real: `simulateKernel` for levels that this CPU lacks,
 * `anyKernel` for any level.
 *
 * Here every array has exactly the bytes of the rows that are to be computed: columns can only be read and outputs only
 * be written, and kernels on vectors find no native frame.
 */

import type { CodeHolder } from '../../../src/jit/code/code-holder.ts';
import type { IrModule } from '../../../src/jit/ir/function.ts';
import { sizeOf } from '../../../src/jit/ir/memory-type.ts';
import { partialsPerBlock } from '../../../src/jit/kernel/exact-reduction.ts';
import { generateKernel } from '../../../src/jit/kernel/generate-kernel.ts';
import { kernelName } from '../../../src/jit/kernel/kernel-facts.ts';
import {
  type ColumnType,
  columnTypesOf,
  type KernelSpec,
  type OutputType,
  outputTypesOf,
  reductionsOf,
} from '../../../src/jit/kernel/kernel-spec.ts';
import { partialCount } from '../../../src/jit/kernel/reductions.ts';
import { type Convention, sysv, win64 } from '../../../src/jit/machine/convention.ts';
import { type FeatureLevel, featureLevels } from '../../../src/jit/machine/feature-level.ts';
import { Trap } from '../../../src/native/frame.ts';
import { KernelFrameSlot, kernelFrameLength } from '../../../src/native/kernel-frame.ts';
import { alignUp } from '../../../src/support/alignment.ts';
import { elementAt } from '../../../src/support/element.ts';
import { invariant } from '../../../src/support/invariant.ts';
import { reducedOf } from '../reduced.ts';
import {
  bytesOf,
  createElements,
  type KernelOptions,
  type KernelResult,
  type KernelRun,
  KernelTrap,
  NativeKernel,
  type RunnableKernel,
} from '../run-kernel.ts';
import { nativeLevels } from '../run-native.ts';
import { callSimulated } from './simulated-call.ts';
import { SimulatedHost } from './simulated-host.ts';
import { SimulatedMath } from './simulated-math.ts';
import { Simulator } from './simulator.ts';

const pageSize = 4096;
const firstAddress = 0x1_0000_0000;

/** Does {@link anyKernel} take the simulator for this level, which the CPU lacks? */
export function isSimulated(level: FeatureLevel): boolean {
  return !nativeLevels.includes(level);
}

/** A kernel that runs natively at levels that this CPU has, and elsewhere in the simulator. */
export function anyKernel(module: IrModule, spec: KernelSpec, options: KernelOptions = {}): RunnableKernel {
  const { level } = options;
  const makeKernel = level !== undefined && isSimulated(level) ? simulateKernel : runKernel;
  return makeKernel(module, spec, options);
}

function runKernel(module: IrModule, spec: KernelSpec, options: KernelOptions): RunnableKernel {
  return new NativeKernel(module, spec, options);
}

export function simulateKernel(
  module: IrModule,
  spec: KernelSpec,
  options: KernelOptions = {},
): SimulatedKernel {
  return new SimulatedKernel(module, spec, options);
}

export class SimulatedKernel implements RunnableKernel {
  readonly code: CodeHolder;
  readonly #simulator: Simulator;
  readonly #spec: KernelSpec;
  readonly #convention: Convention;
  readonly #host: SimulatedHost;
  readonly #onVectors: boolean;
  readonly #math: SimulatedMath;
  /** Regions that stay from run to run. */
  readonly #regionCount: number;
  #nextAddress = firstAddress;

  constructor(module: IrModule, spec: KernelSpec, options: KernelOptions) {
    const { level = elementAt(featureLevels, featureLevels.length - 1), target = {}, hosts } = options;
    const { convention = process.platform === 'win32' ? win64 : sysv } = target;
    this.#spec = spec;
    this.#convention = convention;
    this.#host = new SimulatedHost(convention, hosts);
    const { arithmetic, externals } = this.#host;
    const math = new SimulatedMath(convention, level);
    this.#math = math;
    const full = { fuel: true, ...target, level, convention, arithmetic, math };
    const { code, onVectors } = generateKernel(module, spec, full, { check: true });
    this.code = code;
    this.#onVectors = onVectors;
    this.#simulator = new Simulator(this.code, { level, externals, routines: math.routines });
    math.addTables(this.#simulator.memory);
    this.#regionCount = this.#simulator.memory.regionCount;
  }

  run(run: KernelRun): KernelResult {
    const { rows, firstRow = 0, columns, uniforms = [], inPlace = [] } = run;
    const { fuel = 1_000_000_000n, slice = Number.MAX_SAFE_INTEGER } = run;
    const host = this.#host;
    this.#simulator.memory.truncate(this.#regionCount);
    this.#nextAddress = firstAddress;
    const columnTypes = columnTypesOf(this.#spec);
    const outputTypes = outputTypesOf(this.#spec);

    const arrays = columnTypes.map((type, number) => {
      const given = elementAt(columns, number);
      invariant(given.length >= firstRow + rows, `column ${number} has too few elements`);
      const bytes = bytesOf(given.slice(firstRow, firstRow + rows));
      const access = inPlace.includes(number) ? 'read and write' : 'read';
      return { bytes, address: this.#array(`column ${number}`, type, bytes, access, run) };
    });
    const results = outputTypes.map((type, number) => {
      const shared = inPlace[number];
      if (shared !== undefined) return elementAt(arrays, shared);
      const bytes = bytesOf(createElements(type, rows));
      return { bytes, address: this.#array(`output ${number}`, type, bytes, 'write', run) };
    });

    const blocks = partialCount(firstRow + rows);
    const isExact = reductionsOf(this.#spec).includes('exact');
    const partials = new Float64Array(blocks * partialsPerBlock(this.#spec));
    const data = new BigInt64Array(kernelFrameLength);
    data[KernelFrameSlot.FirstRow] = BigInt(firstRow);
    data[KernelFrameSlot.RowCount] = BigInt(rows);
    data[KernelFrameSlot.Length] = BigInt(firstRow + rows);
    data[KernelFrameSlot.Columns] = this.#table('the addresses of columns', arrays);
    data[KernelFrameSlot.Outputs] = this.#table('the addresses of outputs', results);
    data[KernelFrameSlot.Uniforms] = this.#words('the uniforms', Float64Array.from(uniforms), 'read');
    data[KernelFrameSlot.Partials] = this.#words(
      'the partial results',
      partials,
      isExact ? 'read and write' : 'write',
    );
    host.begin(fuel, slice);
    if (!this.#onVectors) {
      data[KernelFrameSlot.Frame] = this.#words('the native frame', host.frame, 'read and write');
    }
    this.#invoke(data);

    if (host.trap === Trap.HostException) throw host.exception;
    if (host.trap !== Trap.None) throw new KernelTrap(host.trap, Number(data[KernelFrameSlot.TrapRow]));
    const outputs = outputTypes.map((type, number) => {
      const elements = createElements(type, rows);
      bytesOf(elements).set(elementAt(results, number).bytes);
      return elements;
    });
    return { outputs, reduced: reducedOf(this.#spec, partials, blocks) };
  }

  /** Lanes that were outside of the usual range of a function, over all runs. */
  get repairedLanes(): number {
    return this.#math.repaired;
  }

  get requests(): number {
    return this.#host.requests;
  }

  [Symbol.dispose](): void {
    this.#simulator[Symbol.dispose]();
  }

  #invoke(data: BigInt64Array): void {
    const simulator = this.#simulator;
    const { TrapRow } = KernelFrameSlot;
    const start = Number(this.#words('the kernel frame', data.subarray(0, TrapRow), 'read'));
    simulator.memory.add('the row of a trap', start + TrapRow * 8, bytesOf(data.subarray(TrapRow)), 'write');
    const label = this.code.symbols.get(kernelName);
    invariant(label !== undefined, 'there is a kernel');
    callSimulated(simulator, this.#convention, simulator.addressOf(label), BigInt(start));
  }

  /** Address of the element of row 0, which need not be in memory. */
  #array(
    name: string,
    type: ColumnType | OutputType,
    bytes: Uint8Array,
    access: 'read' | 'write' | 'read and write',
    { placement, shift = 0, rows, firstRow = 0 }: KernelRun,
  ): number {
    const size = sizeOf(type);
    const within = placement === 'first' ? shift * size : -(firstRow + rows + shift) * size;
    const origin = this.#reserve(bytes.length + (firstRow + shift) * size + pageSize) + pageSize;
    const address = origin + (within % pageSize);
    this.#simulator.memory.add(name, address + firstRow * size, bytes, access);
    return address;
  }

  #table(name: string, arrays: readonly { readonly address: number }[]): bigint {
    return this.#words(
      name,
      BigInt64Array.from(arrays, ({ address }) => BigInt(address)),
      'read',
    );
  }

  #words(name: string, words: ArrayBufferView, access: 'read' | 'write' | 'read and write'): bigint {
    const start = this.#reserve(words.byteLength) + 8;
    this.#simulator.memory.add(name, start, bytesOf(words), access);
    return BigInt(start);
  }

  /** Room for so many bytes, and some where nothing is. */
  #reserve(size: number): number {
    const start = this.#nextAddress;
    this.#nextAddress = alignUp(start + size, pageSize) + 2 * pageSize;
    return start;
  }
}
