/**
 * Runs a formula that asks for other rows, as its plan has it (`row-plan.ts`): what is of whole columns is computed first, and then the
 * rows go to kernels that know nothing of it.
 *
 * Rows before and after are columns too, which begin some elements earlier or later in the same memory. So most rows go together, and only
 * those near the first and the last are given elements of their own, which stand for those that are not there. A result that the next row needs makes kernels
 * take their rows in order; the first row, which has none before it, is a run of its own.
 *
 * What is to be run is found out step by step by generators, which hand each run to who asked: to be done at once, or in other threads.
 */

import type { FoldKind, OutputType } from '../../jit/kernel/kernel-spec.ts';
import { reduceRows } from '../../jit/kernel/reductions.ts';
import { ReleasedError } from '../../jit/runtime/released-error.ts';
import { cutText } from '../../support/cut-text.ts';
import { elementAt, maybeAt } from '../../support/element.ts';
import { ExactSum } from '../../support/exact-sum.ts';
import {
  createSharedMemory,
  isSharedBuffer,
  setTypedArray,
  typedArrayBuffer,
} from '../../support/intrinsics.ts';
import { invariant } from '../../support/invariant.ts';
import { BoundColumns, type Edges, requireElements } from '../backends/bound-columns.ts';
import {
  createOutput,
  elementCode,
  type NumericArray,
  outputTypeOf,
  rowsOf,
} from '../backends/column-types.ts';
import type { RowFunction } from '../backends/executable.ts';
import { KernelError, type KernelErrorCode } from '../backends/kernel-error.ts';
import type { AsyncRunOptions } from '../backends/loaded-kernel.ts';
import { findOverlap, overlapError } from '../backends/overlap.ts';
import { currentDeadline, deadlineAfter, withDeadline } from '../backends/time-limit.ts';
import { type PlannedInput, type PlannedStage, type RowPlan, stagesOf } from '../front/row-plan.ts';
import type { ColumnKernels } from './column-kernels.ts';
import { elementsAround } from './edges.ts';
import type { ResultArray } from './foreign-outputs.ts';
import { bindColumns } from './kernel-columns.ts';
import { convertOutputs, type RequestedOutput, requireRoom } from './kernel-outputs.ts';
import { type KernelProgram, KernelSet } from './kernel-set.ts';
import type { NullableArray } from './nullable-array.ts';
import { roll } from './rolling.ts';
import { computeStatistic } from './statistics.ts';
import { fullBitmap } from './validity.ts';

/** An array that takes an output. */
interface Computed extends RequestedOutput {
  readonly out: NumericArray;
}

/** A run of kernels; the answer to it are arrays, or what they are reduced to. */
type Work = MapWork | ReduceWork;

interface MapWork {
  readonly kind: 'map';
  readonly kernels: KernelSet;
  readonly bound: BoundColumns;
  readonly requested: readonly RequestedOutput[];
  readonly rows: number;
}

interface ReduceWork {
  readonly kind: 'reduce';
  readonly kernels: KernelSet;
  readonly bound: BoundColumns;
  readonly reduction: FoldKind;
  readonly rows: number;
}

type Answer = readonly NumericArray[] | number;
type Steps<Result> = Generator<Work, Result, Answer>;

/** What a hidden parameter is in all rows; undefined where that depends on which rows go together. */
type HiddenValue = NumericArray | number | undefined;

type AggregateInput = Extract<PlannedInput, { readonly kind: 'aggregate' }>;

/** What a run over columns has: hidden parameters are filled in on the way. */
interface Run {
  readonly bound: BoundColumns;
  readonly hidden: HiddenValue[];
  readonly rows: number;
}

/** Rows that go together, `to` is behind them. */
interface Segment {
  readonly from: number;
  readonly to: number;
  /** May they look beyond the rows that there are? */
  readonly isEdge: boolean;
}

/** Rows that go together, all that they take, and what computes them. */
interface Part {
  readonly segment: Segment;
  readonly kernels: KernelSet;
  readonly bound: BoundColumns;
}

/** A program with a plan. */
export interface PlannedProgram extends KernelProgram {
  /** The same program for other edges, where these are a matter of its code. */
  readonly withEdges: (edges: Edges) => PlannedProgram;
  readonly plan: RowPlan;
  /** By output: the function for the first row. */
  readonly firsts: readonly string[];
  /** What elements at any row are beyond the rows. */
  readonly edges: Edges;
}

/** Functions that go over all rows together. */
interface Pass {
  readonly functions: readonly string[];
  /** By position of a parameter: do they use it? */
  readonly uses: readonly boolean[];
  /** How many rows they look back, and how many ahead. */
  readonly before: number;
  readonly after: number;
  readonly kernels: KernelSet;
  /** Of the first row, where that is one of its own, and rows need the one before. */
  readonly first: KernelSet | undefined;
}

/** `variant` makes what differs by what elements beyond the rows are. */
export function plannedProgram(
  program: KernelProgram,
  variant: (edges: Edges) => RowFunction & { readonly firsts: readonly string[] },
  edges: Edges = 'nan',
): PlannedProgram {
  const { plan, firsts, loadKernel } = variant(edges);
  return {
    ...program,
    plan,
    firsts,
    edges,
    load: loadKernel,
    withEdges: (others) => plannedProgram(program, variant, others),
  };
}

export class PlannedKernels implements ColumnKernels {
  readonly outputNames: readonly string[];
  readonly short = undefined;
  readonly #program: PlannedProgram;
  readonly #plan: RowPlan;
  readonly #hasPrevious: boolean;
  readonly #main: Pass;
  readonly #stages = new Map<PlannedStage, Pass>();
  /** By what elements are beyond the rows, if that is another matter: the same kernels for that. */
  readonly #others = new Map<Edges, PlannedKernels>();
  /** How many are under way. */
  #runs = 0;
  #released = false;

  constructor(program: PlannedProgram) {
    const { plan, outputs } = program;
    this.#program = program;
    this.#plan = plan;
    this.outputNames = outputs.map(({ name }) => name);
    this.#hasPrevious = plan.inputs.some(({ kind }) => kind === 'previous');
    const names = outputs.map((output) => output.function);
    this.#main = this.#passOf(names, plan.uses, this.#hasPrevious ? program.firsts : undefined);
    for (const input of plan.inputs) {
      for (const stage of stagesOf(input)) {
        this.#stages.set(stage, this.#passOf([stage.function], stage.uses, undefined));
      }
    }
  }

  get parameters(): readonly string[] {
    return this.#program.parameters;
  }

  bind(columns: object, read?: readonly unknown[]): BoundColumns {
    const bound = bindColumns(this.parameters, columns, read);
    if (bound.validities !== undefined)
      throw new TypeError('a formula that looks at other rows takes no columns with missing values');
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

  deadline(timeout: number | undefined): number {
    return deadlineAfter(timeout ?? this.#program.timeout);
  }

  timed<T>(timeout: number | undefined, body: () => T): T {
    const most = timeout ?? this.#program.timeout;
    return most === undefined ? body() : withDeadline(deadlineAfter(most), body);
  }

  mapOne(bound: BoundColumns, type: OutputType, out: NumericArray | undefined, rows: number): NumericArray {
    return elementAt(this.mapNumbers(bound, [{ type, out, foreign: undefined }], rows), 0);
  }

  mapOneTimed(
    bound: BoundColumns,
    type: OutputType,
    out: NumericArray | undefined,
    rows: number,
    timeout: number | undefined,
  ): NumericArray {
    return this.timed(timeout, () => this.mapOne(bound, type, out, rows));
  }

  map(bound: BoundColumns, requested: readonly RequestedOutput[], rows: number): ResultArray[] {
    return this.#converted(requested, this.mapNumbers(bound, requested, rows), rows);
  }

  async mapAsync(
    bound: BoundColumns,
    requested: readonly RequestedOutput[],
    rows: number,
    options: AsyncRunOptions,
  ): Promise<ResultArray[]> {
    return this.#converted(requested, await this.mapNumbersAsync(bound, requested, rows, options), rows);
  }

  mapNullable(bound: BoundColumns, requested: readonly RequestedOutput[], rows: number): NullableArray[] {
    return this.map(bound, requested, rows).map((values) => ({ values, validity: fullBitmap(rows) }));
  }

  async mapNullableAsync(
    bound: BoundColumns,
    requested: readonly RequestedOutput[],
    rows: number,
    options: AsyncRunOptions,
  ): Promise<NullableArray[]> {
    const arrays = await this.mapAsync(bound, requested, rows, options);
    return arrays.map((values) => ({ values, validity: fullBitmap(rows) }));
  }

  countPresent(_bound: BoundColumns, rows: number): number {
    return rows;
  }

  async countPresentAsync(_bound: BoundColumns, rows: number): Promise<number> {
    return rows;
  }

  /** As {@link map}, of what kernels compute. */
  mapNumbers(bound: BoundColumns, requested: readonly RequestedOutput[], rows: number): NumericArray[] {
    const others = this.#withEdges(bound.edges);
    if (others !== undefined) return others.mapNumbers(bound, requested, rows);
    return this.#atOnce(this.#map(bound, requested, rows, false));
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
    return this.#withPauses(this.#map(ownColumns(bound), requested, rows, true), options);
  }

  exactSum(bound: BoundColumns, rows: number): ExactSum {
    return sumOfValues(this.mapOne(bound, 'f64', undefined, rows));
  }

  async exactSumAsync(bound: BoundColumns, rows: number, options: AsyncRunOptions): Promise<ExactSum> {
    const results = await this.mapNumbersAsync(
      bound,
      [{ type: 'f64', out: undefined, foreign: undefined }],
      rows,
      options,
    );
    return sumOfValues(elementAt(results, 0));
  }

  reduce(kind: FoldKind, bound: BoundColumns, rows: number): number {
    const others = this.#withEdges(bound.edges);
    if (others !== undefined) return others.reduce(kind, bound, rows);
    return this.#atOnce(this.#reduce(kind, bound, rows));
  }

  reduceTimed(kind: FoldKind, bound: BoundColumns, rows: number, timeout: number | undefined): number {
    return this.timed(timeout, () => this.reduce(kind, bound, rows));
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
    return this.#withPauses(this.#reduce(kind, ownColumns(bound), rows), options);
  }

  /** Rows that look at others do not stand alone. */
  partOf(): undefined {}

  /** A run is many runs of kernels, of which some may be made late; so all are kept until it has ended. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    for (const others of this.#others.values()) others.release();
    if (this.#runs === 0) this.#releaseKernels();
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
    if (this.#released && this.#runs === 0) this.#releaseKernels();
  }

  #releaseKernels(): void {
    for (const { kernels, first } of [this.#main, ...this.#stages.values()]) {
      kernels.release();
      first?.release();
    }
  }

  /** Undefined if these are the kernels for such edges. Where rows are at fixed distances, they are told apart by what these are given. */
  #withEdges(edges: Edges): PlannedKernels | undefined {
    if (this.#released) throw new ReleasedError();
    const { inputs } = this.#plan;
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

  *#map(
    bound: BoundColumns,
    requested: readonly RequestedOutput[],
    rows: number,
    isApart: boolean,
  ): Steps<NumericArray[]> {
    this.#requireRoom(requested, rows);
    this.#refuseOverlap(bound, requested, rows);
    const run = yield* this.#prepare(bound, rows);
    const parts = this.#partsOf(this.#main, run);
    // What a row hands on to the next is a double, whatever becomes of it.
    const computed = this.#hasPrevious
      ? requested.map(({ out }) => ({ type: 'f64', out, foreign: undefined }) as const)
      : requested;
    const isDirect =
      !isApart &&
      currentDeadline() === 0 &&
      requested.every(({ type, out }, index) => out === undefined || type === computed[index]?.type) &&
      !mayWriteTooEarly(parts, bound, computed);
    const results = computed.map(({ type, out }) => ({
      type,
      out: isDirect && out !== undefined ? out : createOutput(type, rows),
      foreign: undefined,
    }));
    yield* this.#rows(parts, results, rows);
    this.#requireRoom(requested, rows);
    return requested.map((output, index) => deliver(output, elementAt(results, index), rows));
  }

  *#reduce(kind: FoldKind, bound: BoundColumns, rows: number): Steps<number> {
    const run = yield* this.#prepare(bound, rows);
    return yield* this.#reducePass(kind, this.#main, run);
  }

  /** What hidden parameters are, in the order in which they need each other. */
  *#prepare(bound: BoundColumns, rows: number): Steps<Run> {
    const { inputs, order } = this.#plan;
    const hidden: HiddenValue[] = inputs.map(() => undefined);
    const run = { bound, hidden, rows };
    for (const [number, input] of inputs.entries()) {
      if (input.kind !== 'elements') continue;
      hidden[number] = elementsOf(bound.values[input.column], elementAt(this.parameters, input.column), rows);
    }
    for (const number of order) {
      const input = elementAt(inputs, number);
      if (input.kind === 'rowCount') hidden[number] = rows;
      else if (input.kind === 'aggregate') {
        hidden[number] = yield* this.#aggregate(input, run);
      } else if (input.kind === 'rolling') {
        const window = yield* this.#window(input.window, run);
        const values = yield* this.#mapPass(this.#passOfStage(input.stage), run);
        roll(input.rolling, values, window);
        hidden[number] = values;
      }
    }
    return run;
  }

  *#aggregate({ aggregate, stage, share }: AggregateInput, run: Run): Steps<number> {
    const pass = this.#passOfStage(stage);
    switch (aggregate) {
      case 'mean':
        return (yield* this.#reducePass('sum', pass, run)) / run.rows;
      case 'var':
      case 'std':
      case 'median':
      case 'quantile': {
        const q = share === undefined ? 0.5 : yield* this.#share(share, run);
        const values = yield* this.#mapPass(pass, run);
        return computeStatistic({ kind: aggregate, q, ddof: 0 }, values);
      }
      default:
        return yield* this.#reducePass(aggregate, pass, run);
    }
  }

  *#reducePass(kind: FoldKind, pass: Pass, run: Run): Steps<number> {
    const { rows } = run;
    const isWhole = pass.before === 0 && pass.after === 0 && pass.first === undefined;
    if (!isWhole || rows === 0) {
      const values = yield* this.#mapPass(pass, run);
      return reduceRows(kind, rows, (row) => values[row] as number);
    }
    const bound = this.#boundTo(pass, { from: 0, to: rows, isEdge: false }, run);
    return (yield { kind: 'reduce', kernels: pass.kernels, bound, reduction: kind, rows }) as number;
  }

  *#mapPass(pass: Pass, run: Run): Steps<Float64Array> {
    const out = new Float64Array(run.rows);
    yield* this.#rows(this.#partsOf(pass, run), [{ type: 'f64', out, foreign: undefined }], run.rows);
    return out;
  }

  /** How many rows a window has. */
  *#window(stage: PlannedStage, run: Run): Steps<number> {
    const window = yield* this.#shared(stage, run, 'E_WINDOW', 'a window is as long');
    if (Number.isSafeInteger(window) && window >= 1) return window;
    throw new KernelError('E_WINDOW', `a window has a whole number of rows, at least 1, not ${window}`);
  }

  *#share(stage: PlannedStage, run: Run): Steps<number> {
    const share = yield* this.#shared(stage, run, 'E_SHARE', 'the share of a quantile is the same');
    if (share >= 0 && share <= 1) return share;
    throw new KernelError('E_SHARE', `the share of a quantile is a number from 0 to 1, not ${share}`);
  }

  /** A number that has to be the same in all rows; without rows it is whatever does. */
  *#shared(stage: PlannedStage, run: Run, code: KernelErrorCode, rule: string): Steps<number> {
    const { bound, hidden, rows } = run;
    const { ownCount, parameters } = this.#plan;
    for (const position of stage.uses) {
      const value =
        position < ownCount ? maybeAt(bound.values, position) : maybeAt(hidden, position - ownCount);
      const name = elementAt(parameters, position);
      if (typeof value === 'number' || name === 'length') continue;
      const what = position < ownCount ? cutText(name) : 'what it takes of other rows';
      throw new KernelError(code, `${rule} in all rows, and ${what} differs from row to row`);
    }
    if (rows === 0) return 1;
    const out = new Float64Array(1);
    const pass = this.#passOfStage(stage);
    const one = this.#boundTo(pass, { from: 0, to: 1, isEdge: true }, run);
    yield {
      kind: 'map',
      kernels: pass.kernels,
      bound: one,
      requested: [{ type: 'f64', out, foreign: undefined }],
      rows: 1,
    };
    return out[0] as number;
  }

  #partsOf(pass: Pass, run: Run): Part[] {
    const { first, kernels } = pass;
    return segmentsOf(pass, run.rows).map((segment) => ({
      segment,
      kernels: segment.from === 0 ? (first ?? kernels) : kernels,
      bound: this.#boundTo(pass, segment, run),
    }));
  }

  /** Computes all rows, part by part; what a part needs of the row in front of it is put in its place. */
  *#rows(parts: readonly Part[], results: readonly Computed[], rows: number): Steps<void> {
    const { inputs, ownCount } = this.#plan;
    for (const { segment, kernels, bound } of parts) {
      const { from, to } = segment;
      for (let number = 0; number < inputs.length && from > 0; number++) {
        const input = elementAt(inputs, number);
        if (input.kind !== 'previous') continue;
        bound.values[ownCount + number] = elementAt(results, input.output).out[from - 1] as number;
      }
      const requested =
        to - from === rows
          ? results
          : results.map(({ type, out }) => ({ type, out: rowsOf(out, from, to), foreign: undefined }));
      yield { kind: 'map', kernels, bound, requested, rows: to - from };
    }
  }

  /** All parameters, for rows that go together; what is not used is 0, and so is what outputs were in the row in front of them. */
  #boundTo(pass: Pass, segment: Segment, run: Run): BoundColumns {
    const { from, to } = segment;
    const { parameters, inputs, ownCount } = this.#plan;
    const all = new BoundColumns(parameters);
    all.length = to - from;
    for (let position = 0; position < parameters.length; position++) {
      const number = position - ownCount;
      // With other edges a program may ask for the number of the row that did not, and which is last.
      const value = number < 0 ? maybeAt(run.bound.values, position) : maybeAt(run.hidden, number);
      const input = number < 0 ? undefined : inputs[number];
      // What code takes for an address is one, whoever uses it.
      if (input?.kind === 'elements') {
        all.values[position] = value;
      } else if (pass.uses[position] !== true) {
        all.values[position] = 0;
      } else if (typeof value === 'object') {
        requireElements(value, to, elementAt(parameters, position));
        all.values[position] = rowsOf(value, from, to);
      } else {
        all.values[position] =
          value ?? (number < 0 ? undefined : placed(elementAt(inputs, number), segment, run));
      }
    }
    return all.seal();
  }

  #passOfStage(stage: PlannedStage): Pass {
    const pass = this.#stages.get(stage);
    invariant(pass !== undefined, `${stage.function} is a stage of the plan`);
    return pass;
  }

  #passOf(
    functions: readonly string[],
    used: readonly number[],
    firsts: readonly string[] | undefined,
  ): Pass {
    const { parameters, inputs, ownCount } = this.#plan;
    const carried = new Map<number, number>();
    const wholes = new Set(
      inputs.flatMap(({ kind }, number) => (kind === 'elements' ? [ownCount + number] : [])),
    );
    let [before, after] = [0, 0];
    for (const position of used) {
      const input = position < ownCount ? undefined : elementAt(inputs, position - ownCount);
      if (input?.kind === 'previous') carried.set(position, input.output);
      if (input?.kind !== 'neighbour') continue;
      before = Math.max(before, -input.distance);
      after = Math.max(after, input.distance);
    }
    const uses: boolean[] = new Array(parameters.length).fill(false);
    for (const position of used) uses[position] = true;
    return {
      functions,
      uses,
      before,
      after,
      kernels: this.#kernelsOf(functions, wholes, carried),
      first: firsts && this.#kernelsOf(firsts, wholes, new Map()),
    };
  }

  #kernelsOf(
    functions: readonly string[],
    wholes: ReadonlySet<number>,
    carried: ReadonlyMap<number, number>,
  ): KernelSet {
    const { load } = this.#program;
    const outputs = functions.map((name) => ({ name, function: name }));
    const { parameters } = this.#plan;
    return new KernelSet({
      parameters,
      outputs,
      wholes,
      carried,
      timeout: undefined,
      nulls: undefined,
      load: (spec) => load(spec),
    });
  }

  #converted(
    requested: readonly RequestedOutput[],
    numbers: readonly NumericArray[],
    rows: number,
  ): ResultArray[] {
    return convertOutputs(requested, numbers, rows, (index) => this.#nameOfOutput(index));
  }

  #requireRoom(requested: readonly RequestedOutput[], rows: number): void {
    for (const [index, output] of requested.entries()) requireRoom(output, rows, this.#nameOfOutput(index));
  }

  #refuseOverlap(bound: BoundColumns, requested: readonly RequestedOutput[], rows: number): void {
    const given = requested.flatMap(({ out }) => out ?? []);
    const overlap = findOverlap(bound.arrays, given, rows);
    if (overlap === undefined) return;
    const names = requested.flatMap(({ out }, index) => (out === undefined ? [] : this.#nameOfOutput(index)));
    throw overlapError(bound.columnNames, names)(...overlap);
  }

  #nameOfOutput(index: number): string {
    return this.outputNames.length === 1 ? 'out' : `out.${elementAt(this.outputNames, index)}`;
  }
}

/** Would rows be written that others still read, or that are worth nothing if a later one throws? */
function mayWriteTooEarly(
  parts: readonly Part[],
  { arrays }: BoundColumns,
  requested: readonly RequestedOutput[],
): boolean {
  let isGiven = false;
  for (const { out } of requested) {
    if (out === undefined) continue;
    isGiven = true;
    if (arrays.some((array) => mayShareMemory(out, array))) return true;
  }
  return isGiven && parts.some(({ kernels, bound }) => kernels.mayThrow(bound, requested));
}

/**
 * All elements of a column as doubles, for code that takes any of them: in memory of our own, which keeps its length, with room for one more
 * (see `jit/opt/legalise/elements.ts`); shared, so that it goes to other threads as it is.
 */
function elementsOf(column: NumericArray | number | undefined, name: string, rows: number): Float64Array {
  const elements = new Float64Array(createSharedMemory((rows + 2) * 8));
  if (typeof column === 'number') elements.fill(column, 0, rows);
  else if (column !== undefined) {
    requireElements(column, rows, name);
    setTypedArray(elements, rowsOf(column, 0, rows));
  }
  return elements;
}

/** The rows in order, cut where the first and the last begin that have neighbours beyond. */
function segmentsOf({ before, after, first }: Pass, rows: number): Segment[] {
  const head = Math.min(rows, before);
  const tail = Math.max(head, rows - after);
  const segments: Segment[] = [];
  let from = 0;
  const cut = (to: number, isEdge: boolean): void => {
    if (to > from) segments.push({ from, to, isEdge });
    from = Math.max(from, to);
  };
  if (first !== undefined) cut(Math.min(1, rows), head > 0 || tail === 0);
  cut(head, true);
  cut(tail, false);
  cut(rows, true);
  return segments;
}

/** A hidden parameter that depends on which rows go together. */
function placed(input: PlannedInput, { from, to, isEdge }: Segment, { bound, rows }: Run): HiddenValue {
  switch (input.kind) {
    case 'firstRow':
      return from;
    case 'previous':
      return 0;
    case 'neighbour': {
      const column = bound.values[input.column];
      invariant(column !== undefined, 'an element is one of a column');
      const first = from + input.distance;
      if (typeof column === 'object') {
        requireElements(column, rows, elementAt(bound.parameters, input.column));
      }
      if (isEdge) return elementsAround(column, first, to - from, rows, bound.edges);
      return typeof column === 'number' ? column : rowsOf(column, first, first + to - from);
    }
    default:
      return undefined;
  }
}

function sumOfValues(values: NumericArray): ExactSum {
  const sum = new ExactSum();
  sum.add(values as Float64Array, 0, values.length);
  return sum;
}

function atOnce<Result>(steps: Steps<Result>): Result {
  let step = steps.next();
  while (step.done !== true) {
    const work = step.value;
    step = steps.next(
      work.kind === 'map' ? mapped(work) : work.kernels.reduce(work.reduction, work.bound, work.rows),
    );
  }
  return step.value;
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
    const work = step.value;
    const { kernels, bound, rows } = work;
    step = steps.next(
      work.kind === 'map'
        ? await kernels.mapNumbersAsync(bound, work.requested, rows, run)
        : await kernels.reduceAsync(work.reduction, bound, rows, run),
    );
  }
  onProgress?.(1);
  return step.value;
}

/** The columns in arrays that nobody else changes or takes away meanwhile. */
function ownColumns(bound: BoundColumns): BoundColumns {
  const own = new BoundColumns(bound.parameters);
  own.length = bound.length;
  own.edges = bound.edges;
  for (const [position, value] of bound.values.entries()) {
    own.values[position] = typeof value === 'object' ? copied(value, bound.length) : value;
  }
  own.key = bound.key;
  return own;
}

function copied(array: NumericArray, length: number): NumericArray {
  const copy = createOutput(outputTypeOf(elementCode(array)), length);
  setTypedArray(copy, rowsOf(array, 0, length));
  return copy;
}

/** Of shared memory there are as many objects as anybody wants. */
function mayShareMemory(one: NumericArray, other: NumericArray): boolean {
  const [mine, theirs] = [typedArrayBuffer(one), typedArrayBuffer(other)];
  return mine === theirs || (isSharedBuffer(mine) && isSharedBuffer(theirs));
}

/** Puts the results of a run where they were asked for. */
function deliver({ type, out }: RequestedOutput, result: Computed, rows: number): NumericArray {
  if (out === result.out || (out === undefined && result.type === type)) return result.out;
  const target = out ?? createOutput(type, rows);
  if (type === 'mask' && result.type !== type) {
    for (let row = 0; row < rows; row++) {
      const value = result.out[row] as number;
      target[row] = value !== 0 && !Number.isNaN(value) ? 1 : 0;
    }
  } else {
    setTypedArray(target, result.out);
  }
  return target;
}
