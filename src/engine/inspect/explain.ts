/**
 * What each stage of the pipeline makes of a source, as text. Nothing is placed in executable memory and nothing
 * runs, so code can be shown for instruction sets that this CPU does not have.
 */

import { printFunction, printModule } from '../../jit/ir/printer.ts';
import { type ColumnType, columnTypes, type KernelParameter } from '../../jit/kernel/kernel-spec.ts';
import { type FeatureLevel, featureLevels, traitsOf } from '../../jit/machine/feature-level.ts';
import type { Program } from '../../lang/ast.ts';
import { drawProgram } from '../../lang/ast-tree.ts';
import type { Diagnostic } from '../../lang/diagnostic.ts';
import type { Environment } from '../../lang/environment.ts';
import { irNameOf, mainName } from '../../lang/lower.ts';
import type { CheckedFunction, CheckedProgram, RowInput, Variable } from '../../lang/typed-ast.ts';
import { cutText } from '../../support/cut-text.ts';
import { describeValue } from '../../support/describe-value.ts';
import { optionNames, readOptions, requireOneOf } from '../../support/options.ts';
import { type ResultType, resultTypeOf } from '../backends/executable.ts';
import { compileToIr, type Root } from '../front/compile-to-ir.ts';
import { bestLevel, type ExplainedCode, explainedCode } from './explained-code.ts';

/** For whom machine code is made. */
export interface ExplainOptions {
  /** The instruction sets to make code for, whether this CPU has them or not; those of the engine if left out. */
  readonly cpu?: FeatureLevel;
  /** As the engine does if left out. */
  readonly fastMath?: boolean;
  /**
   * Shows, instead of the function, the loop that `map` runs for columns of this type and results of `f64`. Parameters called
   * `index` and `length` are the number of the row and how many there are.
   */
  readonly kernel?: ColumnType;
}

const explainOptions = optionNames<ExplainOptions>({ cpu: true, fastMath: true, kernel: true });

/** What becomes of a source. All texts end without a newline. */
export interface Explanation {
  /** Of the function that the source would become. */
  readonly parameters: readonly string[];
  /** Undefined if the source only defines. */
  readonly resultType: ResultType | undefined;
  readonly warnings: readonly Diagnostic[];
  /** The syntax tree, drawn. */
  readonly ast: string;
  /** `lower` first, then each pass of the optimiser that changed something, in order; `optimized` last. */
  readonly ir: readonly IrStage[];
  /** Undefined where the native addon is missing. */
  readonly code: ExplainedCode | undefined;
}

/** The IR at one point of the pipeline. */
export interface IrStage {
  readonly pass: string;
  /** The function that the pass changed; undefined if `text` is the whole module. */
  readonly function: string | undefined;
  readonly text: string;
}

/** What the explanation has in common with the engine that gives it. */
export interface ExplainContext {
  /** Of the engine; undefined: the best of this CPU. */
  readonly cpu: FeatureLevel | undefined;
  readonly fastMath: boolean;
}

/**
 * Explains a program: its result, or if it has none, the functions that it defines.
 *
 * @throws CompileError as compiling would; RangeError for an unknown instruction set or type, and for a kernel of a source that
 * defines several functions.
 */
export function explainProgram(
  source: string | Program,
  environment: Environment,
  context: ExplainContext,
  options?: ExplainOptions,
): Explanation {
  const { cpu, fastMath = context.fastMath, kernel } = readOptions<ExplainOptions>(options, explainOptions);
  if (typeof fastMath !== 'boolean')
    throw new TypeError(`fastMath must be a boolean, not ${describeValue(fastMath)}`);
  if (cpu !== undefined) requireOneOf('cpu', cpu, featureLevels);
  if (kernel !== undefined) requireOneOf('kernel', kernel, columnTypes);
  const level = cpu ?? context.cpu ?? bestLevel();
  const stages: IrStage[] = [];
  const { checked, roots, ir } = compileToIr(
    source,
    environment,
    { fastMath, fma: traitsOf(level).hasVex },
    rootsOf,
    (pass, fn, module) => {
      const text = fn === undefined ? printModule(module) : printFunction(fn, module);
      stages.push({ pass, function: fn?.name, text: text.trimEnd() });
    },
  );
  stages.push({ pass: 'optimized', function: undefined, text: printModule(ir).trimEnd() });
  const columns = kernel === undefined ? undefined : kernelParameters(checked, roots, kernel);
  const { program, result } = checked;
  return {
    parameters: checked.parameters.map(({ name }) => name),
    resultType: result && resultTypeOf(result.type),
    warnings: checked.warnings,
    ast: drawProgram(program),
    ir: stages,
    code: explainedCode(
      ir,
      roots.map(({ irName }) => irName),
      columns,
      level,
    ),
  };
}

function rootsOf(checked: CheckedProgram): Root[] {
  if (checked.result !== undefined) return [{ irName: mainName }];
  return definedBy(checked).map((fn) => ({ irName: irNameOf(fn) }));
}

function definedBy({ program, functions }: CheckedProgram): CheckedFunction[] {
  const own = new Set<unknown>(program.definitions);
  return functions.filter((fn) => own.has(fn.definition));
}

/** What a kernel is given of other rows. */
function hidden({ kind }: RowInput, type: ColumnType): KernelParameter {
  switch (kind) {
    case 'neighbour':
      return { kind: 'column', type };
    case 'rolling':
      return { kind: 'column', type: 'f64' };
    case 'elements':
      return { kind: 'elements' };
    case 'previous':
      return { kind: 'carried', output: 0 };
    default:
      return { kind: 'uniform' };
  }
}

/** What the parameters of the one function are to a kernel: columns, and values that are the same for all rows. */
function kernelParameters(
  checked: CheckedProgram,
  roots: readonly Root[],
  type: ColumnType,
): KernelParameter[] {
  const column = ({ name }: Variable): KernelParameter =>
    name === 'index' || name === 'length' ? { kind: name } : { kind: 'column', type };
  if (checked.result !== undefined) {
    return [...checked.parameters.map(column), ...checked.rowInputs.map((input) => hidden(input, type))];
  }
  if (roots.length > 1) {
    const names = cutText(
      definedBy(checked)
        .map(({ name }) => name)
        .join(', '),
    );
    throw new RangeError(`a kernel is of one function, and the source defines ${names}`);
  }
  return definedBy(checked).flatMap(({ parameters, captures }) => [
    ...parameters.map(column),
    ...captures.map((capture): KernelParameter => {
      if (capture.type === 'f64') return { kind: 'uniform' };
      throw new RangeError(`kernels take numbers, and '${cutText(capture.name)}' is a truth value`);
    }),
  ]);
}
