/**
 * Runs a formula that asks for other rows (`planned-steps.ts`): at once or in other threads, for whatever elements are beyond the rows.
 * Its code goes when it was released and no run is under way.
 */

import type { FoldKind, OutputType } from '../../jit/kernel/kernel-spec.ts';
import { ReleasedError } from '../../jit/runtime/released-error.ts';
import type { Edges } from '../../lang/row-functions.ts';
import { elementAt } from '../../support/element.ts';
import { ExactSum } from '../../support/exact-sum.ts';
import { setTypedArray } from '../../support/intrinsics.ts';
import { isTrue } from '../../support/truth.ts';
import { BoundColumns, type Validity } from '../backends/bound-columns.ts';
import { copyOf, createOutput, type NumericArray, rowsOf } from '../backends/column-types.ts';
import type { AsyncRunOptions } from '../backends/loaded-kernel.ts';
import { ColumnKernels } from './column-kernels.ts';
import { type RequestedOutput, requestNumbers } from './kernel-outputs.ts';
import type { NullableArray } from './nullable-array.ts';
import type { PlannedProgram } from './planned-program.ts';
import {
  type Answer,
  type Computed,
  type MapWork,
  PlannedSteps,
  type Steps,
  type Work,
} from './planned-steps.ts';

export class PlannedKernels extends ColumnKernels {
  readonly short = undefined;
  readonly #program: PlannedProgram;
  readonly #steps: PlannedSteps;
  /** By what elements are beyond the rows, if that is another matter: the same kernels for that. */
  readonly #others = new Map<Edges, PlannedKernels>();
  /** How many are under way. */
  #runs = 0;
  #released = false;

  constructor(program: PlannedProgram) {
    super(program);
    this.#program = program;
    this.#steps = new PlannedSteps(program);
  }

  override bind(columns: object, edges?: Edges, read?: readonly unknown[]): BoundColumns {
    const bound = super.bind(columns, edges, read);
    for (const [index, name] of this.parameters.entries()) {
      if ((name === 'index' || name === 'length') && bound.values[index] !== undefined) {
        const meaning = name === 'index' ? 'the number of the row' : 'how many rows there are';
        throw new TypeError(
          `${name} cannot be given: in a formula that looks at other rows it is ${meaning}`,
        );
      }
    }
    return bound;
  }

  mapOne(bound: BoundColumns, type: OutputType, out: NumericArray | undefined, rows: number): NumericArray {
    return elementAt(this.mapNumbers(bound, [requestNumbers(type, out)], rows), 0);
  }

  protected mapMissing(
    bound: BoundColumns,
    requested: readonly RequestedOutput[],
    rows: number,
  ): NullableArray[] {
    const others = this.#withEdges(bound.edges);
    if (others !== undefined) return others.mapMissing(bound, requested, rows);
    const results = this.#atOnce(this.#steps.mapNullable(bound, requested, rows));
    return this.#deliverNullable(requested, results, rows);
  }

  protected async mapMissingAsync(
    bound: BoundColumns,
    requested: readonly RequestedOutput[],
    rows: number,
    options: AsyncRunOptions,
  ): Promise<NullableArray[]> {
    options.signal?.throwIfAborted();
    const others = this.#withEdges(bound.edges);
    if (others !== undefined) return others.mapMissingAsync(bound, requested, rows, options);
    const own = ownColumns(bound);
    this.requireRoom(requested, rows);
    this.refuseOverlap(own, requested, rows);
    const results = await this.#withPauses(this.#steps.mapNullable(own, requested, rows), options);
    return this.#deliverNullable(requested, results, rows);
  }

  protected countThere(bound: BoundColumns, rows: number): number {
    const others = this.#withEdges(bound.edges);
    if (others !== undefined) return others.countThere(bound, rows);
    return this.#atOnce(this.#steps.count(bound, rows));
  }

  protected async countThereAsync(
    bound: BoundColumns,
    rows: number,
    options: AsyncRunOptions,
  ): Promise<number> {
    const others = this.#withEdges(bound.edges);
    if (others !== undefined) return others.countThereAsync(bound, rows, options);
    return this.#withPauses(this.#steps.count(ownColumns(bound), rows), options);
  }

  mapNumbers(bound: BoundColumns, requested: readonly RequestedOutput[], rows: number): NumericArray[] {
    const others = this.#withEdges(bound.edges);
    if (others !== undefined) return others.mapNumbers(bound, requested, rows);
    this.requireRoom(requested, rows);
    this.refuseOverlap(bound, requested, rows);
    const results = this.#atOnce(this.#steps.map(bound, requested, rows, false));
    return this.#deliver(requested, results, rows);
  }

  async mapNumbersAsync(
    bound: BoundColumns,
    requested: readonly RequestedOutput[],
    rows: number,
    options: AsyncRunOptions,
  ): Promise<NumericArray[]> {
    options.signal?.throwIfAborted();
    const others = this.#withEdges(bound.edges);
    if (others !== undefined) return others.mapNumbersAsync(bound, requested, rows, options);
    const own = ownColumns(bound);
    this.requireRoom(requested, rows);
    this.refuseOverlap(own, requested, rows);
    const results = await this.#withPauses(this.#steps.map(own, requested, rows, true), options);
    return this.#deliver(requested, results, rows);
  }

  exactSum(bound: BoundColumns, rows: number): ExactSum {
    const others = this.#withEdges(bound.edges);
    if (others !== undefined) return others.exactSum(bound, rows);
    return sumOfValues(this.#atOnce(this.#steps.values(bound, rows)));
  }

  async exactSumAsync(bound: BoundColumns, rows: number, options: AsyncRunOptions): Promise<ExactSum> {
    options.signal?.throwIfAborted();
    const others = this.#withEdges(bound.edges);
    if (others !== undefined) return others.exactSumAsync(bound, rows, options);
    return sumOfValues(await this.#withPauses(this.#steps.values(ownColumns(bound), rows), options));
  }

  reduce(kind: FoldKind, bound: BoundColumns, rows: number): number {
    const others = this.#withEdges(bound.edges);
    if (others !== undefined) return others.reduce(kind, bound, rows);
    return this.#atOnce(this.#steps.reduce(kind, bound, rows));
  }

  async reduceAsync(
    kind: FoldKind,
    bound: BoundColumns,
    rows: number,
    options: AsyncRunOptions,
  ): Promise<number> {
    options.signal?.throwIfAborted();
    const others = this.#withEdges(bound.edges);
    if (others !== undefined) return others.reduceAsync(kind, bound, rows, options);
    return this.#withPauses(this.#steps.reduce(kind, ownColumns(bound), rows), options);
  }

  /** Rows that look at others do not stand alone. */
  partOf(): undefined {}

  /** A run is many runs of kernels, of which some may be made late; so all are kept until it has ended. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    for (const others of this.#others.values()) others.release();
    if (this.#runs === 0) this.#steps.release();
  }

  #atOnce<Result>(steps: Steps<Result>): Result {
    this.#runs++;
    try {
      return atOnce(steps);
    } finally {
      this.#end();
    }
  }

  async #withPauses<Result>(steps: Steps<Result>, options: AsyncRunOptions): Promise<Result> {
    this.#runs++;
    try {
      return await withPauses(steps, options);
    } finally {
      this.#end();
    }
  }

  #end(): void {
    this.#runs--;
    if (this.#released && this.#runs === 0) this.#steps.release();
  }

  /** Undefined if these are the kernels for such edges. Where rows are at fixed distances, they are told apart by what these are given. */
  #withEdges(edges: Edges): PlannedKernels | undefined {
    if (this.#released) throw new ReleasedError();
    const { inputs } = this.#program.plan;
    const isOfCode =
      inputs.some(({ kind }) => kind === 'elements') ||
      (edges === 'error' && inputs.some(({ kind }) => kind === 'neighbour'));
    if (!isOfCode || edges === this.#program.edges) return undefined;
    let others = this.#others.get(edges);
    if (others === undefined) {
      others = new PlannedKernels(this.#program.withEdges(edges));
      this.#others.set(edges, others);
    }
    return others;
  }

  #deliverNullable(
    requested: readonly RequestedOutput[],
    results: readonly (Computed & { readonly validity: Uint8Array })[],
    rows: number,
  ): NullableArray[] {
    const arrays = this.converted(requested, this.#deliver(requested, results, rows), rows);
    return arrays.map((values, index) => ({ values, validity: elementAt(results, index).validity }));
  }

  #deliver(
    requested: readonly RequestedOutput[],
    results: readonly Computed[],
    rows: number,
  ): NumericArray[] {
    this.requireRoom(requested, rows);
    return requested.map((output, index) => deliver(output, elementAt(results, index), rows));
  }
}

function sumOfValues(values: Float64Array): ExactSum {
  const sum = new ExactSum();
  sum.add(values, 0, values.length);
  return sum;
}

function atOnce<Result>(steps: Steps<Result>): Result {
  let step = steps.next();
  while (step.done !== true) {
    step = steps.next(done(step.value));
  }
  return step.value;
}

function done(work: Work): Answer {
  const { kernels, bound, rows } = work;
  switch (work.kind) {
    case 'map':
      return work.isNullable ? kernels.mapNullable(bound, work.requested, rows) : mapped(work);
    case 'reduce':
      return kernels.reduce(work.reduction, bound, rows);
    case 'count':
      return kernels.countPresent(bound, rows);
  }
}

function doneAsync(work: Work, options: AsyncRunOptions): Promise<Answer> {
  const { kernels, bound, rows } = work;
  switch (work.kind) {
    case 'map':
      return work.isNullable
        ? kernels.mapNullableAsync(bound, work.requested, rows, options)
        : kernels.mapNumbersAsync(bound, work.requested, rows, options);
    case 'reduce':
      return kernels.reduceAsync(work.reduction, bound, rows, options);
    case 'count':
      return kernels.countPresentAsync(bound, rows, options);
  }
}

function mapped({ kernels, bound, requested, rows }: MapWork): Answer {
  if (requested.length > 1) return kernels.mapNumbers(bound, requested, rows);
  const { type, out } = elementAt(requested, 0);
  return [kernels.mapOne(bound, type, out, rows)];
}

async function withPauses<Result>(steps: Steps<Result>, options: AsyncRunOptions): Promise<Result> {
  const { onProgress, ...given } = options;
  const run: AsyncRunOptions = { ...given, onProgress: undefined };
  let step = steps.next();
  while (step.done !== true) {
    step = steps.next(await doneAsync(step.value, run));
  }
  onProgress?.(1);
  return step.value;
}

/** The columns in arrays that nobody else changes or takes away meanwhile. */
function ownColumns(bound: BoundColumns): BoundColumns {
  const own = new BoundColumns(bound.parameters);
  own.length = bound.length;
  own.edges = bound.edges;
  own.validities = bound.validities?.map((validity) => validity && ownValidity(validity));
  for (const [position, value] of bound.values.entries()) {
    own.values[position] = typeof value === 'object' ? copyOf(rowsOf(value, 0, bound.length)) : value;
  }
  own.key = bound.key;
  return own;
}

function ownValidity({ bytes, offset }: Validity): Validity {
  return { bytes: copyOf(bytes) as Uint8Array, offset };
}

/** Puts the results of a run where they were asked for. */
function deliver({ type, out }: RequestedOutput, result: Computed, rows: number): NumericArray {
  if (out === result.out || (out === undefined && result.type === type)) return result.out;
  const target = out ?? createOutput(type, rows);
  if (type === 'mask' && result.type !== type) {
    for (let row = 0; row < rows; row++) {
      target[row] = Number(isTrue(result.out[row] as number));
    }
  } else {
    setTypedArray(target, result.out);
  }
  return target;
}
