/**
 * Kernels as machine code. The request, an array shared with the addon, takes the numbers of a call; the arrays are
 * the arguments of a native function. No foreign code runs between the first store and the call.
 */

import { kernelName } from '../jit/generate-kernel.ts';
import type { JitCode } from '../jit/jit-code.ts';
import type { KernelSpec } from '../jit/kernel/kernel-spec.ts';
import type { Addon } from '../native/addon.ts';
import { reductionBlock } from '../native/kernel-frame.ts';
import {
  KernelControlSlot,
  KernelRequestSlot,
  KernelStatus,
  kernelControlLength,
  kernelElementTypes,
} from '../native/kernel-request.ts';
import { elementAt, slots } from '../support/element.ts';
import { InvariantError } from '../support/invariant.ts';
import { hasOwn } from '../support/own.ts';
import type { NumericArray } from './column-types.ts';
import { KernelError } from './kernel-error.ts';
import { overlapError } from './kernel-outputs.ts';
import type { AsyncRunOptions, KernelTask, LoadedKernel } from './loaded-kernel.ts';
import { type NativeCalls, type NativeGuard, trapError } from './native-calls.ts';
import { watchRun } from './watch-run.ts';

// Literals, since the compiler of this file folds them into the stores; the types hold them to the layout.
const entrySlot: typeof KernelRequestSlot.Entry = 0;
const firstRowSlot: typeof KernelRequestSlot.FirstRow = 1;
const rowCountSlot: typeof KernelRequestSlot.RowCount = 2;
const lengthSlot: typeof KernelRequestSlot.Length = 3;
const columnCountSlot: typeof KernelRequestSlot.ColumnCount = 4;
const outputCountSlot: typeof KernelRequestSlot.OutputCount = 5;
const uniformCountSlot: typeof KernelRequestSlot.UniformCount = 6;
const reductionCountSlot: typeof KernelRequestSlot.ReductionCount = 7;
const callsFunctionsSlot: typeof KernelRequestSlot.CallsFunctions = 8;
const statusSlot: typeof KernelRequestSlot.Status = 12;
const firstType: typeof KernelRequestSlot.Types = 16;
const firstUniform: typeof KernelRequestSlot.Uniforms = 656;

/** Rows that a thread takes at a time: enough that taking them costs nothing, few enough that all threads end together. */
const vectorClaim = 4 * reductionBlock;
/** Rows of kernels that run row by row, and of those that may loop: each row costs as much as its fuel lets it. */
const rowClaim = 1024;
const loopClaim = 256;

export interface NativeKernelParts {
  readonly addon: Addon;
  readonly calls: NativeCalls;
  readonly code: JitCode;
  readonly spec: KernelSpec;
  /** What calls need of kernels that run row by row; undefined for those on vectors, which call nothing. */
  readonly guard: NativeGuard | undefined;
  readonly mayTrap: boolean;
  readonly callsHost: boolean;
}

export class NativeKernel implements LoadedKernel {
  readonly mayThrow: boolean;
  readonly callsHost: boolean;
  readonly start: ((task: KernelTask, options: AsyncRunOptions) => Promise<void>) | undefined;
  readonly runRows: LoadedKernel['runRows'];
  readonly #parts: NativeKernelParts;
  readonly #entry: number;
  readonly #request: Float64Array;
  readonly #addon: Addon;
  readonly #guard: NativeGuard | undefined;
  /** Of the columns, then of the outputs that are arrays. */
  readonly #types: readonly number[];
  /** Which parameters are columns, and which are uniforms. */
  readonly #columnPlaces: readonly number[];
  readonly #uniformPlaces: readonly number[];
  readonly #columnCount: number;
  readonly #outputCount: number;
  readonly #reductionCount: number;
  readonly #callsFunctions: number;

  constructor(parts: NativeKernelParts) {
    const { addon, spec, guard, callsHost } = parts;
    this.#parts = parts;
    this.#entry = parts.code.symbol(kernelName);
    this.#addon = addon;
    this.#request = addon.kernelRequest;
    this.#guard = guard;
    this.#callsFunctions = guard === undefined ? 0 : 1;
    const columns = spec.parameters.flatMap((parameter) =>
      parameter.kind === 'column' ? parameter.type : [],
    );
    const outputs = spec.outputs.flatMap((output) => (hasOwn(output, 'type') ? output.type : []));
    this.#types = [...columns, ...outputs].map((type) => kernelElementTypes.indexOf(type));
    this.#columnCount = columns.length;
    this.#outputCount = outputs.length;
    this.#reductionCount = spec.outputs.length - outputs.length;
    this.#columnPlaces = placesOf(spec, 'column');
    this.#uniformPlaces = placesOf(spec, 'uniform');
    const isSimple = guard === undefined && spec.outputs.length === 1;
    this.runRows = isSimple ? (values, out, rows) => this.#runRows(values, out, rows) : undefined;
    this.mayThrow = parts.mayTrap;
    this.callsHost = callsHost;
    this.start = callsHost ? undefined : (task, options) => this.#start(task, options);
  }

  run(task: KernelTask, firstRow: number, rowCount: number): void {
    this.#fill(task, firstRow, rowCount);
    const guard = this.#guard;
    if (guard === undefined) this.#call(task);
    else this.#parts.calls.guard(guard, () => this.#call(task));
  }

  enter(): void {
    this.#parts.code.enter();
  }

  leave(): void {
    this.#parts.code.leave();
  }

  release(): void {
    this.#parts.code.release();
  }

  #runRows(values: readonly (NumericArray | number | undefined)[], out: NumericArray, rows: number): void {
    const request = this.#request;
    const columns = this.#columnPlaces;
    const uniforms = this.#uniformPlaces;
    const addon = this.#addon;
    this.#describe(0, rows, rows, uniforms.length);
    for (let i = 0; i < uniforms.length; i++) {
      request[firstUniform + i] = values[uniforms[i] as number] as number;
    }
    // Spreading arguments costs as much as all the rest, so few are passed one by one.
    switch (columns.length) {
      case 0:
        addon.runKernel(out);
        break;
      case 1:
        addon.runKernel(values[columns[0] as number] as NumericArray, out);
        break;
      case 2:
        addon.runKernel(
          values[columns[0] as number] as NumericArray,
          values[columns[1] as number] as NumericArray,
          out,
        );
        break;
      case 3:
        addon.runKernel(
          values[columns[0] as number] as NumericArray,
          values[columns[1] as number] as NumericArray,
          values[columns[2] as number] as NumericArray,
          out,
        );
        break;
      default:
        addon.runKernel(...columns.map((place) => values[place] as NumericArray), out);
    }
    if (request[statusSlot] !== KernelStatus.Ok) throw this.#refusal();
  }

  #fill({ uniforms, length }: KernelTask, firstRow: number, rowCount: number): void {
    const request = this.#request;
    this.#describe(firstRow, rowCount, length, uniforms.length);
    for (let i = 0; i < uniforms.length; i++) request[firstUniform + i] = uniforms[i] as number;
  }

  #describe(firstRow: number, rowCount: number, length: number, uniformCount: number): void {
    const request = this.#request;
    const types = this.#types;
    request[entrySlot] = this.#entry;
    request[firstRowSlot] = firstRow;
    request[rowCountSlot] = rowCount;
    request[lengthSlot] = length;
    request[columnCountSlot] = this.#columnCount;
    request[outputCountSlot] = this.#outputCount;
    request[uniformCountSlot] = uniformCount;
    request[reductionCountSlot] = this.#reductionCount;
    request[callsFunctionsSlot] = this.#callsFunctions;
    for (let i = 0; i < types.length; i++) request[firstType + i] = types[i] as number;
  }

  #call(task: KernelTask): void {
    this.#addon.runKernel(...argumentsOf(task));
    if (this.#request[statusSlot] !== KernelStatus.Ok) throw this.#refusal();
  }

  async #start(task: KernelTask, options: AsyncRunOptions): Promise<void> {
    const request = this.#request;
    const { code, guard } = this.#parts;
    const claimSize = this.#claimSize();
    const control = new Int32Array(new SharedArrayBuffer(kernelControlLength * 4));
    await watchRun(control, Math.ceil(task.length / claimSize), options, (onEnd) => {
      this.#fill(task, 0, task.length);
      request[KernelRequestSlot.Fuel] = guard?.fuel ?? 0;
      request[KernelRequestSlot.ThreadCount] = Math.min(
        options.threads,
        Math.ceil(task.length / claimSize) || 1,
      );
      request[KernelRequestSlot.ClaimSize] = claimSize;
      const arrays = argumentsOf(task);
      code.enter();
      const end = () => {
        code.leave();
        onEnd();
      };
      try {
        this.#addon.startKernel(control, end, ...arrays);
        if (request[statusSlot] !== KernelStatus.Ok) throw this.#refusal();
      } catch (error) {
        code.leave();
        throw error;
      }
    });
    const trap = control[KernelControlSlot.Trap] as number;
    if (trap !== 0 && guard !== undefined) {
      throw trapError(guard, trap, control[KernelControlSlot.TrapFunction] as number);
    }
  }

  #claimSize(): number {
    if (this.#guard === undefined) return vectorClaim;
    if (this.#reductionCount > 0) return reductionBlock;
    return this.mayThrow ? loopClaim : rowClaim;
  }

  /** Why the addon did not run the kernel. */
  #refusal(): Error {
    const request = this.#request;
    const status = request[KernelRequestSlot.Status];
    const position = request[KernelRequestSlot.StatusArgument] as number;
    const other = request[KernelRequestSlot.StatusOther] as number;
    const columns = Array.from(slots(this.#columnCount), (_, index) => `column ${index + 1}`);
    const outputs = Array.from(slots(this.#outputCount), (_, index) =>
      this.#outputCount === 1 ? 'out' : `output ${index + 1}`,
    );
    if (status === KernelStatus.Overlap) return overlapError(columns, outputs)(position, other);
    if (status === KernelStatus.TooShort) {
      const name = elementAt([...columns, ...outputs], position);
      return new KernelError('DETACHED', `${name} has fewer elements in memory than its length says`);
    }
    return new InvariantError(`the addon refuses the kernel with status ${status} at ${position}`);
  }
}

function argumentsOf({ columns, outputs, partials }: KernelTask): NumericArray[] {
  return partials === undefined ? [...columns, ...outputs] : [...columns, ...outputs, partials];
}

function placesOf({ parameters }: KernelSpec, kind: 'column' | 'uniform'): number[] {
  return parameters.flatMap((parameter, place) => (parameter.kind === kind ? place : []));
}
