/** The front half of the pipeline, for whatever is made of a source: functions, kernels, explanations. */
import type { IrFunction, IrModule } from '../../jit/ir/function.ts';
import { optimize } from '../../jit/opt/optimize.ts';
import type { Program } from '../../lang/ast.ts';
import { check } from '../../lang/checker.ts';
import type { Environment } from '../../lang/environment.ts';
import { parse } from '../../lang/parser.ts';
import type { SourceSpans } from '../../lang/source-spans.ts';
import type { CheckedProgram } from '../../lang/typed-ast.ts';
import { lowerProgram } from './lower-program.ts';

/** What the optimiser may rely on. */
export interface IrOptions {
  readonly fastMath: boolean;
  /** Whether a fused multiply-add is at hand. */
  readonly fma: boolean;
}

/** A function that is wanted, by its name in the IR. */
export interface Root {
  readonly irName: string;
}

/** Receives the module after lowering (`fn` is undefined then), and each function after each pass that changed it. */
export type IrTrace = (pass: string, fn: IrFunction | undefined, module: IrModule) => void;

/** Hears of each stage that has ended. */
export type Lap = (stage: string) => void;

/** What became of a source on its way. */
export interface OptimizedProgram<R extends Root> {
  readonly checked: CheckedProgram;
  readonly roots: readonly R[];
  /** Holds the roots and what they come to call. */
  readonly ir: IrModule;
}

/**
 * Text, AST, typed AST, IR, optimised IR. `rootsOf` says what of the program is wanted; the rest goes. `spans` gets the places of values, before the optimiser makes others of them.
 *
 * @throws CompileError if the source is wrong or exceeds a limit; TypeError or RangeError if the environment is; what
 * `rootsOf` throws.
 */
export function compileToIr<R extends Root>(
  source: string | Program,
  environment: Environment,
  { fastMath, fma }: IrOptions,
  rootsOf: (checked: CheckedProgram) => readonly R[],
  trace?: IrTrace,
  lap?: Lap,
  spans?: SourceSpans,
): OptimizedProgram<R> {
  const program = typeof source === 'string' ? parse(source, environment) : source;
  lap?.('parse');
  const checked = check(program, environment, undefined, undefined, spans);
  lap?.('check');
  const roots = rootsOf(checked);
  const ir = lowerProgram(checked, spans);
  lap?.('lower');
  trace?.('lower', undefined, ir);
  const names = roots.map(({ irName }) => irName);
  const traced = trace && { trace: (pass: string, fn: IrFunction) => trace(pass, fn, ir) };
  optimize(ir, { fastMath, fma, roots: names, ...traced });
  lap?.('optimise');
  return { checked, roots, ir };
}
