/**
 * The short way into a kernel on vectors: few columns, all of them arrays that the addon knows, one result, and no more rows than
 * run without a look at the clock.
 *
 * The addon knows where an array's elements were, and cannot know whether they still are. So each array is asked for its last
 * element right before the call: it has that or none, since its length is fixed, and no property can get in between. From the first of
 * these questions to the call there is neither a loop nor a call of JavaScript, which are the places where the engine may let
 * somebody else have a turn.
 *
 * Whatever does not fit is no error here: the caller then takes the long way, which finds out what is wrong.
 */

import type { KernelParameter, KernelSpec } from '../../jit/kernel/kernel-spec.ts';
import type { JitCode } from '../../jit/runtime/jit-code.ts';
import {
  type KernelRequestSlot,
  type KernelStatus,
  kernelElementTypes,
  maxKnownColumns,
} from '../../native/kernel-request.ts';
import type { Session } from '../../native/session.ts';
import { elementAt, maybeAt } from '../../support/element.ts';
import { hasOwn } from '../../support/own.ts';
import type { NumericArray } from './column-types.ts';
import { type KnownArray, knowArray, knownArray, noteUse } from './known-arrays.ts';

/** What a parameter is in a call: a column, the number that stands for one, or nothing for parameters that there are not. */
type ShortArgument = KnownArray | number | undefined;

// Literals, since the compiler of this file folds them into the stores; the types hold them to the layout.
const entrySlot: typeof KernelRequestSlot.Entry = 0;
const rowCountSlot: typeof KernelRequestSlot.RowCount = 2;
const columnCountSlot: typeof KernelRequestSlot.ColumnCount = 4;
const reductionCountSlot: typeof KernelRequestSlot.ReductionCount = 7;
const statusSlot: typeof KernelRequestSlot.Status = 12;
const firstKnown: typeof KernelRequestSlot.Known = 18;
const firstUniform: typeof KernelRequestSlot.Uniforms = 664;

const isOk: typeof KernelStatus.Ok = 0;

/** What a call must give for a parameter: these, or a column with this code. */
const numberPlace = -1;
const noPlace = -2;

export class ShortRun {
  readonly #session: Session;
  readonly #request: Float64Array;
  readonly #code: JitCode;
  readonly #entry: number;
  readonly #mostRows: number;
  /** What calls give for each parameter. */
  readonly #first: number;
  readonly #second: number;
  readonly #third: number;
  /** Where the numbers of arrays go, if these are columns. */
  readonly #secondSlot: number;
  readonly #thirdSlot: number;
  readonly #resultSlot: number;
  /** Where uniforms go. */
  readonly #secondUniform: number;
  readonly #thirdUniform: number;
  readonly #columnCount: number;
  readonly #reductionCount: number;
  /** The element type of the result. */
  readonly #result: number;

  /** The short way into a kernel that calls nothing; undefined if it has none. A run takes `mostRows` rows at the most. */
  static of(
    session: Session,
    code: JitCode,
    entry: number,
    spec: KernelSpec,
    mostRows: number,
  ): ShortRun | undefined {
    const { parameters, outputs } = spec;
    const kinds = parameters.map(({ kind }) => kind);
    const fits =
      outputs.length === 1 &&
      kinds.length <= maxKnownColumns &&
      kinds.includes('column') &&
      kinds.every((kind) => kind === 'column' || kind === 'uniform');
    return fits ? new ShortRun(session, code, entry, spec, mostRows) : undefined;
  }

  private constructor(session: Session, code: JitCode, entry: number, spec: KernelSpec, mostRows: number) {
    const { parameters } = spec;
    this.#session = session;
    this.#request = session.request;
    this.#code = code;
    this.#entry = entry;
    this.#mostRows = mostRows;
    this.#first = placeOf(maybeAt(parameters, 0));
    this.#second = placeOf(maybeAt(parameters, 1));
    this.#third = placeOf(maybeAt(parameters, 2));
    const before = (position: number, kind: KernelParameter['kind']) =>
      parameters.slice(0, position).filter((parameter) => parameter.kind === kind).length;
    this.#secondSlot = firstKnown + before(1, 'column');
    this.#thirdSlot = firstKnown + before(2, 'column');
    this.#columnCount = before(parameters.length, 'column');
    this.#resultSlot = firstKnown + this.#columnCount;
    this.#secondUniform = firstUniform + before(1, 'uniform');
    this.#thirdUniform = firstUniform + before(2, 'uniform');
    const output = elementAt(spec.outputs, 0);
    const isReduction = hasOwn(output, 'reduce');
    this.#reductionCount = isReduction ? 1 : 0;
    this.#result = kernelElementTypes.indexOf(isReduction ? 'f64' : output.type);
  }

  /**
   * Runs all rows of the columns into `result`, an output or the partial results of a reduction; gives how many there were. 0 says
   * that nothing was done.
   */
  run(first: unknown, second: unknown, third: unknown, result: NumericArray): number {
    const x = argumentOf(first);
    const y = argumentOf(second);
    const z = argumentOf(third);
    const known = knownArray(result);
    return known !== undefined && this.#takes(x, y, z, known) ? this.#enter(x, y, z, known) : 0;
  }

  /** As {@link run} for what stays the same: the addon knows it from now on. Undefined where it cannot. May run code of others. */
  bound(first: unknown, second: unknown, third: unknown, result: NumericArray): (() => number) | undefined {
    const x = lastingArgument(first);
    const y = lastingArgument(second);
    const z = lastingArgument(third);
    const known = knowArray(result);
    if (known === undefined || !this.#takes(x, y, z, known)) return undefined;
    return () => this.#enter(x, y, z, known);
  }

  /** Whether the arguments are right but for what may change: known arrays keep their types and lengths. */
  #takes(first: ShortArgument, second: ShortArgument, third: ShortArgument, result: KnownArray): boolean {
    if (!isAt(this.#first, first) || !isAt(this.#second, second) || !isAt(this.#third, third)) return false;
    const { length } = firstColumn(first, second, third);
    return (
      (typeof second !== 'object' || second.length === length) &&
      (typeof third !== 'object' || third.length === length) &&
      length <= this.#mostRows &&
      result.code === this.#result
    );
  }

  #enter(first: ShortArgument, second: ShortArgument, third: ShortArgument, result: KnownArray): number {
    if (this.#code.released) return 0;
    const x = firstColumn(first, second, third);
    const rows = x.length;
    const last = rows - 1;
    const request = this.#request;
    request[entrySlot] = this.#entry;
    request[rowCountSlot] = rows;
    request[columnCountSlot] = this.#columnCount;
    request[reductionCountSlot] = this.#reductionCount;
    request[firstKnown] = x.number;
    request[this.#resultSlot] = result.number;
    if (typeof first === 'number') request[firstUniform] = first;
    if (typeof second === 'number') request[this.#secondUniform] = second;
    else if (second !== undefined) {
      request[this.#secondSlot] = second.number;
      if (second.array[last] === undefined) return 0;
    }
    if (typeof third === 'number') request[this.#thirdUniform] = third;
    else if (third !== undefined) {
      request[this.#thirdSlot] = third.number;
      if (third.array[last] === undefined) return 0;
    }
    if (x.array[last] === undefined) return 0;
    // The addon counts partial results, which are nobody's to take away.
    if (this.#reductionCount === 0 && result.array[last] === undefined) return 0;
    // An element may be a new object, and so a reason to collect: the arguments keep what only the caller's caller had.
    this.#session.runKnown(x, second, third, result);
    return request[statusSlot] === isOk ? rows : 0;
  }

  /** Says that {@link run} had nothing to do with these, so that it may have next time. May run code of others. */
  noteUse(first: unknown, second: unknown, third: unknown, result: unknown): void {
    noteUse(first);
    noteUse(second);
    noteUse(third);
    noteUse(result);
  }
}

function placeOf(parameter: KernelParameter | undefined): number {
  if (parameter === undefined) return noPlace;
  return parameter.kind === 'column' ? kernelElementTypes.indexOf(parameter.type) : numberPlace;
}

function isAt(place: number, argument: ShortArgument): boolean {
  if (typeof argument === 'object') return argument.columnCode === place;
  return place === (argument === undefined ? noPlace : numberPlace);
}

/** There is one, since kernels without columns have no short way. */
function firstColumn(first: ShortArgument, second: ShortArgument, third: ShortArgument): KnownArray {
  if (typeof first === 'object') return first;
  return typeof second === 'object' ? second : (third as KnownArray);
}

function argumentOf(value: unknown): ShortArgument {
  return typeof value === 'number' || value === undefined ? value : knownArray(value);
}

function lastingArgument(value: unknown): ShortArgument {
  return typeof value === 'object' && value !== null ? knowArray(value) : argumentOf(value);
}
