/** Runs kernels as WebAssembly on memory of their own, and looks at all that lies around an output afterwards. */

import type { IrModule } from '../../src/jit/ir/function.ts';
import { sizeOf } from '../../src/jit/ir/memory-type.ts';
import { partialsPerBlock } from '../../src/jit/kernel/exact-reduction.ts';
import { type GeneratedWasmKernel, generateWasmKernel } from '../../src/jit/kernel/generate-wasm-kernel.ts';
import { kernelName } from '../../src/jit/kernel/kernel-facts.ts';
import { columnTypesOf, type KernelSpec, outputTypesOf } from '../../src/jit/kernel/kernel-spec.ts';
import { partialCount } from '../../src/jit/kernel/reductions.ts';
import { firstFreeAddress, pageSize } from '../../src/jit/wasm/memory-layout.ts';
import { compileWasm } from '../../src/jit/wasm/web-assembly.ts';
import { FrameSlot } from '../../src/native/frame.ts';
import { KernelFrameSlot, kernelFrameLength } from '../../src/native/kernel-frame.ts';
import { alignUp } from '../../src/support/alignment.ts';
import { elementAt } from '../../src/support/element.ts';
import { invariant } from '../../src/support/invariant.ts';
import { reducedOf } from './reduced.ts';
import {
  bytesOf,
  createElements,
  type KernelOptions,
  type KernelResult,
  type KernelRun,
  KernelTrap,
} from './run-kernel.ts';
import { WasmWorld } from './wasm-world.ts';

const canary = 0xa5;
/** Bytes in front of and behind each array that nobody may touch. */
const margin = 64;

export class WasmKernel {
  readonly generated: GeneratedWasmKernel;
  readonly #spec: KernelSpec;
  readonly #world = new WasmWorld();
  readonly #kernel: (frame: number) => void;

  constructor(module: IrModule, spec: KernelSpec, options: Pick<KernelOptions, 'hosts'> = {}) {
    this.#spec = spec;
    this.generated = generateWasmKernel(module, spec);
    const exports = this.#world.runtime.instantiate(
      compileWasm(this.generated.module.bytes),
      this.generated.module,
      this.#world.imports(options.hosts),
    );
    this.#kernel = exports[kernelName] as (frame: number) => void;
  }

  /** How often code has asked for fuel, or whether to stop, since the last run began. */
  get requests(): number {
    return this.#world.requests;
  }

  /** Throws {@link KernelTrap}, or what a host function threw. */
  run(run: KernelRun): KernelResult {
    const { rows, firstRow = 0, columns, uniforms = [], inPlace = [] } = run;
    const total = firstRow + rows;
    let next = alignUp(firstFreeAddress, 8);
    const place = (bytes: number, alignment = 8): number => {
      const at = alignUp(next, alignment) + margin + (run.shift ?? 0) * alignment;
      next = at + bytes + margin;
      return at;
    };
    const kernelFrame = place(kernelFrameLength * 8 + this.generated.stackBytes);
    const columnTypes = columnTypesOf(this.#spec);
    const outputTypes = outputTypesOf(this.#spec);
    const columnAddresses = columnTypes.map((type) => place(total * sizeOf(type), sizeOf(type)));
    const outputAddresses = outputTypes.map((type, number) => {
      const shared = inPlace[number];
      return shared === undefined
        ? place(total * sizeOf(type), sizeOf(type))
        : elementAt(columnAddresses, shared);
    });
    const partials = partialCount(total) * partialsPerBlock(this.#spec);
    const lists = [columnAddresses.length, outputAddresses.length, uniforms.length, partials].map((length) =>
      place(length * 8),
    ) as [number, number, number, number];
    const { memory } = this.#world.runtime;
    const missing = Math.ceil((next - memory.buffer.byteLength) / pageSize);
    if (missing > 0) memory.grow(missing);
    const bytes = new Uint8Array(memory.buffer);
    bytes.fill(canary, firstFreeAddress);
    columnTypes.forEach((_, number) => {
      bytes.set(bytesOf(elementAt(columns, number).subarray(0, total)), elementAt(columnAddresses, number));
    });
    const { integers, doubles } = this.#world;
    const put = (slot: number, value: number): void => {
      integers[kernelFrame / 8 + slot] = BigInt(value);
    };
    put(KernelFrameSlot.FirstRow, firstRow);
    put(KernelFrameSlot.RowCount, rows);
    put(KernelFrameSlot.Length, total);
    put(KernelFrameSlot.Frame, 0);
    put(KernelFrameSlot.Columns, lists[0]);
    put(KernelFrameSlot.Outputs, lists[1]);
    put(KernelFrameSlot.Uniforms, lists[2]);
    put(KernelFrameSlot.Partials, lists[3]);
    integers.set(columnAddresses.map(BigInt), lists[0] / 8);
    integers.set(outputAddresses.map(BigInt), lists[1] / 8);
    doubles.set(uniforms, lists[2] / 8);
    const first = this.#world.begin(run.fuel, run.slice);
    this.#kernel(kernelFrame);
    this.#world.end(
      (trap) => new KernelTrap(trap, Number(integers[kernelFrame / 8 + KernelFrameSlot.TrapRow])),
    );
    if (!this.generated.onVectors) {
      invariant(integers[FrameSlot.Fuel] === first, 'a kernel leaves its caller the fuel that it had');
    }
    const outputs = outputTypes.map((type, number) => {
      const address = elementAt(outputAddresses, number);
      const size = sizeOf(type);
      const begin = address + firstRow * size;
      const elements = createElements(type, rows);
      bytesOf(elements).set(bytes.subarray(begin, begin + rows * size));
      if (inPlace[number] === undefined) {
        bytes.fill(canary, begin, begin + rows * size);
        const around = bytes.subarray(address - margin, address + total * size + margin);
        invariant(
          around.every((byte) => byte === canary),
          `output ${number} is written beyond its rows`,
        );
      }
      return elements;
    });
    const partial = doubles.slice(lists[3] / 8, lists[3] / 8 + partials);
    return { outputs, reduced: reducedOf(this.#spec, partial, partialCount(total)) };
  }
}
