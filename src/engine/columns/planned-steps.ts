/**
 * The steps of a run of a formula that asks for other rows: what is of whole columns is computed first, and then the rows go to kernels
 * that know nothing of it.
 *
 * Rows before and after are columns too, which begin some elements earlier or later in the same memory. So most rows go together, and only
 * those near the first and the last are given elements of their own, which stand for those that are not there. A result that the next row needs makes kernels
 * take their rows in order; the first row, which has none before it, is a run of its own.
 *
 * Generators find out step by step what is to be run, and hand each run to who asked: to be done at once, or in other threads.
 */
import type { FoldKind, OutputType } from '../../jit/kernel/kernel-spec.ts';
import { reduceValues } from '../../jit/kernel/reductions.ts';
import { cutText } from '../../support/cut-text.ts';
import { elementAt, maybeAt } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import { BoundColumns, requireElements, type Validity } from '../backends/bound-columns.ts';
import { createOutput, type NumericArray, rowsOf } from '../backends/column-types.ts';
import { KernelError, type KernelErrorCode } from '../backends/kernel-error.ts';
import { mayShareMemory } from '../backends/overlap.ts';
import { currentDeadline } from '../backends/time-limit.ts';
import type { PlannedInput, PlannedStage, RowPlan } from '../front/row-plan.ts';
import { elementsAround } from './edges.ts';
import { createElements, noElements } from './elements.ts';
import { type RequestedOutput, requestNumbers } from './kernel-outputs.ts';
import type { KernelSet } from './kernel-set.ts';
import { type NullableArray, thereOf } from './nullable-array.ts';
import { AheadColumns, blocksOf, leastRowsAhead, withAhead } from './planned-ahead.ts';
import { footprintOf, isWhole, type Pass, PlannedPasses, type SplitPass } from './planned-passes.ts';
import type { PlannedProgram } from './planned-program.ts';
import { roll } from './rolling.ts';
import { type Segment, segmentsOf } from './row-segments.ts';
import { validityAround, windowsThere } from './row-validity.ts';
import { computeStatistic } from './statistics.ts';
import { bitmapLength, copyBits, fromRow, presences } from './validity.ts';

/** An array that takes an output. */
export interface Computed extends RequestedOutput {
  readonly out: NumericArray;
}

/** With a bitmap, if there is to be one of the rows in which the output is there. */
interface Filled extends Computed {
  readonly validity?: Uint8Array | undefined;
}

/** A run of kernels; the answer to it are arrays, or what they are reduced to. */
export type Work = MapWork | ReduceWork | CountWork;

export interface MapWork {
  readonly kind: 'map';
  readonly kernels: KernelSet;
  readonly bound: BoundColumns;
  readonly requested: readonly RequestedOutput[];
  readonly rows: number;
  /** Are bitmaps of what is there wanted, too? */
  readonly isNullable: boolean;
}

interface ReduceWork {
  readonly kind: 'reduce';
  readonly kernels: KernelSet;
  readonly bound: BoundColumns;
  readonly reduction: FoldKind;
  readonly rows: number;
}

/** In how many rows the output is there. */
interface CountWork {
  readonly kind: 'count';
  readonly kernels: KernelSet;
  readonly bound: BoundColumns;
  readonly rows: number;
}

export type Answer = readonly NumericArray[] | readonly NullableArray[] | number;
export type Steps<Result> = Generator<Work, Result, Answer>;

/** What a hidden parameter is in all rows; undefined where that depends on which rows go together. */
type HiddenValue = NumericArray | number | undefined;

type AggregateInput = Extract<PlannedInput, { readonly kind: 'aggregate' }>;

/** What a run over columns has: hidden parameters are filled in on the way. */
interface Run {
  readonly bound: BoundColumns;
  readonly hidden: HiddenValue[];
  readonly rows: number;
  /** By position of a parameter: where it is there, if it is not everywhere; undefined where all is there. */
  readonly missing: (Validity | undefined)[] | undefined;
}

/** Rows that go together, all that they take, and what computes them. */
interface Part {
  readonly segment: Segment;
  readonly kernels: KernelSet;
  readonly bound: BoundColumns;
  /** What has to be run before, and where it puts what it computes. */
  readonly ahead: { readonly work: MapWork; readonly columns: AheadColumns } | undefined;
}

export class PlannedSteps {
  readonly #plan: RowPlan;
  readonly #passes: PlannedPasses;

  constructor(program: PlannedProgram) {
    this.#plan = program.plan;
    this.#passes = new PlannedPasses(program);
  }

  release(): void {
    this.#passes.release();
  }

  /** Computes all outputs, into the arrays that are asked for unless `isApart`, or somebody might see what is worth nothing yet. */
  *map(
    bound: BoundColumns,
    requested: readonly RequestedOutput[],
    rows: number,
    isApart: boolean,
  ): Steps<Computed[]> {
    const run = yield* this.#prepare(bound, rows);
    const parts = this.#partsOf(this.#passes.main, run);
    // What a row hands on to the next is a double, whatever becomes of it.
    const computed = this.#passes.hasPrevious
      ? requested.map(({ out }) => requestNumbers('f64', out))
      : requested;
    const isDirect =
      !isApart &&
      run.missing === undefined &&
      currentDeadline() === 0 &&
      requested.every(({ type, out }, index) => out === undefined || type === computed[index]?.type) &&
      !mayWriteTooEarly(parts, bound, computed);
    const results = computed.map(({ type, out }) =>
      into(type, isDirect && out !== undefined ? out : createOutput(type, rows)),
    );
    yield* this.#rows(
      parts,
      this.#isHandedOn(run) ? results.map((each) => withBitmap(each, rows)) : results,
      rows,
    );
    return results;
  }

  /** As {@link map}, with where each output is there. */
  *mapNullable(
    bound: BoundColumns,
    requested: readonly RequestedOutput[],
    rows: number,
  ): Steps<(Computed & { readonly validity: Uint8Array })[]> {
    const run = yield* this.#prepare(bound, rows);
    const { hasPrevious } = this.#passes;
    const results = requested.map(({ type }) => {
      const computed = hasPrevious ? 'f64' : type;
      return withBitmap(into(computed, createOutput(computed, rows)), rows);
    });
    yield* this.#rows(this.#partsOf(this.#passes.main, run), results, rows);
    return results;
  }

  /** Reduces the first output. */
  *reduce(kind: FoldKind, bound: BoundColumns, rows: number): Steps<number> {
    const run = yield* this.#prepare(bound, rows);
    return yield* this.#reducePass(kind, this.#passes.main, run);
  }

  /** The values of the first output where it is there. */
  *values(bound: BoundColumns, rows: number): Steps<Float64Array> {
    return yield* this.#valuesThere(this.#passes.main, yield* this.#prepare(bound, rows));
  }

  /** In how many rows the first output is there. */
  *count(bound: BoundColumns, rows: number): Steps<number> {
    return yield* this.#count(this.#passes.main, yield* this.#prepare(bound, rows));
  }

  /** What hidden parameters are, in the order in which they need each other. */
  *#prepare(bound: BoundColumns, rows: number): Steps<Run> {
    const { inputs, order } = this.#plan;
    const hidden: HiddenValue[] = inputs.map(() => undefined);
    const run = { bound, hidden, rows, missing: this.#missingIn(bound) };
    for (const [number, input] of inputs.entries()) {
      if (input.kind !== 'elements') continue;
      hidden[number] = this.#elements(input.column, run);
    }
    for (const number of order) {
      const input = elementAt(inputs, number);
      if (input.kind === 'rowCount') hidden[number] = rows;
      else if (input.kind === 'aggregate') {
        hidden[number] = yield* this.#aggregate(input, run);
      } else if (input.kind === 'rolling') {
        const window = yield* this.#window(input.window, run);
        const { values, validity } = yield* this.#mapPass(this.#passes.ofStage(input.stage), run);
        roll(input.rolling, values, window);
        hidden[number] = values;
        if (run.missing !== undefined)
          run.missing[this.#plan.ownCount + number] = validity && windowsThere(validity, window, rows);
      }
    }
    return run;
  }

  /** NaN where they are missing: what cannot tell that shall not find what the memory holds there. */
  #elements(column: number, { bound, rows, missing }: Run): Float64Array {
    const elements = elementsOf(bound.values[column], elementAt(bound.parameters, column), rows);
    const validity = missing && maybeAt(missing, column);
    if (validity !== undefined) {
      const isThere = presences([validity], rows);
      for (let row = 0; row < rows; row++) if (isThere[row] === 0) elements[row] = Number.NaN;
    }
    return elements;
  }

  /** Does each row tell the next whether it is there? */
  #isHandedOn({ missing }: Run): boolean {
    return missing !== undefined && this.#passes.hasPrevious;
  }

  #missingIn({ validities }: BoundColumns): (Validity | undefined)[] | undefined {
    return validities && this.#plan.parameters.map((_, position) => maybeAt(validities, position));
  }

  *#aggregate({ aggregate, stage, share }: AggregateInput, run: Run): Steps<number> {
    const pass = this.#passes.ofStage(stage);
    switch (aggregate) {
      case 'mean':
        return yield* this.#mean(pass, run);
      case 'var':
      case 'std':
      case 'median':
      case 'quantile': {
        const q = share === undefined ? 0.5 : yield* this.#share(share, run);
        const values = yield* this.#valuesThere(pass, run);
        return computeStatistic({ kind: aggregate, q, ddof: 0 }, values);
      }
      default:
        return yield* this.#reducePass(aggregate, pass, run);
    }
  }

  *#mean(pass: Pass, run: Run): Steps<number> {
    if (isWhole(pass, run))
      return (yield* this.#reducePass('sum', pass, run)) / (yield* this.#count(pass, run));
    const values = yield* this.#valuesThere(pass, run);
    return reduceValues('sum', values) / values.length;
  }

  *#reducePass(kind: FoldKind, pass: Pass, run: Run): Steps<number> {
    const { rows } = run;
    if (!isWhole(pass, run) || rows === 0) return reduceValues(kind, yield* this.#valuesThere(pass, run));
    const bound = this.#boundTo(pass, { from: 0, to: rows, isEdge: false }, run);
    return (yield { kind: 'reduce', kernels: pass.kernels, bound, reduction: kind, rows }) as number;
  }

  *#count(pass: Pass, run: Run): Steps<number> {
    const { rows, missing } = run;
    if (missing === undefined || rows === 0) return rows;
    if (!isWhole(pass, run)) return (yield* this.#valuesThere(pass, run)).length;
    const bound = this.#boundTo(pass, { from: 0, to: rows, isEdge: false }, run);
    return (yield { kind: 'count', kernels: pass.kernels, bound, rows }) as number;
  }

  *#valuesThere(pass: Pass, run: Run): Steps<Float64Array> {
    const { values, validity } = yield* this.#mapPass(pass, run);
    return validity === undefined ? values : thereOf({ values, validity });
  }

  /** The results of all rows, NaN where they are missing, and where they are there, if anything may be missing. */
  *#mapPass(
    pass: Pass,
    run: Run,
  ): Steps<{ readonly values: Float64Array; readonly validity: Uint8Array | undefined }> {
    const { rows, missing } = run;
    const values = new Float64Array(rows);
    const validity = missing && new Uint8Array(bitmapLength(rows));
    yield* this.#rows(this.#partsOf(pass, run), [{ ...into('f64', values), validity }], rows);
    return { values, validity };
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
    const pass = this.#passes.ofStage(stage);
    const one = this.#boundTo(pass, { from: 0, to: 1, isEdge: true }, run);
    yield {
      kind: 'map',
      kernels: pass.kernels,
      bound: one,
      requested: [into('f64', out)],
      rows: 1,
      isNullable: false,
    };
    return out[0] as number;
  }

  #partsOf(pass: Pass, run: Run): Part[] {
    const split = pass === this.#passes.main ? this.#splitFor(run) : undefined;
    return split === undefined ? this.#wholeParts(pass, run) : this.#splitParts(split, run);
  }

  #wholeParts(pass: Pass, run: Run): Part[] {
    const { first, kernels } = pass;
    return segmentsOf(footprintOf(pass, run), run.rows, first !== undefined).map((segment) => ({
      segment,
      kernels: segment.from === 0 ? (first ?? kernels) : kernels,
      bound: this.#boundTo(pass, segment, run),
      ahead: undefined,
    }));
  }

  /** Undefined if nothing of the rows is computed ahead. */
  #splitFor(run: Run): SplitPass | undefined {
    const { split } = this.#passes;
    if (split === undefined || run.missing !== undefined || run.rows < leastRowsAhead) return undefined;
    return split.plan.dearUses.some((position) => this.#varies(position, run)) ? split : undefined;
  }

  /** Does a parameter differ from row to row? */
  #varies(position: number, { bound, hidden }: Run): boolean {
    const { parameters, inputs, ownCount } = this.#plan;
    const number = position - ownCount;
    const input = number < 0 ? undefined : elementAt(inputs, number);
    if (input !== undefined && input.kind !== 'neighbour') return typeof maybeAt(hidden, number) === 'object';
    const value = maybeAt(bound.values, input?.column ?? position);
    return typeof value === 'object' || (value === undefined && parameters[position] === 'index');
  }

  #splitParts({ ahead, rest, parameters, plan }: SplitPass, run: Run): Part[] {
    const columns = new AheadColumns(plan.stages.length, run.rows);
    const partOf = (segment: Segment): Part => {
      const rows = segment.to - segment.from;
      const values = columns.of(rows);
      const work: MapWork = {
        kind: 'map',
        kernels: ahead.kernels,
        bound: this.#boundTo(ahead, segment, run),
        requested: values.map((out) => into('f64', out)),
        rows,
        isNullable: false,
      };
      const bound = withAhead(this.#boundTo(rest, segment, run), parameters, values);
      return { segment, kernels: rest.kernels, bound, ahead: { work, columns } };
    };
    const { main } = this.#passes;
    const [first, ...others] = segmentsOf(rest.footprint, run.rows, true);
    if (first === undefined) return [];
    const kernels = main.first ?? main.kernels;
    const alone: Part = {
      segment: first,
      kernels,
      bound: this.#boundTo(main, first, run),
      ahead: undefined,
    };
    return [alone, ...others.flatMap(blocksOf).map(partOf)];
  }

  /** Computes all rows, part by part; what a part needs of the row in front of it is put in its place. */
  *#rows(parts: readonly Part[], results: readonly Filled[], rows: number): Steps<void> {
    const { inputs, ownCount } = this.#plan;
    for (const { segment, kernels, bound, ahead } of parts) {
      if (ahead !== undefined) yield ahead.work;
      const { from, to } = segment;
      for (let number = 0; number < inputs.length && from > 0; number++) {
        const input = elementAt(inputs, number);
        if (input.kind !== 'previous') continue;
        const { out, validity } = elementAt(results, input.output);
        bound.values[ownCount + number] = out[from - 1] as number;
        if (bound.validities !== undefined && validity !== undefined)
          bound.validities[ownCount + number] = { bytes: validity, offset: from - 1 };
      }
      const requested =
        to - from === rows ? results : results.map(({ type, out }) => into(type, rowsOf(out, from, to)));
      const isNullable = results.some(({ validity }) => validity !== undefined);
      const answer = yield { kind: 'map', kernels, bound, requested, rows: to - from, isNullable };
      if (!isNullable) continue;
      for (const [index, { validity }] of (answer as readonly NullableArray[]).entries()) {
        const all = elementAt(results, index).validity;
        if (all !== undefined) copyBits(validity, to - from, all, from);
      }
    }
    // Not where a run was ended: threads may write still.
    maybeAt(parts, parts.length - 1)?.ahead?.columns.giveBack();
  }

  /** All parameters, for rows that go together; what is not used is 0, and so is what outputs were in the row in front of them. */
  #boundTo(pass: Pass, segment: Segment, run: Run): BoundColumns {
    const { from, to } = segment;
    const { parameters, inputs, ownCount } = this.#plan;
    const { uses } = footprintOf(pass, run);
    const all = new BoundColumns(parameters);
    all.length = to - from;
    all.validities = run.missing && this.#validitiesOf(uses, segment, run, run.missing);
    for (let position = 0; position < parameters.length; position++) {
      const number = position - ownCount;
      // With other edges a program may ask for the number of the row that did not, and which is last.
      const value = number < 0 ? maybeAt(run.bound.values, position) : maybeAt(run.hidden, number);
      const input = number < 0 ? undefined : inputs[number];
      // What code takes for an address is one, whoever uses it.
      if (input?.kind === 'elements') {
        all.values[position] = value;
      } else if (uses[position] !== true) {
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

  /** Where the parameters are there; undefined if all are, everywhere. */
  #validitiesOf(
    uses: readonly boolean[],
    { from, to, isEdge }: Segment,
    { bound, rows }: Run,
    missing: readonly (Validity | undefined)[],
  ): (Validity | undefined)[] | undefined {
    const { parameters, inputs, ownCount } = this.#plan;
    const all = parameters.map((_, position) => {
      if (uses[position] !== true) return undefined;
      const input = position < ownCount ? undefined : elementAt(inputs, position - ownCount);
      // Of a first row nothing is before it; of any other it is known when that is computed.
      if (input?.kind === 'previous') return nothingThere;
      if (input?.kind === 'elements') return maybeAt(missing, input.column);
      if (input?.kind !== 'neighbour') {
        const own = maybeAt(missing, position);
        return own && fromRow(own, from);
      }
      const validity = maybeAt(missing, input.column);
      if (validity === undefined) return undefined;
      const first = from + input.distance;
      return isEdge
        ? validityAround(validity, first, to - from, rows, bound.edges)
        : fromRow(validity, first);
    });
    return all.some((validity) => validity !== undefined) ? all : undefined;
  }
}

const nothingThere: Validity = Object.freeze({ bytes: new Uint8Array(1), offset: 0 });

function withBitmap(computed: Computed, rows: number): Computed & { readonly validity: Uint8Array } {
  return { ...computed, validity: new Uint8Array(bitmapLength(rows)) };
}

/** An array for what kernels compute. */
function into(type: OutputType, out: NumericArray): Computed {
  return { type, out, foreign: undefined };
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
  const mayThrow = ({ kernels, bound, ahead }: Part): boolean =>
    kernels.mayThrow(bound, requested) ||
    ahead?.work.kernels.mayThrow(ahead.work.bound, ahead.work.requested) === true;
  return isGiven && parts.some(mayThrow);
}

/** All elements of a column, for code that takes any of them. */
function elementsOf(column: NumericArray | number | undefined, name: string, rows: number): Float64Array {
  if (typeof column === 'object') {
    requireElements(column, rows, name);
    return createElements(rowsOf(column, 0, rows));
  }
  const elements = noElements(rows);
  if (column !== undefined) elements.fill(column, 0, rows);
  return elements;
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
