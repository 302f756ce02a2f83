import type { IrModule } from '../../jit/ir/function.ts';
import type { KernelSpec } from '../../jit/kernel/kernel-spec.ts';
import type { Edges } from '../../lang/row-functions.ts';
import type { ExportedFunction } from '../backends/backend.ts';
import type { Executable, ExecutableFunction, ResultType, RowFunction } from '../backends/executable.ts';
import { type GlobalStore, NativeGlobals } from '../backends/global-store.ts';
import { KernelError } from '../backends/kernel-error.ts';
import type { LoadedKernel } from '../backends/loaded-kernel.ts';

const noGlobals = new NativeGlobals([]);

/** What is known of a source whose rows look at others. */
export interface RowSource {
  readonly source: string;
  /** For rows beyond which there is NaN. */
  readonly ir: IrModule;
  readonly exported: ExportedFunction;
  readonly timeout: number | undefined;
  readonly ofRows: (edges: Edges) => RowFunction;
}

/** A function of whole columns: there are kernels of it, and no code that takes numbers. */
export class RowExecutable implements Executable {
  readonly code = undefined;
  readonly listed = undefined;
  readonly functions: readonly ExecutableFunction[];
  readonly globals: GlobalStore = noGlobals;
  readonly timeout: number | undefined;
  readonly source: string;
  readonly ir: IrModule;
  readonly #ofRows: RowSource['ofRows'];

  constructor({ source, ir, exported, timeout, ofRows }: RowSource) {
    this.source = source;
    this.ir = ir;
    this.timeout = timeout;
    this.functions = [new ColumnsOnly(exported, ofRows)];
    this.#ofRows = ofRows;
  }

  loadKernel(spec: KernelSpec): LoadedKernel {
    return this.#ofRows('nan').loadKernel(spec);
  }

  release(): void {}
}

class ColumnsOnly implements ExecutableFunction {
  readonly name: string;
  readonly irName: string;
  readonly parameters: readonly string[];
  readonly resultType: ResultType;
  readonly ofRows: RowSource['ofRows'];

  constructor({ name, irName, parameters, resultType }: ExportedFunction, ofRows: RowSource['ofRows']) {
    this.name = name;
    this.irName = irName;
    this.parameters = parameters;
    this.resultType = resultType;
    this.ofRows = ofRows;
  }

  callable(): () => number {
    return () => {
      const advice = 'give `map` or `reduce` columns instead of numbers';
      throw new KernelError('E_ROWS_ONLY', `the formula looks at other rows: ${advice}`);
    };
  }
}
