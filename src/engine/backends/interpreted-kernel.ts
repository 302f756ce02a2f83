/** Kernels as loops of TypeScript over the interpreter: slower, but anywhere, and with the same results. */
import type { InterpretedFunction, Interpreter, SuspendableFunction } from '../../jit/ir/interpreter.ts';
import { TrapError } from '../../jit/ir/trap-error.ts';
import { exactBlock, partialsOf, partialsPerBlock } from '../../jit/kernel/exact-reduction.ts';
import type { KernelParameter, KernelSpec, ReductionKind } from '../../jit/kernel/kernel-spec.ts';
import { reduceValues } from '../../jit/kernel/reductions.ts';
import { reductionBlock } from '../../native/kernel-frame.ts';
import { elementAt } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import { hasOwn } from '../../support/own.ts';
import { isTrue } from '../../support/truth.ts';
import { requireElements } from './bound-columns.ts';
import type { NumericArray } from './column-types.ts';
import type { KernelTask, LoadedKernel } from './loaded-kernel.ts';
import { currentDeadline, isPast } from './time-limit.ts';

type RowValue = (row: number) => number;

/** Milliseconds after which a run in steps lets others have the thread. */
const stepTime = 8;

interface Output {
  /** Runs it for a row's arguments, to its end. */
  readonly evaluate: InterpretedFunction;
  /** The same in steps. */
  readonly evaluateInSteps: SuspendableFunction;
  readonly reduce: ReductionKind | undefined;
  readonly isMask: boolean;
}

/** What a run works on: where the results of each output go. */
interface Sink {
  readonly output: Output;
  put(row: number, value: number): void;
  /** After the last row. */
  finish(): void;
}

export class InterpretedKernel implements LoadedKernel {
  readonly runRows = undefined;
  readonly short = undefined;
  readonly start = undefined;
  readonly mayThrow = true;
  readonly copiesColumns = false;
  readonly callsHost: boolean;
  readonly #interpreter: Interpreter;
  readonly #spec: KernelSpec;
  readonly #outputs: readonly Output[];

  constructor(interpreter: Interpreter, spec: KernelSpec, callsHost: boolean) {
    this.callsHost = callsHost;
    this.#interpreter = interpreter;
    this.#spec = spec;
    this.#outputs = spec.outputs.map((output) => ({
      evaluate: interpreter.prepare(output.function),
      evaluateInSteps: interpreter.prepareSuspendable(output.function),
      reduce: hasOwn(output, 'reduce') ? output.reduce : undefined,
      isMask: hasOwn(output, 'type') && output.type === 'mask',
    }));
  }

  run(task: KernelTask): void {
    const outer = this.#interpreter.columns;
    this.#interpreter.columns = task.columns;
    try {
      this.#run(task);
    } finally {
      this.#interpreter.columns = outer;
    }
  }

  #run(task: KernelTask): void {
    const sinks = this.#sinks(task);
    const argumentsOf = rowReader(this.#spec.parameters, task);
    const deadline = currentDeadline();
    for (let row = 0; row < task.length; row++) {
      const args = argumentsOf(row);
      // All of a row is computed before any of it is written: an output may be a column.
      const values = sinks.map(({ output }) => Number(output.evaluate(args)));
      for (let i = 0; i < sinks.length; i++) elementAt(sinks, i).put(row, elementAt(values, i));
      if (isPast(deadline)) throw this.#timeout();
    }
    for (const sink of sinks) sink.finish();
  }

  steps(task: KernelTask): Generator<number, void> {
    return this.stepsOf(task, 0, task.length);
  }

  /** As {@link steps}, of some of the rows; with reductions, of whole blocks. */
  *stepsOf(task: KernelTask, firstRow: number, rowCount: number): Generator<number, void> {
    const sinks = this.#sinks(task, firstRow);
    const argumentsOf = rowReader(this.#spec.parameters, task);
    let start = performance.now();
    for (let row = firstRow; row < firstRow + rowCount; row++) {
      const args = argumentsOf(row);
      const values: number[] = [];
      for (const { output } of sinks) {
        const run = output.evaluateInSteps(args);
        let step = this.#step(run, task);
        for (; step.done !== true; step = this.#step(run, task)) {
          yield row;
          start = performance.now();
        }
        values.push(Number(step.value));
      }
      for (let i = 0; i < sinks.length; i++) elementAt(sinks, i).put(row, elementAt(values, i));
      if (performance.now() - start < stepTime) continue;
      yield row + 1;
      start = performance.now();
    }
    for (const sink of sinks) sink.finish();
  }

  #step<Result>(run: Generator<void, Result>, { columns }: KernelTask): IteratorResult<void, Result> {
    const outer = this.#interpreter.columns;
    this.#interpreter.columns = columns;
    try {
      return run.next();
    } finally {
      this.#interpreter.columns = outer;
    }
  }

  enter(): void {}

  leave(): void {}

  release(): void {}

  #sinks(task: KernelTask, firstRow = 0): Sink[] {
    const count = partialsPerBlock(this.#spec);
    let arrays = 0;
    let partial = 0;
    return this.#outputs.map((output) => {
      if (output.reduce === undefined) return storing(output, elementAt(task.outputs, arrays++));
      invariant(task.partials !== undefined, 'reductions have partial results');
      const first = partial;
      partial += partialsOf(output.reduce);
      return reducing(output, output.reduce, task.partials, first, count, firstRow);
    });
  }

  #timeout(): TrapError {
    return new TrapError('E_TIMEOUT', elementAt(this.#spec.outputs, 0).function);
  }
}

function storing(output: Output, array: NumericArray): Sink {
  return {
    output,
    put: output.isMask
      ? (row, value) => {
          array[row] = isTrue(value) ? 1 : 0;
        }
      : (row, value) => {
          array[row] = value;
        },
    finish() {},
  };
}

/** The partial result of each block of rows, computed as that of a whole run over the block's rows. */
function reducing(
  output: Output,
  kind: ReductionKind,
  partials: Float64Array,
  position: number,
  count: number,
  firstRow: number,
): Sink {
  const values = new Float64Array(reductionBlock);
  let rows = 0;
  let block = firstRow / reductionBlock;
  const finish = (): void => {
    if (rows === 0) return;
    const place = block * count + position;
    if (kind === 'exact') exactBlock(values, rows, partials, place);
    else partials[place] = reduceValues(kind, values, rows);
    rows = 0;
    block++;
  };
  return {
    output,
    put(_, value) {
      values[rows++] = value;
      if (rows === reductionBlock) finish();
    },
    finish,
  };
}

function rowReader(parameters: readonly KernelParameter[], task: KernelTask): (row: number) => number[] {
  let columns = 0;
  let uniforms = 0;
  const readers = parameters.map((parameter): RowValue => {
    switch (parameter.kind) {
      case 'column': {
        const column = elementAt(task.columns, columns++);
        const name = `column ${columns}`;
        // Whoever replaced a built-in function may have taken it away since it was bound.
        requireElements(column, task.length, name);
        return (row) => {
          // Its `length` may be an own property that lies; beyond its elements a typed array has nothing, inherited or not.
          const element = column[row];
          if (element !== undefined) return element;
          requireElements(column, row + 1, name);
          return Number.NaN;
        };
      }
      case 'uniform': {
        const uniform = elementAt(task.uniforms, uniforms++);
        return () => uniform;
      }
      case 'elements': {
        const column = columns++;
        return () => column;
      }
      case 'carried': {
        const first = elementAt(task.uniforms, uniforms++);
        const output = elementAt(task.outputs, parameter.output);
        return (row) => (row === 0 ? first : (output[row - 1] as number));
      }
      case 'index':
        return (row) => row;
      default:
        return () => task.length;
    }
  });
  return (row) => readers.map((read) => read(row));
}
