/** Kernels as loops of TypeScript over the interpreter: slower, but anywhere, and with the same results. */

import type { InterpretedFunction, Interpreter } from '../jit/ir/interpreter.ts';
import type { KernelParameter, KernelSpec, ReductionKind } from '../jit/kernel/kernel-spec.ts';
import { reduceRows } from '../jit/kernel/reductions.ts';
import { reductionBlock } from '../native/kernel-frame.ts';
import { elementAt } from '../support/element.ts';
import { invariant } from '../support/invariant.ts';
import { hasOwn } from '../support/own.ts';
import type { NumericArray } from './column-types.ts';
import type { KernelTask, LoadedKernel } from './loaded-kernel.ts';

type RowValue = (row: number) => number;

export class InterpretedKernel implements LoadedKernel {
  readonly runRows = undefined;
  readonly start = undefined;
  readonly mayThrow = true;
  readonly callsHost: boolean;
  readonly #spec: KernelSpec;
  readonly #functions: readonly InterpretedFunction[];

  constructor(interpreter: Interpreter, spec: KernelSpec, callsHost: boolean) {
    this.callsHost = callsHost;
    this.#spec = spec;
    this.#functions = spec.outputs.map((output) => interpreter.prepare(output.function));
  }

  run(task: KernelTask, firstRow: number, rowCount: number): void {
    let outputs = 0;
    const stores: ((row: number, value: number) => void)[] = [];
    const reductions: { kind: ReductionKind; fn: InterpretedFunction }[] = [];
    const mapped: InterpretedFunction[] = [];
    for (const [index, output] of this.#spec.outputs.entries()) {
      const fn = elementAt(this.#functions, index);
      if (hasOwn(output, 'reduce')) reductions.push({ kind: output.reduce, fn });
      else {
        stores.push(storeTo(elementAt(task.outputs, outputs++), output.type === 'mask'));
        mapped.push(fn);
      }
    }
    const argumentsOf = rowReader(this.#spec.parameters, task);
    for (let row = firstRow; stores.length > 0 && row < firstRow + rowCount; row++) {
      const args = argumentsOf(row);
      // All of a row is computed before any of it is written: an output may be a column.
      const values = mapped.map((fn) => Number(fn(args)));
      for (let i = 0; i < stores.length; i++) elementAt(stores, i)(row, elementAt(values, i));
    }
    for (const [index, { kind, fn }] of reductions.entries()) {
      const rowValue: RowValue = (row) => Number(fn(argumentsOf(row)));
      reduceBlocks(kind, firstRow, rowCount, rowValue, (block, partial) => {
        invariant(task.partials !== undefined, 'reductions have partial results');
        task.partials[block * reductions.length + index] = partial;
      });
    }
  }

  enter(): void {}

  leave(): void {}

  release(): void {}
}

function storeTo(array: NumericArray, isMask: boolean): (row: number, value: number) => void {
  return isMask
    ? (row, value) => {
        array[row] = value !== 0 && !Number.isNaN(value) ? 1 : 0;
      }
    : (row, value) => {
        array[row] = value;
      };
}

function rowReader(parameters: readonly KernelParameter[], task: KernelTask): (row: number) => number[] {
  let columns = 0;
  let uniforms = 0;
  const readers = parameters.map(({ kind }): RowValue => {
    switch (kind) {
      case 'column': {
        const column = elementAt(task.columns, columns++);
        return (row) => elementAt(column, row);
      }
      case 'uniform': {
        const uniform = elementAt(task.uniforms, uniforms++);
        return () => uniform;
      }
      case 'index':
        return (row) => row;
      default:
        return () => task.length;
    }
  });
  return (row) => readers.map((read) => read(row));
}

/** The partial result of each block, computed as that of a whole run over the block's rows. */
function reduceBlocks(
  kind: ReductionKind,
  firstRow: number,
  rowCount: number,
  rowValue: RowValue,
  store: (block: number, partial: number) => void,
): void {
  for (let start = firstRow; start < firstRow + rowCount; start += reductionBlock) {
    const rows = Math.min(reductionBlock, firstRow + rowCount - start);
    const partial = reduceRows(kind, rows, (row) => rowValue(start + row));
    store(start / reductionBlock, partial);
  }
}
