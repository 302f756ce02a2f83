import { ReleasedError } from '../../jit/runtime/released-error.ts';
import { maybeAt } from '../../support/element.ts';
import type { BoundRun } from '../backends/bound-run.ts';
import { createOutput, type NumericArray } from '../backends/column-types.ts';
import type { ShortRun } from '../backends/short-run.ts';
import { currentDeadline } from '../backends/time-limit.ts';
import { mapBound } from './bound-calls.ts';
import type { ColumnKernels } from './column-kernels.ts';
import { deliverForeign, type ResultArray } from './foreign-outputs.ts';
import { countRows, givenArray, type RequestedOutput, requestOutput, requireRoom } from './kernel-outputs.ts';
import { type MapOptions, readMapOptions, wantsBitmap } from './run-options.ts';

/** What a function is at the moment. */
export interface MapSource {
  readonly released: boolean;
  readonly kernels: ColumnKernels;
}

/** Functions lose their code when nobody refers to them any more; those that are bound are referred to here. */
const functions = new WeakMap<BoundMap, object>();

/**
 * A function over columns that stay the same; made by `bind`.
 *
 * Where there is a short way (see `short-run.ts`), a run asks its arrays for nothing but whether they are still there. Else it does what
 * `map` does.
 */
export class BoundMap<Out extends ResultArray = ResultArray> {
  readonly #out: Out;
  readonly #source: MapSource;
  /** What `map` is given. */
  readonly #columns: Readonly<Record<string, unknown>>;
  readonly #options: MapOptions;
  /** One for each parameter. */
  readonly #values: readonly unknown[];
  /** What is read anew at each run, as bitmaps are, is not for the short way. */
  readonly #isPlain: boolean;
  /** Of the kernels that ran last. */
  #kernels: ColumnKernels | undefined;
  #way: ShortRun | undefined;
  #bound: BoundRun | undefined;

  /** @internal `source` is what `fn` stands for. */
  constructor(fn: object, source: MapSource, columns: object, options: object | undefined) {
    const { kernels } = source;
    const given = readMapOptions(options);
    if (wantsBitmap(given)) throw new TypeError('a bound function gives no bitmap: use map, or nulls: nan');
    const { type, out, length, timeout, edges } = given;
    const bound = kernels.bind(columns);
    const requested = requestOutput(type, out);
    const rows = countRows(bound, length, givenArray(requested));
    requireRoom(requested, rows);
    const array = arrayFor(requested, rows);
    this.#out = array as Out;
    this.#source = source;
    this.#columns = bound.given;
    this.#options = Object.freeze({
      __proto__: null,
      type: requested.foreign?.type ?? requested.type,
      out: array,
      length,
      timeout,
      nulls: undefined,
      edges,
    });
    this.#values = bound.values;
    this.#isPlain = bound.isPlain;
    functions.set(this, fn);
  }

  /** Takes the results of each run. */
  get out(): Out {
    return this.#out;
  }

  /**
   * Does what `map` would do now, and gives {@link out}.
   *
   * @throws ReleasedError after the function's release; KernelError where the memory of an array is gone, and whatever else `map`
   * throws. Nothing was written then.
   */
  run(): Out {
    const source = this.#source;
    if (source.released) throw new ReleasedError();
    const { kernels } = source;
    const bound = this.#bound;
    const isDone = bound !== undefined && kernels === this.#kernels && currentDeadline() === 0 && bound.run();
    if (!isDone) this.#runLong(kernels);
    return this.#out;
  }

  #runLong(kernels: ColumnKernels): void {
    mapBound(kernels, kernels.bind(this.#columns, this.#options.edges), this.#options);
    try {
      this.#shorten(kernels);
    } catch {
      // For want of stack. The run is done; the next one tries again.
    }
  }

  #shorten(kernels: ColumnKernels): void {
    if (!this.#isPlain) return;
    const { length, timeout } = this.#options;
    const way = length === undefined && timeout === undefined ? kernels.short?.mapping : undefined;
    if (way === this.#way && kernels === this.#kernels) return;
    const values = this.#values;
    this.#bound = undefined;
    this.#bound = way?.bind(
      maybeAt(values, 0),
      maybeAt(values, 1),
      maybeAt(values, 2),
      this.#out as NumericArray,
    );
    this.#kernels = kernels;
    this.#way = way;
  }
}

function arrayFor(requested: RequestedOutput, rows: number): ResultArray {
  const { type, foreign } = requested;
  const given = givenArray(requested);
  if (given !== undefined) return given;
  return foreign === undefined ? createOutput(type, rows) : deliverForeign(foreign, new Float64Array(rows));
}
