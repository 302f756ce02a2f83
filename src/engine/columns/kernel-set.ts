/**
 * The kernels of one piece of code: one for each signature (which parameters are columns, of which types, and what
 * comes out), made when it is first needed.
 *
 * A call binds the columns, which may run foreign code, checks everything, finds the kernel, and runs it. What the kernel
 * itself needs to be sure of (that it was not released meanwhile, that the arrays are what they were) it looks at last of
 * all, in `native-kernel.ts` and in the addon; nothing foreign runs after that, unless the kernel calls host functions. Such a kernel, and one that may trap,
 * works on arrays of its own, and its results are delivered at the end. So a call that throws has written nothing.
 */

import { partialsOf } from '../../jit/kernel/exact-reduction.ts';
import type {
  FoldKind,
  KernelOutput,
  KernelParameter,
  KernelSpec,
  OutputType,
  ReductionKind,
} from '../../jit/kernel/kernel-spec.ts';
import { combinePartials, partialCount } from '../../jit/kernel/reductions.ts';
import { ReleasedError } from '../../jit/runtime/released-error.ts';
import { elementAt } from '../../support/element.ts';
import type { ExactSum } from '../../support/exact-sum.ts';
import { setTypedArray, typedArrayLength } from '../../support/intrinsics.ts';
import { BoundColumns, parametersOf, requireAttached, requireElements } from '../backends/bound-columns.ts';
import { copyOf, createOutput, type NumericArray, rowsOf } from '../backends/column-types.ts';
import type { AsyncRunOptions, KernelTask, LoadedKernel } from '../backends/loaded-kernel.ts';
import { runInSlices } from '../backends/run-in-slices.ts';
import { currentDeadline } from '../backends/time-limit.ts';
import { ColumnKernels } from './column-kernels.ts';
import { sumOfPartials } from './exact-sums.ts';
import type { ResultArray } from './foreign-outputs.ts';
import { isShared, type RequestedOutput, requestNumbers } from './kernel-outputs.ts';
import {
  type NullForm,
  type NullForms,
  type NullGoal,
  NullKernels,
  runWithPresences,
  validitiesIn,
  withPresences,
} from './null-kernels.ts';
import type { NullableArray } from './nullable-array.ts';
import { ShortKernels } from './short-kernels.ts';
import { combineSmall, fewRows, smallOutput, smallPartials, takeSmall } from './small-results.ts';
import { bitmapOf, commonBits, countBits, fromRow } from './validity.ts';

/** An output, and the function in IR that computes it. */
export interface KernelOutputFunction {
  readonly name: string;
  readonly function: string;
}

/** What a kernel set makes its kernels from. */
export interface KernelProgram {
  readonly parameters: readonly string[];
  /** Names of the outputs, and of the functions in IR that compute them. */
  readonly outputs: readonly KernelOutputFunction[];
  /** Positions of parameters that are columns of which rows take any elements. */
  readonly wholes?: ReadonlySet<number>;
  /** By position of a parameter: the output that it is in the row before. */
  readonly carried?: ReadonlyMap<number, number>;
  /** Milliseconds that a run may take, unless it is told. */
  readonly timeout: number | undefined;
  load(spec: KernelSpec): LoadedKernel;
  /** For columns with missing values; undefined where these are not understood. */
  readonly nulls: NullForms | undefined;
}

/** How many signatures are kept; then the least recently used goes. */
const capacity = 16;

interface Entry {
  /** See {@link BoundColumns.key}. */
  readonly key: number | string;
  /** Names the outputs: their types, or the reduction. */
  readonly goal: string;
  readonly kernel: LoadedKernel;
}

export class KernelSet extends ColumnKernels {
  readonly short: ShortKernels | undefined;
  readonly #program: KernelProgram;
  readonly #entries = new Map<string, Entry>();
  #last: Entry | undefined;
  readonly #nulls: NullKernels<KernelSet> | undefined;
  #released = false;

  constructor(program: KernelProgram) {
    super(program);
    this.#program = program;
    this.short = program.timeout === undefined ? ShortKernels.of(program.parameters) : undefined;
    this.#nulls =
      program.nulls &&
      new NullKernels(
        program.nulls,
        (parameters, form) => new KernelSet(programOf(program, parameters, form)),
      );
  }

  /** Computes the only output; `type` is that of `out`, if there is one. */
  mapOne(bound: BoundColumns, type: OutputType, out: NumericArray | undefined, rows: number): NumericArray {
    if (bound.validities !== undefined) return this.#mapOneLong(bound, type, out, rows);
    const last = this.#last;
    const kernel =
      last !== undefined && last.key === bound.key && last.goal === type
        ? last.kernel
        : this.#mapping(bound, [requestNumbers(type, out)]);
    const isDelivered =
      out !== undefined && (currentDeadline() > 0 || typedArrayLength(out) < rows || rows === 0);
    if (kernel.runRows === undefined || isDelivered) {
      return this.#mapOneLong(bound, type, out, rows);
    }
    if (out !== undefined || rows > fewRows) {
      const output = out ?? createOutput(type, rows);
      kernel.runRows(bound, output, type, rows);
      return output;
    }
    kernel.runRows(bound, smallOutput(type), type, rows);
    return takeSmall(type, rows);
  }

  /** Whether such a run may throw half-way, or write anywhere but into the arrays that are given. */
  mayThrow(bound: BoundColumns, requested: readonly RequestedOutput[]): boolean {
    return this.#mapping(bound, requested).mayThrow;
  }

  #mapOneLong(
    bound: BoundColumns,
    type: OutputType,
    out: NumericArray | undefined,
    rows: number,
  ): NumericArray {
    return elementAt(this.mapNumbers(bound, [requestNumbers(type, out)], rows), 0);
  }

  /** As {@link map}, of what kernels compute. */
  mapNumbers(bound: BoundColumns, requested: readonly RequestedOutput[], rows: number): NumericArray[] {
    this.requireRoom(requested, rows);
    if (bound.validities !== undefined) {
      const aware = this.#nullAware(bound, missingIsNaN);
      return runWithPresences(bound, aware, rows, (columns) =>
        aware.kernels.mapNumbers(columns, requested, rows),
      );
    }
    const kernel = this.#mapping(bound, requested);
    const { arrays: columns, uniforms } = bound;
    if (!kernel.mayThrow && currentDeadline() === 0) {
      const outputs = requested.map(({ type, out }) => out ?? createOutput(type, rows));
      kernel.run({ columns, outputs, uniforms, length: rows, partials: undefined });
      return outputs;
    }
    this.refuseOverlap(bound, requested, rows);
    const results = requested.map(({ type }) => createOutput(type, rows));
    this.#run(kernel, { columns, outputs: results, uniforms, length: rows, partials: undefined });
    return this.#deliver(requested, results, rows);
  }

  async mapNumbersAsync(
    bound: BoundColumns,
    requested: readonly RequestedOutput[],
    rows: number,
    options: AsyncRunOptions,
  ): Promise<NumericArray[]> {
    options.signal?.throwIfAborted();
    this.requireRoom(requested, rows);
    if (bound.validities !== undefined) {
      const aware = this.#nullAware(bound, missingIsNaN);
      return aware.kernels.mapNumbersAsync(withPresences(bound, aware, rows), requested, rows, options);
    }
    const kernel = this.#mapping(bound, requested);
    this.refuseOverlap(bound, requested, rows);
    const results = requested.map(({ type, out }) =>
      out !== undefined && isShared(out) && !kernel.mayThrow && options.deadline === 0
        ? out
        : createOutput(type, rows),
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
  reduce(kind: FoldKind, bound: BoundColumns, rows: number): number {
    if (bound.validities !== undefined) {
      const aware = this.#nullAware(bound, leftOut[kind]);
      return runWithPresences(bound, aware, rows, (columns) => aware.kernels.reduce(kind, columns, rows));
    }
    const kernel = this.#reduction(kind, bound);
    const count = partialCount(rows);
    if (kernel.runRows !== undefined && count <= smallPartials.length) {
      kernel.runRows(bound, smallPartials, kind, rows);
      return combineSmall(kind, rows);
    }
    const partials = new Float64Array(count);
    const { arrays: columns, uniforms } = bound;
    this.#run(kernel, { columns, outputs: [], uniforms, length: rows, partials });
    return combinePartials(kind, partials, count);
  }

  async reduceAsync(
    kind: FoldKind,
    bound: BoundColumns,
    rows: number,
    options: AsyncRunOptions,
  ): Promise<number> {
    options.signal?.throwIfAborted();
    if (bound.validities !== undefined) {
      const aware = this.#nullAware(bound, leftOut[kind]);
      return aware.kernels.reduceAsync(kind, withPresences(bound, aware, rows), rows, options);
    }
    const kernel = this.#reduction(kind, bound);
    const partials = new Float64Array(partialCount(rows));
    const { arrays: columns, uniforms } = bound;
    await this.#runAsync(kernel, { columns, outputs: [], uniforms, length: rows, partials }, options);
    return combinePartials(kind, partials, partials.length);
  }

  /** The exact sum of the first output. */
  exactSum(bound: BoundColumns, rows: number): ExactSum {
    if (bound.validities !== undefined) {
      const aware = this.#nullAware(bound, leftOut.sum);
      return runWithPresences(bound, aware, rows, (columns) => aware.kernels.exactSum(columns, rows));
    }
    const kernel = this.#reduction('exact', bound);
    const task = exactTask(bound, rows);
    this.#run(kernel, task);
    return sumOfPartials(task.partials);
  }

  async exactSumAsync(bound: BoundColumns, rows: number, options: AsyncRunOptions): Promise<ExactSum> {
    options.signal?.throwIfAborted();
    if (bound.validities !== undefined) {
      const aware = this.#nullAware(bound, leftOut.sum);
      return aware.kernels.exactSumAsync(withPresences(bound, aware, rows), rows, options);
    }
    const kernel = this.#reduction('exact', bound);
    const task = exactTask(bound, rows);
    await this.#runAsync(kernel, task, options);
    return sumOfPartials(task.partials);
  }

  protected mapMissing(
    bound: BoundColumns,
    requested: readonly RequestedOutput[],
    rows: number,
  ): NullableArray[] {
    const { aware, wanted } = this.#nullableRun(bound, requested);
    const validity = aware.form.isStrict ? commonBitmap(bound, aware.form, rows) : undefined;
    const numbers = runWithPresences(bound, aware, rows, (columns) =>
      aware.kernels.mapNumbers(columns, wanted, rows),
    );
    const arrays = this.converted(wanted, numbers, rows);
    return validity === undefined ? paired(arrays) : sharing(arrays, validity);
  }

  protected async mapMissingAsync(
    bound: BoundColumns,
    requested: readonly RequestedOutput[],
    rows: number,
    options: AsyncRunOptions,
  ): Promise<NullableArray[]> {
    this.requireRoom(requested, rows);
    options.signal?.throwIfAborted();
    this.refuseOverlap(bound, requested, rows);
    const { aware, wanted } = this.#nullableRun(bound, requested);
    const validity = aware.form.isStrict ? commonBitmap(bound, aware.form, rows) : undefined;
    const columns = withPresences(bound, aware, rows);
    const numbers = await aware.kernels.mapNumbersAsync(columns, wanted, rows, options);
    const arrays = this.converted(wanted, numbers, rows);
    return validity === undefined ? paired(arrays) : sharing(arrays, validity);
  }

  protected countThere(bound: BoundColumns, rows: number): number {
    const aware = this.#nullAware(bound, onlyPresence);
    if (aware.form.isStrict) return countBits(commonBitmap(bound, aware.form, rows));
    return runWithPresences(bound, aware, rows, (columns) => aware.kernels.reduce('count', columns, rows));
  }

  protected async countThereAsync(
    bound: BoundColumns,
    rows: number,
    options: AsyncRunOptions,
  ): Promise<number> {
    const aware = this.#nullAware(bound, onlyPresence);
    if (aware.form.isStrict) return countBits(commonBitmap(bound, aware.form, rows));
    return aware.kernels.reduceAsync('count', withPresences(bound, aware, rows), rows, options);
  }

  /** The kernels for columns with missing values. */
  #nullAware(bound: BoundColumns, goal: NullGoal) {
    if (this.#released) throw new ReleasedError();
    if (this.#nulls === undefined) throw new TypeError('this function takes no columns with missing values');
    return this.#nulls.of(bound, goal);
  }

  /** Those that give all that a bitmap is made of, and what is to be asked of them. */
  #nullableRun(bound: BoundColumns, requested: readonly RequestedOutput[]) {
    const { carried } = this.#program;
    // A presence that the next row needs has to be computed as an output.
    if (carried === undefined || carried.size === 0) {
      const strict = this.#nullAware(bound, missingIsNaN);
      if (strict.form.isStrict) return { aware: strict, wanted: requested };
    }
    const presence = requested.map(() => requestNumbers('mask', undefined));
    return { aware: this.#nullAware(bound, valuesAndPresence), wanted: [...requested, ...presence] };
  }

  partOf(bound: BoundColumns, from: number, to: number): BoundColumns | undefined {
    const { parameters, values, validities } = bound;
    // What is undefined is the number of the row, or how many there are.
    if (values.includes(undefined)) return undefined;
    const part = new BoundColumns(parameters);
    for (const [position, value] of values.entries()) {
      if (typeof value === 'object') requireElements(value, to, elementAt(parameters, position));
      part.values[position] = typeof value === 'object' ? rowsOf(value, from, to) : value;
    }
    part.validities = validities?.map((validity) => validity && fromRow(validity, from));
    part.length = to - from;
    part.key = bound.key;
    return part;
  }

  /** Runs in flight go on to their end. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#nulls?.release();
    this.#last = undefined;
    this.short?.forget();
    for (const { kernel } of this.#entries.values()) kernel.release();
    this.#entries.clear();
  }

  #mapping(bound: BoundColumns, requested: readonly RequestedOutput[]): LoadedKernel {
    const goal = requested.map(({ type }) => type).join();
    const kernel = this.#kernel(bound, goal, () =>
      this.#program.outputs.map((output, index) => ({
        function: output.function,
        type: elementAt(requested, index).type,
      })),
    );
    if (this.short !== undefined) this.short.mapping = kernel.short;
    return kernel;
  }

  #reduction(kind: ReductionKind, bound: BoundColumns): LoadedKernel {
    const kernel = this.#kernel(bound, kind, () => [
      { function: elementAt(this.#program.outputs, 0).function, reduce: kind },
    ]);
    if (this.short !== undefined) {
      this.short.reduction = kernel.short;
      this.short.reductionKind = kind;
    }
    return kernel;
  }

  #kernel(bound: BoundColumns, goal: string, outputs: () => KernelOutput[]): LoadedKernel {
    if (this.#released) throw new ReleasedError();
    const { key } = bound;
    const last = this.#last;
    if (last !== undefined && last.goal === goal && last.key === key) return last.kernel;
    const name = `${key}>${goal}`;
    const entry = this.#entries.get(name) ?? {
      key,
      goal,
      kernel: this.#program.load({ parameters: this.#parametersOf(bound), outputs: outputs() }),
    };
    this.#entries.delete(name);
    this.#entries.set(name, entry);
    this.#last = entry;
    this.#evict();
    return entry.kernel;
  }

  #parametersOf(bound: BoundColumns): KernelParameter[] {
    const { carried, wholes } = this.#program;
    return parametersOf(bound.codes).map((parameter, position): KernelParameter => {
      if (wholes?.has(position) === true) return { kind: 'elements' };
      const output = carried?.get(position);
      return output === undefined ? parameter : { kind: 'carried', output };
    });
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
      kernel.run(task);
      return;
    }
    kernel.enter();
    try {
      kernel.run(kernel.copiesColumns ? task : { ...task, columns: task.columns.map(copy) });
    } finally {
      kernel.leave();
    }
  }

  async #runAsync(kernel: LoadedKernel, task: KernelTask, options: AsyncRunOptions): Promise<void> {
    if (kernel.start !== undefined) await kernel.start(task, options);
    else {
      const name = elementAt(this.#program.outputs, 0).function;
      await runInSlices(kernel, { ...task, columns: task.columns.map(copy) }, options, name);
    }
  }

  /** Copies the results to where they were asked for, if that still exists. */
  #deliver(
    requested: readonly RequestedOutput[],
    results: readonly NumericArray[],
    rows: number,
  ): NumericArray[] {
    this.requireRoom(requested, rows);
    return requested.map(({ out }, index) => {
      const result = elementAt(results, index);
      if (out === undefined || out === result) return result;
      setTypedArray(out, result);
      return out;
    });
  }
}

function exactTask({ arrays: columns, uniforms }: BoundColumns, length: number) {
  const partials = new Float64Array(partialCount(length) * partialsOf('exact'));
  return { columns, outputs: [], uniforms, length, partials };
}

const missingIsNaN: NullGoal = Object.freeze({ kind: 'values', missing: Number.NaN });
const valuesAndPresence: NullGoal = Object.freeze({ kind: 'both' });
const onlyPresence: NullGoal = Object.freeze({ kind: 'presence' });

/** By reduction: what changes no accumulator, and stands where a row is missing. A zero that is negative leaves every sum as it is. */
const leftOut: Readonly<Record<FoldKind, NullGoal>> = Object.freeze({
  sum: { kind: 'values', missing: -0 },
  count: { kind: 'values', missing: -0 },
  any: { kind: 'values', missing: -0 },
  prod: { kind: 'values', missing: 1 },
  all: { kind: 'values', missing: 1 },
  min: { kind: 'values', missing: Number.POSITIVE_INFINITY },
  max: { kind: 'values', missing: Number.NEGATIVE_INFINITY },
});

/** Presences of elements are elements, and those of what an output was are what its presence was, which comes behind all outputs. */
function programOf(
  { outputs: own, wholes, carried }: KernelProgram,
  parameters: readonly string[],
  { groups, outputs, load }: NullForm,
): KernelProgram {
  const ownCount = parameters.length - groups.length;
  const allWholes = new Set(wholes);
  const allCarried = new Map(carried);
  for (const [index, group] of groups.entries()) {
    const [position = -1] = group.parameters;
    if (group.of === 'elements') allWholes.add(ownCount + index);
    const output = carried?.get(position);
    if (output !== undefined) allCarried.set(ownCount + index, own.length + output);
  }
  const nulls = undefined;
  return { parameters, outputs, wholes: allWholes, carried: allCarried, timeout: undefined, load, nulls };
}

function commonBitmap(bound: BoundColumns, { groups }: NullForm, rows: number): Uint8Array {
  return commonBits(
    groups.flatMap((group) => validitiesIn(bound, group)),
    rows,
  );
}

/** Each with a bitmap of its own. */
function sharing(arrays: readonly ResultArray[], validity: Uint8Array): NullableArray[] {
  return arrays.map((values, index) => ({ values, validity: index === 0 ? validity : validity.slice() }));
}

/** The arrays are those of all outputs, and then their presences. */
function paired(arrays: readonly ResultArray[]): NullableArray[] {
  const count = arrays.length / 2;
  return arrays.slice(0, count).map((values, index) => ({
    values,
    validity: bitmapOf(elementAt(arrays, count + index) as Uint8Array),
  }));
}

/** The array if it is on shared memory; otherwise a copy, which nobody else can detach or shrink. */
function copy(array: NumericArray): NumericArray {
  if (isShared(array)) return array;
  requireAttached(array, 'a column');
  return copyOf(array);
}
