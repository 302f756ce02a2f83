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
import type { FastCall } from '../../native/fast-calls.ts';
import {
  type KernelRequestSlot,
  type KernelStatus,
  kernelElementTypes,
  maxKnownColumns,
} from '../../native/kernel-request.ts';
import type { Session } from '../../native/session.ts';
import { elementAt, maybeAt } from '../../support/element.ts';
import { hasOwn, isObject } from '../../support/own.ts';
import { BoundRun } from './bound-run.ts';
import type { CallWay } from './call-way.ts';
import type { NumericArray } from './column-types.ts';
import { type KnownArray, knowArray, knownArray, noteUse } from './known-arrays.ts';

// Literals, since the compiler of this file folds them into the stores; the types hold them to the layout.
const entrySlot: typeof KernelRequestSlot.Entry = 0;
const rowCountSlot: typeof KernelRequestSlot.RowCount = 2;
const columnCountSlot: typeof KernelRequestSlot.ColumnCount = 4;
const reductionCountSlot: typeof KernelRequestSlot.ReductionCount = 7;
const statusSlot: typeof KernelRequestSlot.Status = 12;
const firstKnown: typeof KernelRequestSlot.Known = 18;
const firstUniform: typeof KernelRequestSlot.Uniforms = 664;

const isOk: typeof KernelStatus.Ok = 0;

/** What a call must give for a parameter: these, or a column with a code that is no less than 0. */
const numberPlace = -1;
const noPlace = -2;

export class ShortRun {
  readonly #session: Session;
  readonly #tryRunKnown: FastCall;
  readonly #tryRunPrepared: FastCall;
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
    way: CallWay,
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
    return fits ? new ShortRun(session, way, code, entry, spec, mostRows) : undefined;
  }

  private constructor(
    session: Session,
    way: CallWay,
    code: JitCode,
    entry: number,
    spec: KernelSpec,
    mostRows: number,
  ) {
    const { parameters } = spec;
    this.#session = session;
    this.#tryRunKnown = way.tryRunKnown;
    this.#tryRunPrepared = way.tryRunPrepared;
    this.#request = session.request;
    this.#code = code;
    this.#entry = entry;
    this.#mostRows = mostRows;
    this.#first = placeOf(maybeAt(parameters, 0));
    this.#second = placeOf(maybeAt(parameters, 1));
    this.#third = placeOf(maybeAt(parameters, 2));
    // Counted here, since the addon goes by it: methods of lists may be somebody else's.
    const before = (position: number, kind: KernelParameter['kind']) => {
      let count = 0;
      for (let i = 0; i < position; i++) if (maybeAt(parameters, i)?.kind === kind) count++;
      return count;
    };
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
    const x = this.#first < 0 ? undefined : knownArray(first);
    const y = this.#second < 0 ? undefined : knownArray(second);
    const z = this.#third < 0 ? undefined : knownArray(third);
    const out = knownArray(result);
    if (out === undefined) return 0;
    const rows = this.#describe(first, second, third, x, y, z, out);
    if (rows === 0 || this.#code.released) return 0;
    const last = rows - 1;
    if (x !== undefined && !(last in x.array)) return 0;
    if (y !== undefined && !(last in y.array)) return 0;
    if (z !== undefined && !(last in z.array)) return 0;
    // The addon counts partial results, which are nobody's to take away.
    if (this.#reductionCount === 0 && !(last in out.array)) return 0;
    if (this.#tryRunKnown() === 1) return rows;
    // The arguments keep what only the caller's caller had, also where the engine sees that nobody else needs it any more.
    this.#session.runKnown(x, y, z, out);
    return this.#request[statusSlot] === isOk ? rows : 0;
  }

  /** As {@link run} for what stays the same: the addon knows it from now on. Undefined where it cannot. May run code of others. */
  bind(first: unknown, second: unknown, third: unknown, result: NumericArray): BoundRun | undefined {
    const x = isObject(first) ? knowArray(first) : undefined;
    const y = isObject(second) ? knowArray(second) : undefined;
    const z = isObject(third) ? knowArray(third) : undefined;
    const out = knowArray(result);
    if (out === undefined || this.#describe(first, second, third, x, y, z, out) === 0) return undefined;
    const column = x ?? y ?? z ?? out;
    return BoundRun.prepare(
      this.#session,
      this.#tryRunPrepared,
      this.#code,
      column,
      y ?? column,
      z ?? column,
      out,
    );
  }

  /**
   * Writes the request for arguments, given as they came and as known arrays, and gives how many rows there are. 0 says that they are
   * not right. What may change is not looked at: known arrays keep their types and lengths.
   */
  #describe(
    first: unknown,
    second: unknown,
    third: unknown,
    x: KnownArray | undefined,
    y: KnownArray | undefined,
    z: KnownArray | undefined,
    result: KnownArray,
  ): number {
    const rows = (x ?? y ?? z ?? result).length;
    if (rows > this.#mostRows || result.code !== this.#result) return 0;
    const request = this.#request;
    if (x !== undefined) {
      if (x.columnCode !== this.#first) return 0;
      request[firstKnown] = x.number;
    } else {
      if (typeof first !== 'number' || this.#first !== numberPlace) return 0;
      request[firstUniform] = first;
    }
    if (y !== undefined) {
      if (y.columnCode !== this.#second || y.length !== rows) return 0;
      request[this.#secondSlot] = y.number;
    } else if (this.#second !== noPlace) {
      if (typeof second !== 'number' || this.#second !== numberPlace) return 0;
      request[this.#secondUniform] = second;
    }
    if (z !== undefined) {
      if (z.columnCode !== this.#third || z.length !== rows) return 0;
      request[this.#thirdSlot] = z.number;
    } else if (this.#third !== noPlace) {
      if (typeof third !== 'number' || this.#third !== numberPlace) return 0;
      request[this.#thirdUniform] = third;
    }
    request[entrySlot] = this.#entry;
    request[rowCountSlot] = rows;
    request[columnCountSlot] = this.#columnCount;
    request[reductionCountSlot] = this.#reductionCount;
    request[this.#resultSlot] = result.number;
    return rows;
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
