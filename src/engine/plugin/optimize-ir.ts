import type { IrFunction, IrModule } from '../../jit/ir/function.ts';
import { sealModule } from '../../jit/ir/seal-module.ts';
import { optimize } from '../../jit/opt/optimize.ts';
import { optionNames, readOptions } from '../../support/options.ts';

export interface OptimizeIrOptions {
  /** 0: what code generation needs (tail calls, order of blocks); 1, if left out: everything. */
  readonly level?: 0 | 1 | undefined;
  /** Allow what differs from JavaScript in rounding, in the sign of zero and where NaN or infinities occur. */
  readonly fastMath?: boolean | undefined;
  /** Called after each pass that changed a function. */
  readonly trace?: ((pass: string, fn: IrFunction) => void) | undefined;
  /** The functions that are wanted; others go once nothing calls them. All stay if left out. */
  readonly roots?: readonly string[] | undefined;
}

const names = optionNames<OptimizeIrOptions>({ level: true, fastMath: true, trace: true, roots: true });

/**
 * An optimised copy of a module, as `compileIr` makes code of it.
 *
 * @throws IrError if the module is wrong; TypeError or RangeError for impossible options.
 */
export function optimizeIr(module: IrModule, given?: OptimizeIrOptions): IrModule {
  const { level = 1, fastMath = false, trace, roots } = readOptions<OptimizeIrOptions>(given, names);
  const copy = sealModule(module);
  optimize(copy, { level, fastMath, trace, ...(roots === undefined ? undefined : { roots }) });
  return copy;
}
