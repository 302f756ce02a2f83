/**
 * Kernels as WebAssembly. Code sees one memory, and arrays of callers are elsewhere; so rows go in chunks that stay in the cache:
 * columns are copied in, the kernel runs, results are copied out. Arrays that lie in the memory already (`column-arenas.ts`) are used
 * where they are.
 */
import { sizeOf as sizeOfType } from '../../jit/ir/memory-type.ts';
import { TrapError } from '../../jit/ir/trap-error.ts';
import { columnTypesOf, type KernelSpec, outputTypesOf } from '../../jit/kernel/kernel-spec.ts';
import { ReleasedError } from '../../jit/runtime/released-error.ts';
import { reductionBlock } from '../../native/kernel-frame.ts';
import { elementAt, slots } from '../../support/element.ts';
import {
  isSharedBuffer,
  setTypedArray,
  typedArrayBuffer,
  typedArrayLength,
} from '../../support/intrinsics.ts';
import { type BoundColumns, requireElements } from './bound-columns.ts';
import type { ColumnArenas } from './column-arenas.ts';
import { createOutput, elementCode, type NumericArray, outputTypeOf } from './column-types.ts';
import { KernelChunks, type KernelWork } from './kernel-chunks.ts';
import type { KernelTask, LoadedKernel } from './loaded-kernel.ts';
import { findOverlap, overlapError } from './overlap.ts';
import { currentDeadline, isPast } from './time-limit.ts';
import { enterGuarded, type WasmGuard } from './wasm-calls.ts';
import type { WasmSpace } from './wasm-space.ts';

/** In milliseconds, and rows: see `native-kernel.ts`. */
const sliceTime = 8;
const firstSlice = 64;

export interface WasmKernelParts {
  readonly spec: KernelSpec;
  readonly arenas: ColumnArenas;
  /** The engine's own memory. */
  readonly space: () => WasmSpace;
  /** The kernel on a memory: it takes the address of the kernel frame. */
  readonly instantiate: (space: WasmSpace) => (frame: number) => void;
  /** What calls need of kernels that run row by row; undefined for those on vectors. */
  readonly guard: Omit<WasmGuard, 'space'> | undefined;
  readonly mayTrap: boolean;
  readonly callsHost: boolean;
  /** Bytes of memory of the kernel's own. */
  readonly stackBytes: number;
}

export class WasmKernel implements LoadedKernel {
  readonly mayThrow: boolean;
  readonly callsHost: boolean;
  readonly copiesColumns = false;
  readonly start = undefined;
  readonly runRows: LoadedKernel['runRows'];
  #parts: WasmKernelParts | undefined;
  /** Bytes of an element, of columns and then of outputs. */
  readonly #sizes: readonly number[];
  readonly #columnPlaces: readonly number[];
  readonly #uniformPlaces: readonly number[];
  readonly #reductionCount: number;
  readonly #instances = new WeakMap<WasmSpace, (frame: number) => void>();
  readonly #name: string;

  constructor(parts: WasmKernelParts) {
    const { spec, guard } = parts;
    this.#parts = parts;
    this.mayThrow = parts.mayTrap;
    this.callsHost = parts.callsHost;
    const outputs = outputTypesOf(spec);
    this.#sizes = [...columnTypesOf(spec), ...outputs].map(sizeOfType);
    this.#columnPlaces = placesOf(spec, 'column');
    this.#uniformPlaces = placesOf(spec, 'uniform');
    this.#reductionCount = spec.outputs.length - outputs.length;
    this.#name = elementAt(spec.outputs, 0).function;
    const isSimple = guard === undefined && spec.outputs.length === 1;
    this.runRows = isSimple ? (bound, out, _goal, rows) => this.#runRows(bound, out, rows) : undefined;
  }

  run(task: KernelTask): void {
    this.#refuseOverlap(task);
    this.#runFrom(this.#live(), separate(task), 0, task.length, undefined);
  }

  /** Goes on to its end when it is released meanwhile. */
  steps(task: KernelTask, signal: AbortSignal | undefined): Generator<number, void> {
    return this.#steps(this.#live(), task, signal);
  }

  *#steps(
    parts: WasmKernelParts,
    task: KernelTask,
    signal: AbortSignal | undefined,
  ): Generator<number, void> {
    const { length } = task;
    const least = task.partials === undefined ? 1 : reductionBlock;
    let rows = Math.max(firstSlice, least);
    for (let row = 0; row < length; ) {
      const count = Math.min(rows, length - row);
      const start = performance.now();
      this.#runFrom(parts, task, row, count, signal);
      const time = performance.now() - start;
      row += count;
      yield row;
      if (time < sliceTime / 2) rows *= 2;
      else if (time > sliceTime * 2) rows = Math.max(least, rows / 2);
    }
  }

  enter(): void {}

  leave(): void {}

  release(): void {
    this.#parts = undefined;
  }

  #runRows({ values }: BoundColumns, out: NumericArray, rows: number): void {
    const columns = this.#columnPlaces.map((place) => values[place] as NumericArray);
    const uniforms = this.#uniformPlaces.map((place) => values[place] as number);
    const reduces = this.#reductionCount > 0;
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
        if (row > firstRow && guard === undefined && isPast(currentDeadline())) {
          throw new TrapError('E_TIMEOUT', this.#name);
        }
        const rows = Math.min(chunks.rows, end - row);
        const frame = chunks.fill(row, rows);
        if (guard === undefined) kernel(frame);
        else enterGuarded({ ...guard, space }, signal, () => kernel(frame));
        chunks.deliver(row, rows);
      }
    } finally {
      chunks.leave();
    }
  }

  /** In the memory where arrays lie already, if there is room for the rest. */
  #chunks({ arenas, space, stackBytes }: WasmKernelParts, work: KernelWork, rows: number): KernelChunks {
    const shape = { sizes: this.#sizes, reductionCount: this.#reductionCount, stackBytes };
    const arena = arenas.spaceOf(work);
    if (arena !== undefined) {
      const chunks = new KernelChunks(arena, shape, work, rows);
      if (arena.has(chunks.bytes)) return chunks;
    }
    return new KernelChunks(space(), shape, work, rows);
  }

  #instance({ instantiate }: WasmKernelParts, space: WasmSpace): (frame: number) => void {
    let kernel = this.#instances.get(space);
    if (kernel === undefined) {
      kernel = instantiate(space);
      this.#instances.set(space, kernel);
    }
    return kernel;
  }

  #refuseOverlap({ columns, outputs, length }: KernelTask): void {
    const overlap = outputs.length === 0 ? undefined : findOverlap(columns, outputs, length);
    if (overlap === undefined) return;
    throw overlapError(numbered(columns.length, 'column'), outputNames(outputs.length))(...overlap);
  }
}

function numbered(count: number, what: string): string[] {
  return Array.from(slots(count), (_, index) => `${what} ${index + 1}`);
}

function outputNames(count: number): string[] {
  return count === 1 ? ['out'] : numbered(count, 'output');
}

/** Throws unless all arrays have their elements. */
function requireAll({ columns, outputs, length }: KernelWork): void {
  for (let i = 0; i < columns.length; i++) requireElements(elementAt(columns, i), length, `column ${i + 1}`);
  for (let i = 0; i < outputs.length; i++) {
    requireElements(elementAt(outputs, i), length, outputs.length === 1 ? 'out' : `output ${i + 1}`);
  }
}

/**
 * The task with copies of columns that may be an output under another name: of shared memory there are as many objects as anybody
 * wants. What is written chunk by chunk must not be what a later chunk reads.
 */
function separate(task: KernelTask): KernelTask {
  const { columns, outputs } = task;
  if (!outputs.some(isShared)) return task;
  const isKnown = (column: NumericArray): boolean =>
    outputs.some((output) => typedArrayBuffer(output) === typedArrayBuffer(column));
  return {
    ...task,
    columns: columns.map((column) => (isShared(column) && !isKnown(column) ? copyOf(column) : column)),
  };
}

function isShared(array: NumericArray): boolean {
  return isSharedBuffer(typedArrayBuffer(array));
}

function copyOf(array: NumericArray): NumericArray {
  const copy = createOutput(outputTypeOf(elementCode(array)), typedArrayLength(array));
  setTypedArray(copy, array);
  return copy;
}

function placesOf({ parameters }: KernelSpec, kind: 'column' | 'uniform'): number[] {
  return parameters.flatMap((parameter, place) => (parameter.kind === kind ? place : []));
}
