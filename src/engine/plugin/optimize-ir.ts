import type { IrModule } from '../../jit/ir/function.ts';
import { IrError } from '../../jit/ir/ir-error.ts';
import { sealModule } from '../../jit/ir/seal-module.ts';
import { optimize } from '../../jit/opt/optimize.ts';
import { describeValue } from '../../support/describe-value.ts';
import { knownNames, optionNames, readOptions } from '../../support/options.ts';
import { type IrTrace, requireLevel, requireTrace, traceOf } from './optimizing.ts';

/** Of `optimize`. */
export interface OptimizeIrOptions {
  /** 0: what code generation needs (tail calls, order of blocks); 1, if left out: everything. */
  readonly level?: 0 | 1 | undefined;
  /** Allow what differs from JavaScript in rounding, in the sign of zero and where NaN or infinities occur. */
  readonly fastMath?: boolean | undefined;
  /** Told of each pass that changed a function: its name, the function's, and what that is now, as text. */
  readonly trace?: IrTrace | undefined;
  /** The functions that are wanted; others go once nothing calls them. All stay if left out. */
  readonly roots?: readonly string[] | undefined;
}

const names = optionNames<OptimizeIrOptions>({ level: true, fastMath: true, trace: true, roots: true });

/**
 * An optimised copy of a module, by the passes that `compileIr` runs. Accesses of memory stay whole, so that the copy is a module as
 * others are.
 *
 * @throws IrError if the module is wrong; TypeError or RangeError for impossible options.
 */
export function optimizeIr(module: IrModule, given?: OptimizeIrOptions): IrModule {
  const { level = 1, fastMath = false, trace, roots } = readOptions<OptimizeIrOptions>(given, names);
  requireTrace(trace);
  requireLevel(level);
  if (typeof fastMath !== 'boolean')
    throw new TypeError(`fastMath must be a boolean, not ${describeValue(fastMath)}`);
  const copy = sealModule(module);
  const options = { level, fastMath, trace: traceOf(trace, copy) };
  optimize(copy, roots === undefined ? options : { ...options, roots: functionNames(roots, copy) });
  return copy;
}

function functionNames(roots: unknown, { functions }: IrModule): string[] {
  if (!Array.isArray(roots))
    throw new TypeError(`roots must be a list of names, not ${describeValue(roots)}`);
  const names = functions.map(({ name }) => name);
  const list: unknown[] = [...(roots as unknown[])];
  const missing = list.find((root) => typeof root !== 'string' || !names.includes(root));
  if (missing !== undefined)
    throw new IrError(
      [`the module has no function ${describeValue(missing)}; ${knownNames(String(missing), names)}`],
      'roots do not fit the module',
    );
  return list as string[];
}
