/**
 * Kernels as machine code. The request, an array shared with the addon, takes the numbers of a call; the arrays are
 * the arguments of a native function, which checks and reads them. No foreign code runs between the first store and the
 * call, also none that replaced a method of arrays: everything here goes by index.
 *
 * A kernel on vectors looks at no clock and no flag. So it runs so many rows at a time as take a slice of fuel at the most.
 */

import { fuelUnit } from '../../jit/ir/cost.ts';
import { TrapError } from '../../jit/ir/trap-error.ts';
import { partialsPerBlock } from '../../jit/kernel/exact-reduction.ts';
import { kernelName } from '../../jit/kernel/kernel-facts.ts';
import {
  carriedOutputsOf,
  columnTypesOf,
  isSequential,
  type KernelOutput,
  type KernelSpec,
  type OutputType,
  outputTypesOf,
  placesOf,
  type ReductionKind,
} from '../../jit/kernel/kernel-spec.ts';
import type { JitCode } from '../../jit/runtime/jit-code.ts';
import { ReleasedError } from '../../jit/runtime/released-error.ts';
import { Trap } from '../../native/frame.ts';
import { reductionBlock } from '../../native/kernel-frame.ts';
import {
  KernelControlSlot,
  KernelRequestSlot,
  KernelStatus,
  kernelControlLength,
  kernelElementTypes,
} from '../../native/kernel-request.ts';
import { ownSession, type Session } from '../../native/session.ts';
import { elementAt, slots } from '../../support/element.ts';
import { apply } from '../../support/intrinsics.ts';
import { InvariantError } from '../../support/invariant.ts';
import { hasOwn } from '../../support/own.ts';
import { columnNames, outputNames } from './array-names.ts';
import { type BoundColumns, keyOf } from './bound-columns.ts';
import { trapError } from './call-guard.ts';
import { columnCode, elementCode, fits, type NumericArray } from './column-types.ts';
import { type FuelGrant, fuelSlice } from './fuel.ts';
import { KernelError } from './kernel-error.ts';
import { type AsyncRunOptions, type KernelTask, type LoadedKernel, uniformsFrom } from './loaded-kernel.ts';
import type { NativeCalls, NativeGuard } from './native-calls.ts';
import { overlapError } from './overlap.ts';
import { ShortRun } from './short-run.ts';
import { SliceSize } from './slice-size.ts';
import { currentDeadline, isPast } from './time-limit.ts';
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
const callsHostSlot: typeof KernelRequestSlot.CallsHost = 15;
const firstType: typeof KernelRequestSlot.Types = 24;
const firstUniform: typeof KernelRequestSlot.Uniforms = 664;

/** Rows that a thread takes at a time: enough that taking them costs nothing, few enough that all threads end together. */
const vectorClaim = 4 * reductionBlock;
/** Rows of kernels that run row by row, and of those that may loop: each row costs as much as its fuel lets it. */
const rowClaim = 1024;
const loopClaim = 256;

export interface NativeKernelParts {
  readonly calls: NativeCalls;
  readonly code: JitCode;
  readonly spec: KernelSpec;
  /** What calls need of kernels that run row by row; undefined for those on vectors, which call nothing. */
  readonly guard: NativeGuard | undefined;
  readonly fuel: FuelGrant;
  readonly mayTrap: boolean;
  readonly callsHost: boolean;
  /** Nanoseconds that a row takes at the most, where that is known. */
  readonly rowCost: number;
  readonly onRelease: (kernel: NativeKernel) => void;
}

export class NativeKernel implements LoadedKernel {
  readonly mayThrow: boolean;
  readonly callsHost: boolean;
  readonly copiesColumns = true;
  readonly start: LoadedKernel['start'];
  readonly runRows: LoadedKernel['runRows'];
  readonly short: ShortRun | undefined;
  readonly #parts: NativeKernelParts;
  readonly #entry: number;
  readonly #session: Session;
  readonly #request: Float64Array;
  readonly #guard: NativeGuard | undefined;
  /** Of the columns, then of the outputs that are arrays. */
  readonly #types: readonly number[];
  /** Which parameters are columns, and which are uniforms. */
  readonly #columnPlaces: readonly number[];
  readonly #uniformPlaces: readonly number[];
  /** See {@link carriedOutputsOf}. */
  readonly #carried: readonly (number | undefined)[];
  readonly #columnCount: number;
  readonly #outputCount: number;
  readonly #reductionCount: number;
  readonly #callsFunctions: number;
  /** Rows on vectors that may run without a look at the clock. */
  readonly #rowsPerLook: number;
  /** Of the columns that it takes. */
  readonly #key: number | undefined;
  /** What its only output is. */
  readonly #goal: OutputType | ReductionKind;
  /** The arguments of a call that is about to be made. */
  readonly #arguments: (NumericArray | undefined)[];

  constructor(parts: NativeKernelParts) {
    const { spec, guard, callsHost } = parts;
    this.#parts = parts;
    this.#entry = parts.code.symbol(kernelName);
    this.#session = ownSession();
    this.#request = this.#session.request;
    this.#guard = guard;
    this.#callsFunctions = guard === undefined ? 0 : 1;
    const columns = columnTypesOf(spec);
    const outputs = outputTypesOf(spec);
    this.#types = [...columns, ...outputs].map((type) => kernelElementTypes.indexOf(type));
    this.#columnCount = columns.length;
    this.#outputCount = outputs.length;
    this.#reductionCount = partialsPerBlock(spec);
    this.#columnPlaces = placesOf(spec, 'column');
    this.#uniformPlaces = placesOf(spec, 'uniform');
    const blocks = Math.floor((fuelSlice * fuelUnit) / parts.rowCost / reductionBlock);
    this.#rowsPerLook = guard === undefined ? Math.max(1, blocks) * reductionBlock : Number.MAX_SAFE_INTEGER;
    this.#arguments = slots(this.#types.length + (this.#reductionCount > 0 ? 1 : 0));
    this.#carried = carriedOutputsOf(spec);
    const inOrder = isSequential(spec);
    const isSimple = guard === undefined && spec.outputs.length === 1 && !inOrder;
    this.#key = keyOf(spec.parameters);
    this.#goal = goalOf(elementAt(spec.outputs, 0));
    this.runRows = isSimple ? (bound, out, goal, rows) => this.#runRows(bound, out, goal, rows) : undefined;
    this.short =
      isSimple && this.#goal !== 'exact'
        ? ShortRun.of(this.#session, parts.calls.way, parts.code, this.#entry, spec, this.#rowsPerLook)
        : undefined;
    this.mayThrow = parts.mayTrap;
    this.callsHost = callsHost;
    this.start = callsHost || inOrder ? undefined : (task, options) => this.#start(task, options);
  }

  run(task: KernelTask): void {
    this.#runFrom(task, 0, task.length, undefined);
  }

  *steps(task: KernelTask, signal: AbortSignal | undefined): Generator<number, void> {
    const { length } = task;
    const least = task.partials === undefined ? 1 : reductionBlock;
    const { code } = this.#parts;
    const slice = new SliceSize(least, true);
    code.enter();
    try {
      for (let row = 0; row < length; ) {
        const count = Math.min(slice.rows, length - row);
        const start = performance.now();
        this.#runFrom(task, row, count, signal);
        slice.took(performance.now() - start);
        row += count;
        yield row;
      }
    } finally {
      code.leave();
    }
  }

  enter(): void {
    this.#parts.code.enter();
  }

  leave(): void {
    this.#parts.code.leave();
  }

  release(): void {
    this.#parts.code.release();
    this.#parts.onRelease(this);
  }

  #runRows(
    { key, values }: BoundColumns,
    out: NumericArray,
    goal: OutputType | ReductionKind,
    rows: number,
  ): void {
    const { runKernel } = this.#session;
    const request = this.#request;
    const places = this.#columnPlaces;
    const uniforms = this.#uniformPlaces;
    const most = this.#rowsPerLook;
    const count = places.length;
    // Each is read once, and before the request is written.
    const first = count > 0 ? this.#column(values, 0) : out;
    const second = count > 1 ? this.#column(values, 1) : out;
    const third = count > 2 ? this.#column(values, 2) : out;
    if (key !== this.#key || goal !== this.#goal) {
      for (let i = 0; i < count; i++) this.#requireType(this.#column(values, i), i);
      if (this.#outputCount > 0) this.#requireType(out, count);
    }
    const list = count > 3 ? this.#arguments : undefined;
    for (let row = 0; row < rows || row === 0; row += most) {
      if (row > 0) this.#look();
      if (list !== undefined) {
        for (let i = 0; i < count; i++) list[i] = this.#column(values, i);
        list[count] = out;
      }
      for (let i = 0; i < uniforms.length; i++) {
        request[firstUniform + i] = values[uniforms[i] as number] as number;
      }
      this.#requireCode();
      this.#describe(row, rows - row < most ? rows - row : most, rows, uniforms.length);
      // Applying a list of arguments costs as much as all the rest, so few are passed one by one.
      if (list !== undefined) this.#apply(runKernel as (...list: unknown[]) => void, list);
      else if (count === 2) runKernel(first, second, out);
      else if (count === 1) runKernel(first, out);
      else if (count === 3) runKernel(first, second, third, out);
      else runKernel(out);
      if (request[statusSlot] !== KernelStatus.Ok) throw this.#refusal();
    }
  }

  #column(values: readonly (NumericArray | number | undefined)[], position: number): NumericArray {
    return values[this.#columnPlaces[position] as number] as NumericArray;
  }

  #runFrom(task: KernelTask, firstRow: number, rowCount: number, signal: AbortSignal | undefined): void {
    const guard = this.#guard;
    if (guard !== undefined) {
      this.#parts.calls.guard(guard, signal, () => this.#call(task, firstRow, rowCount));
      return;
    }
    const most = this.#rowsPerLook;
    for (let done = 0; done < rowCount || done === 0; done += most) {
      if (done > 0) this.#look();
      this.#call(task, firstRow + done, Math.min(most, rowCount - done));
    }
  }

  /**
   * Throws unless the array has elements of the type that the code expects at this place among columns and then outputs. Who
   * found the kernel by the types of the arrays had help from built-in functions, and these may have been replaced. What
   * was found for one binding and one kind of output, by numbers that nobody else saw, need not be asked again.
   */
  #requireType(array: NumericArray, place: number): void {
    const type = this.#types[place] as number;
    const code = elementCode(array);
    const isRight = place < this.#columnCount ? columnCode(code) === type : fits(code, type);
    if (!isRight) throw new InvariantError(`array ${place} of a kernel has elements of another type`);
  }

  /** Foreign code that ran while the columns were bound may have released the kernel, or pushed it out of its set. */
  #requireCode(): void {
    const { code } = this.#parts;
    if (code.released && code.activations === 0) throw new ReleasedError();
  }

  #look(): void {
    if (isPast(currentDeadline())) throw new TrapError('E_TIMEOUT', this.#functionName());
  }

  #functionName(): string {
    return elementAt(this.#parts.spec.outputs, 0).function;
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
    request[callsHostSlot] = this.callsHost ? 1 : 0;
    for (let i = 0; i < types.length; i++) request[firstType + i] = types[i] as number;
  }

  #fillUniforms(task: KernelTask, firstRow: number): void {
    const request = this.#request;
    const uniforms = uniformsFrom(task, this.#carried, firstRow);
    for (let i = 0; i < uniforms.length; i++) request[firstUniform + i] = uniforms[i] as number;
  }

  #call(task: KernelTask, firstRow: number, rowCount: number): void {
    const list = this.#arguments;
    listArrays(task, list, 0);
    for (let i = 0; i < this.#types.length; i++) this.#requireType(list[i] as NumericArray, i);
    this.#fillUniforms(task, firstRow);
    this.#requireCode();
    this.#describe(firstRow, rowCount, task.length, task.uniforms.length);
    this.#apply(this.#session.runKernel as (...list: unknown[]) => void, list);
    if (this.#request[statusSlot] !== KernelStatus.Ok) throw this.#refusal();
  }

  /** The list keeps nothing alive: the arguments of the call do that. */
  #apply(fn: (...list: unknown[]) => void, list: unknown[]): void {
    try {
      apply(fn, undefined, list);
    } finally {
      for (let i = 0; i < list.length; i++) list[i] = undefined;
    }
  }

  async #start(task: KernelTask, options: AsyncRunOptions): Promise<void> {
    const request = this.#request;
    const { code, guard, fuel } = this.#parts;
    const { startKernel } = this.#session;
    const claimSize = this.#claimSize();
    const claimCount = Math.ceil(task.length / claimSize);
    const control = new Int32Array(new SharedArrayBuffer(kernelControlLength * 4));
    await watchRun(control, claimCount, options, (onEnd) => {
      const end = () => {
        code.leave();
        onEnd();
      };
      const list: unknown[] = slots(2 + this.#arguments.length);
      list[0] = control;
      list[1] = end;
      code.enter();
      try {
        listArrays(task, list, 2);
        this.#fillUniforms(task, 0);
        this.#requireCode();
        this.#describe(0, task.length, task.length, task.uniforms.length);
        request[KernelRequestSlot.Fuel] = fuel.total;
        request[KernelRequestSlot.FuelSlice] = fuelSlice;
        request[KernelRequestSlot.Deadline] = options.deadline;
        request[KernelRequestSlot.ThreadCount] = Math.min(options.threads, claimCount || 1);
        request[KernelRequestSlot.ClaimSize] = claimSize;
        apply(startKernel as (...list: unknown[]) => void, undefined, list);
        if (request[statusSlot] !== KernelStatus.Ok) throw this.#refusal();
      } catch (error) {
        code.leave();
        throw error;
      }
    });
    const trap = control[KernelControlSlot.Trap] as number;
    if (trap === Trap.Stopped) throw new TrapError('E_TIMEOUT', this.#functionName());
    if (trap !== 0 && guard !== undefined) {
      throw trapError(guard, trap, control[KernelControlSlot.TrapFunction] as number);
    }
    if (control[KernelControlSlot.ClaimsDone] !== claimCount) {
      throw new Error('the threads of the kernel had no memory to run');
    }
  }

  #claimSize(): number {
    if (this.#guard === undefined) return Math.min(vectorClaim, this.#rowsPerLook);
    if (this.#reductionCount > 0) return reductionBlock;
    return this.mayThrow ? loopClaim : rowClaim;
  }

  /** Why the addon did not run the kernel. */
  #refusal(): Error {
    const request = this.#request;
    const status = request[statusSlot];
    const position = request[KernelRequestSlot.StatusArgument] as number;
    const other = request[KernelRequestSlot.StatusOther] as number;
    const columns = columnNames(this.#columnCount);
    const outputs = outputNames(this.#outputCount);
    if (status === KernelStatus.Overlap) return overlapError(columns, outputs)(position, other);
    if (status === KernelStatus.TooShort) {
      const name = elementAt([...columns, ...outputs], position);
      return new KernelError('E_DETACHED', `${name} has fewer elements in memory than its length says`);
    }
    return new InvariantError(`the addon refuses the kernel with status ${status} at ${position}`);
  }
}

/** The arrays of a task as arguments, from a place of the list on. */
function listArrays({ columns, outputs, partials }: KernelTask, list: unknown[], first: number): void {
  let next = first;
  for (let i = 0; i < columns.length; i++) list[next++] = columns[i];
  for (let i = 0; i < outputs.length; i++) list[next++] = outputs[i];
  if (partials !== undefined) list[next] = partials;
}

function goalOf(output: KernelOutput): OutputType | ReductionKind {
  return hasOwn(output, 'reduce') ? output.reduce : output.type;
}
