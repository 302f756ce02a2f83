/**
 * Kernels as WebAssembly. Code sees one memory, and arrays of callers are elsewhere; so rows go in chunks that stay in the cache:
 * columns are copied in, the kernel runs, results are copied out. Arrays that lie in the memory already (`column-arenas.ts`) are used
 * where they are.
 */
import { sizeOf as sizeOfType } from '../../jit/ir/memory-type.ts';
import { TrapError } from '../../jit/ir/trap-error.ts';
import { partialsPerBlock } from '../../jit/kernel/exact-reduction.ts';
import {
  carriedOutputsOf,
  columnTypesOf,
  isSequential,
  type KernelSpec,
  outputTypesOf,
  placesOf,
  wholeColumnsOf,
} from '../../jit/kernel/kernel-spec.ts';
import { ReleasedError } from '../../jit/runtime/released-error.ts';
import { reductionBlock } from '../../native/kernel-frame.ts';
import { elementAt } from '../../support/element.ts';
import { isSharedBuffer, typedArrayBuffer, typedArrayLength } from '../../support/intrinsics.ts';
import { columnNames, outputNames } from './array-names.ts';
import { type BoundColumns, requireElements } from './bound-columns.ts';
import type { ColumnArenas } from './column-arenas.ts';
import { copyOf, type NumericArray } from './column-types.ts';
import { grantFuel } from './fuel.ts';
import type { InterpretedKernel } from './interpreted-kernel.ts';
import { KernelChunks, type KernelShape, type KernelWork } from './kernel-chunks.ts';
import { type KernelTask, type LoadedKernel, uniformsFrom } from './loaded-kernel.ts';
import { findOverlap, mayShareMemory, overlapError } from './overlap.ts';
import { SliceSize } from './slice-size.ts';
import { currentDeadline, isPast } from './time-limit.ts';
import { enterGuarded, type WasmGuard } from './wasm-calls.ts';
import type { WasmSpace } from './wasm-space.ts';

/**
 * Units of fuel for the rows of a step together, and for each of them at the least, that run while nobody else has the thread. What
 * takes more is interpreted, which can be suspended within a row.
 */
const [stepFuel, leastRowFuel] = [100_000, 5_000];

export interface WasmKernelParts {
  readonly spec: KernelSpec;
  readonly arenas: () => ColumnArenas;
  /** The engine's own memory. */
  readonly space: () => WasmSpace;
  /** The kernel on a memory: it takes the address of the kernel frame. */
  readonly instantiate: (space: WasmSpace) => (frame: number) => void;
  /** What calls need of kernels that run row by row; undefined for those on vectors. */
  readonly guard: Omit<WasmGuard, 'space'> | undefined;
  readonly mayTrap: boolean;
  readonly callsHost: boolean;
  /** The same kernel, for rows that take long. */
  readonly interpret: () => InterpretedKernel;
  /** Bytes of memory of the kernel's own. */
  readonly stackBytes: number;
}

export class WasmKernel implements LoadedKernel {
  readonly mayThrow: boolean;
  readonly callsHost: boolean;
  readonly copiesColumns = false;
  readonly start = undefined;
  readonly runRows: LoadedKernel['runRows'];
  readonly short = undefined;
  #parts: WasmKernelParts | undefined;
  readonly #shape: KernelShape;
  /** Those of the last run. */
  #lastChunks: KernelChunks | undefined;
  #lastSpace: WasmSpace | undefined;
  #lastKernel: ((frame: number) => void) | undefined;
  readonly #columnPlaces: readonly number[];
  readonly #uniformPlaces: readonly number[];
  /** See {@link carriedOutputsOf}. */
  readonly #carried: readonly (number | undefined)[];
  #instances = new WeakMap<WasmSpace, (frame: number) => void>();
  readonly #name: string;

  constructor(parts: WasmKernelParts) {
    const { spec, guard } = parts;
    this.#parts = parts;
    this.mayThrow = parts.mayTrap;
    this.callsHost = parts.callsHost;
    const outputs = outputTypesOf(spec);
    this.#columnPlaces = placesOf(spec, 'column');
    this.#uniformPlaces = placesOf(spec, 'uniform');
    this.#shape = {
      sizes: [...columnTypesOf(spec), ...outputs].map(sizeOfType),
      wholes: [...wholeColumnsOf(spec), ...outputs.map(() => false)],
      partialsPerBlock: partialsPerBlock(spec),
      stackBytes: parts.stackBytes,
    };
    this.#name = elementAt(spec.outputs, 0).function;
    this.#carried = carriedOutputsOf(spec);
    const isSimple = guard === undefined && spec.outputs.length === 1 && !isSequential(spec);
    this.runRows = isSimple ? (bound, out, _goal, rows) => this.#runRows(bound, out, rows) : undefined;
  }

  run(task: KernelTask): void {
    this.#refuseOverlap(task);
    this.#runFrom(this.#live(), separate(task), 0, task.length, undefined);
  }

  /** Goes on to its end when it is released meanwhile. */
  steps(task: KernelTask, signal: AbortSignal | undefined): Generator<number, void> {
    this.#refuseOverlap(task);
    return this.#steps(this.#live(), separate(task), signal);
  }

  *#steps(
    parts: WasmKernelParts,
    task: KernelTask,
    signal: AbortSignal | undefined,
  ): Generator<number, void> {
    const { length } = task;
    const least = task.partials === undefined ? 1 : reductionBlock;
    const slice = new SliceSize(least, parts.guard === undefined);
    for (let row = 0; row < length; ) {
      const count = Math.min(slice.rows, length - row);
      const start = performance.now();
      if (this.#isShort(parts, task, row, count, signal)) {
        slice.took(performance.now() - start);
        yield row + count;
      } else {
        yield* parts.interpret().stepsOf(task, row, count);
        slice.took(performance.now() - start);
      }
      row += count;
    }
  }

  /** Runs rows, if they do not take long. Host functions must not be called twice, so what calls any runs to its end. */
  #isShort(
    parts: WasmKernelParts,
    task: KernelTask,
    row: number,
    count: number,
    signal: AbortSignal | undefined,
  ): boolean {
    const { guard, callsHost } = parts;
    const units = Math.max(leastRowFuel, Math.floor(stepFuel / count));
    if (guard === undefined || callsHost || guard.fuel.total <= units) {
      this.#runFrom(parts, task, row, count, signal);
      return true;
    }
    try {
      this.#runFrom({ ...parts, guard: { ...guard, fuel: grantFuel(units) } }, task, row, count, signal);
      return true;
    } catch (error) {
      if (error instanceof TrapError && error.code === 'E_FUEL') return false;
      throw error;
    }
  }

  enter(): void {}

  leave(): void {}

  release(): void {
    this.#parts = undefined;
    this.#lastChunks = undefined;
    this.#lastSpace = undefined;
    this.#lastKernel = undefined;
    this.#instances = new WeakMap();
  }

  #runRows({ values }: BoundColumns, out: NumericArray, rows: number): void {
    const columns = this.#columnPlaces.map((place) => values[place] as NumericArray);
    const uniforms = this.#uniformPlaces.map((place) => values[place] as number);
    const reduces = this.#shape.partialsPerBlock > 0;
    const task = {
      columns,
      uniforms,
      outputs: reduces ? [] : [out],
      partials: reduces ? (out as Float64Array) : undefined,
      length: rows,
    };
    this.run(task);
  }

  #live(): WasmKernelParts {
    if (this.#parts === undefined) throw new ReleasedError();
    return this.#parts;
  }

  #runFrom(
    parts: WasmKernelParts,
    work: KernelWork,
    firstRow: number,
    rowCount: number,
    signal: AbortSignal | undefined,
  ): void {
    requireAll(work);
    const { guard } = parts;
    const chunks = this.#chunks(parts, work, rowCount);
    const { space } = chunks;
    chunks.enter();
    try {
      const kernel = this.#instance(parts, space);
      const end = firstRow + rowCount;
      for (let row = firstRow; row < end; row += chunks.rows) {
        // Rows of little cost spend no slice of fuel within a chunk, so code does not look.
        if (row > firstRow && isPast(currentDeadline())) {
          throw new TrapError('E_TIMEOUT', this.#name);
        }
        const rows = Math.min(chunks.rows, end - row);
        const uniforms = uniformsFrom(work, this.#carried, row);
        const frame = chunks.fill(
          uniforms === work.uniforms ? work : { ...work, uniforms },
          firstRow,
          row,
          rows,
        );
        if (guard === undefined) kernel(frame);
        else enterGuarded({ ...guard, space }, signal, () => kernel(frame));
        chunks.deliver(work, row, rows);
      }
    } finally {
      chunks.leave();
    }
  }

  /** In the memory where arrays lie already, if there is room for the rest. */
  #chunks({ arenas, space }: WasmKernelParts, work: KernelWork, rows: number): KernelChunks {
    const arena = arenas().spaceOf(work);
    if (arena !== undefined) {
      const chunks = this.#chunksIn(arena, work, rows);
      if (arena.has(chunks.bytes)) return chunks;
    }
    return this.#chunksIn(space(), work, rows);
  }

  #chunksIn(space: WasmSpace, work: KernelWork, rows: number): KernelChunks {
    const last = this.#lastChunks;
    if (last?.suit(space, work, rows) === true) return last;
    this.#lastChunks = new KernelChunks(space, this.#shape, work, rows);
    return this.#lastChunks;
  }

  #instance({ instantiate }: WasmKernelParts, space: WasmSpace): (frame: number) => void {
    if (space === this.#lastSpace && this.#lastKernel !== undefined) return this.#lastKernel;
    const kernel = this.#instances.get(space) ?? instantiate(space);
    this.#instances.set(space, kernel);
    this.#lastSpace = space;
    this.#lastKernel = kernel;
    return kernel;
  }

  #refuseOverlap({ columns, outputs, length }: KernelTask): void {
    if (!mayOverlap(columns, outputs)) return;
    const overlap = findOverlap(columns, outputs, length);
    if (overlap === undefined) return;
    throw overlapError(columnNames(columns.length), outputNames(outputs.length))(...overlap);
  }
}

/** Is it worth a look whether an output overlaps another array? */
function mayOverlap(columns: readonly NumericArray[], outputs: readonly NumericArray[]): boolean {
  for (let i = 0; i < outputs.length; i++) {
    const output = outputs[i] as NumericArray;
    for (let j = 0; j < columns.length; j++)
      if (mayShareMemory(output, columns[j] as NumericArray)) return true;
    for (let j = 0; j < i; j++) if (mayShareMemory(output, outputs[j] as NumericArray)) return true;
  }
  return false;
}

/** Throws unless all arrays have their elements. */
function requireAll({ columns, outputs, length }: KernelWork): void {
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i] as NumericArray;
    if (typedArrayLength(column) < length) {
      requireElements(column, length, elementAt(columnNames(columns.length), i));
    }
  }
  for (let i = 0; i < outputs.length; i++) {
    const output = outputs[i] as NumericArray;
    if (typedArrayLength(output) < length) {
      requireElements(output, length, elementAt(outputNames(outputs.length), i));
    }
  }
}

/**
 * The task with copies of columns that may be an output under another name: of shared memory there are as many objects as anybody
 * wants. What is written chunk by chunk must not be what a later chunk reads.
 */
function separate(task: KernelTask): KernelTask {
  const { columns, outputs } = task;
  if (!hasShared(outputs)) return task;
  const isKnown = (column: NumericArray): boolean =>
    outputs.some((output) => typedArrayBuffer(output) === typedArrayBuffer(column));
  return {
    ...task,
    columns: columns.map((column) => (isShared(column) && !isKnown(column) ? copyOf(column) : column)),
  };
}

function hasShared(arrays: readonly NumericArray[]): boolean {
  for (let i = 0; i < arrays.length; i++) if (isShared(arrays[i] as NumericArray)) return true;
  return false;
}

function isShared(array: NumericArray): boolean {
  return isSharedBuffer(typedArrayBuffer(array));
}
