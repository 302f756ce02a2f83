/**
 * The kernels of one piece of code: one for each signature (which parameters are columns, of which types, and what
 * comes out), made when it is first needed.
 *
 * A call binds the columns, which may run foreign code, checks everything, finds the kernel, and runs it; nothing
 * foreign runs after the checks, unless the kernel itself calls host functions. Such a kernel, and one that may trap,
 * works on arrays of its own, and its results are delivered at the end. So a call that throws has written nothing.
 */
import type { KernelOutput, KernelSpec, OutputType, ReductionKind } from '../jit/kernel/kernel-spec.ts';
import { combinePartials, partialCount } from '../jit/kernel/reductions.ts';
import { ReleasedError } from '../jit/released-error.ts';
import { elementAt } from '../support/element.ts';
import { createOutput, elementCode, type NumericArray, outputTypeOf } from './column-types.ts';
import { Binding, type BoundColumns, bindColumns, parametersOf } from './kernel-columns.ts';
import { findOverlap, isShared, overlapError, type RequestedOutput, requireRoom } from './kernel-outputs.ts';
import type { AsyncRunOptions, KernelTask, LoadedKernel } from './loaded-kernel.ts';
import { runInSlices } from './run-in-slices.ts';

/** What a kernel set makes its kernels from. */
export interface KernelProgram {
  readonly parameters: readonly string[];
  /** Names of the outputs, and of the functions in IR that compute them. */
  readonly outputs: readonly { readonly name: string; readonly function: string }[];
  load(spec: KernelSpec): LoadedKernel;
}

/** How many signatures are kept; then the least recently used goes. */
const capacity = 16;

interface Entry {
  readonly codes: readonly number[];
  readonly goal: string;
  readonly kernel: LoadedKernel;
}

export class KernelSet {
  readonly #program: KernelProgram;
  readonly #entries = new Map<string, Entry>();
  #last: Entry | undefined;
  #released = false;

  constructor(program: KernelProgram) {
    this.#program = program;
  }

  get parameters(): readonly string[] {
    return this.#program.parameters;
  }

  get outputNames(): readonly string[] {
    return this.#program.outputs.map(({ name }) => name);
  }

  bind(columns: object): BoundColumns {
    return bindColumns(this.#program.parameters, columns);
  }

  /** Computes all outputs; `requested` is one for each. */
  map(bound: BoundColumns, requested: readonly RequestedOutput[], rows: number): NumericArray[] {
    const kernel = this.#mapping(bound, requested, rows);
    const { arrays: columns, uniforms } = bound;
    if (!kernel.mayThrow) {
      const outputs = requested.map(({ type, out }) => out ?? createOutput(type, rows));
      kernel.run({ columns, outputs, uniforms, length: rows, partials: undefined }, 0, rows);
      return outputs;
    }
    this.#refuseOverlap(bound, requested, rows);
    const results = requested.map(({ type }) => createOutput(type, rows));
    this.#run(kernel, { columns, outputs: results, uniforms, length: rows, partials: undefined });
    return this.#deliver(requested, results, rows);
  }

  async mapAsync(
    bound: BoundColumns,
    requested: readonly RequestedOutput[],
    rows: number,
    options: AsyncRunOptions,
  ): Promise<NumericArray[]> {
    options.signal?.throwIfAborted();
    const kernel = this.#mapping(bound, requested, rows);
    this.#refuseOverlap(bound, requested, rows);
    const results = requested.map(({ type, out }) =>
      out !== undefined && isShared(out) && !kernel.mayThrow ? out : createOutput(type, rows),
    );
    const { arrays: columns, uniforms } = bound;
    await this.#runAsync(
      kernel,
      { columns, outputs: results, uniforms, length: rows, partials: undefined },
      options,
    );
    return this.#deliver(requested, results, rows);
  }

  /** Reduces the first output. */
  reduce(kind: ReductionKind, bound: BoundColumns, rows: number): number {
    const kernel = this.#reduction(kind, bound);
    const partials = new Float64Array(partialCount(rows));
    const { arrays: columns, uniforms } = bound;
    this.#run(kernel, { columns, outputs: [], uniforms, length: rows, partials });
    return combinePartials(kind, partials, partials.length);
  }

  async reduceAsync(
    kind: ReductionKind,
    bound: BoundColumns,
    rows: number,
    options: AsyncRunOptions,
  ): Promise<number> {
    options.signal?.throwIfAborted();
    const kernel = this.#reduction(kind, bound);
    const partials = new Float64Array(partialCount(rows));
    const { arrays: columns, uniforms } = bound;
    await this.#runAsync(kernel, { columns, outputs: [], uniforms, length: rows, partials }, options);
    return combinePartials(kind, partials, partials.length);
  }

  /** Runs in flight go on to their end. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#last = undefined;
    for (const { kernel } of this.#entries.values()) kernel.release();
    this.#entries.clear();
  }

  #mapping(bound: BoundColumns, requested: readonly RequestedOutput[], rows: number): LoadedKernel {
    let goal = '';
    for (let i = 0; i < requested.length; i++) {
      const output = elementAt(requested, i);
      requireRoom(output, rows, requested.length === 1 ? 'out' : elementAt(this.#program.outputs, i).name);
      goal = i === 0 ? output.type : `${goal},${output.type}`;
    }
    return this.#kernel(bound.codes, goal, () =>
      this.#program.outputs.map((output, index) => ({
        function: output.function,
        type: elementAt(requested, index).type,
      })),
    );
  }

  #reduction(kind: ReductionKind, bound: BoundColumns): LoadedKernel {
    return this.#kernel(bound.codes, kind, () => [
      { function: elementAt(this.#program.outputs, 0).function, reduce: kind },
    ]);
  }

  /** `goal` names the outputs: their types, or the reduction. */
  #kernel(
    codes: readonly number[],
    goal: OutputType | ReductionKind | string,
    outputs: () => KernelOutput[],
  ): LoadedKernel {
    if (this.#released) throw new ReleasedError();
    const last = this.#last;
    if (last !== undefined && last.goal === goal && areEqual(last.codes, codes)) return last.kernel;
    const key = `${codes.join()}>${goal}`;
    const known = this.#entries.get(key);
    const entry = known ?? {
      codes,
      goal,
      kernel: this.#program.load({ parameters: parametersOf(codes), outputs: outputs() }),
    };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    this.#last = entry;
    this.#evict();
    return entry.kernel;
  }

  #evict(): void {
    for (const [key, { kernel }] of this.#entries) {
      if (this.#entries.size <= capacity) return;
      this.#entries.delete(key);
      kernel.release();
    }
  }

  /** Host functions may release the kernel, and detach its columns. */
  #run(kernel: LoadedKernel, task: KernelTask): void {
    if (!kernel.callsHost) {
      kernel.run(task, 0, task.length);
      return;
    }
    kernel.enter();
    try {
      kernel.run({ ...task, columns: task.columns.map(copy) }, 0, task.length);
    } finally {
      kernel.leave();
    }
  }

  async #runAsync(kernel: LoadedKernel, task: KernelTask, options: AsyncRunOptions): Promise<void> {
    if (kernel.start !== undefined) await kernel.start(task, options);
    else await runInSlices(kernel, { ...task, columns: task.columns.map(copy) }, options);
  }

  #refuseOverlap({ codes, arrays }: BoundColumns, requested: readonly RequestedOutput[], rows: number): void {
    const outputs = this.#program.outputs.filter((_, index) => requested[index]?.out !== undefined);
    const overlap = findOverlap(
      arrays,
      requested.flatMap(({ out }) => out ?? []),
      rows,
    );
    if (overlap === undefined) return;
    const names = outputs.map(({ name }) => (requested.length === 1 ? 'out' : name));
    throw overlapError(this.#columnNames(codes), names)(...overlap);
  }

  /** Names of the parameters that are columns. */
  #columnNames(codes: readonly number[]): string[] {
    return this.#program.parameters.filter((_, index) => elementAt(codes, index) < Binding.Uniform);
  }

  /** Copies the results to where they were asked for, if that still exists. */
  #deliver(
    requested: readonly RequestedOutput[],
    results: readonly NumericArray[],
    rows: number,
  ): NumericArray[] {
    for (const [index, output] of requested.entries()) {
      requireRoom(
        output,
        rows,
        requested.length === 1 ? 'out' : elementAt(this.#program.outputs, index).name,
      );
    }
    return requested.map(({ out }, index) => {
      const result = elementAt(results, index);
      if (out === undefined || out === result) return result;
      out.set(result);
      return out;
    });
  }
}

/** The array if it is on shared memory; otherwise a copy, which nobody else can detach or shrink. */
function copy(array: NumericArray): NumericArray {
  if (isShared(array)) return array;
  const copied = createOutput(outputTypeOf(elementCode(array)), array.length);
  copied.set(array);
  return copied;
}

function areEqual(a: readonly number[], b: readonly number[]): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
