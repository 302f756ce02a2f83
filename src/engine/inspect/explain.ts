/**
 * What each stage of the pipeline makes of a source, as text. Nothing is placed in executable memory and nothing
 * runs, so code can be shown for instruction sets that this CPU does not have.
 */

import type { IrModule } from '../../jit/ir/function.ts';
import { printFunction, printModule } from '../../jit/ir/printer.ts';
import { generateKernel, type KernelStage } from '../../jit/kernel/generate-kernel.ts';
import { type ColumnType, columnTypes, type KernelParameter } from '../../jit/kernel/kernel-spec.ts';
import { type FeatureLevel, featureLevels, levelsOf, traitsOf } from '../../jit/machine/feature-level.ts';
import { frameEntryName, type GeneratedCode, generate } from '../../jit/machine/generate.ts';
import { hostTarget } from '../../jit/machine/host-target.ts';
import { formatListing, type LoggedInstruction } from '../../jit/x64/listing.ts';
import type { Program } from '../../lang/ast.ts';
import { drawProgram } from '../../lang/ast-tree.ts';
import type { Diagnostic } from '../../lang/diagnostic.ts';
import type { Environment } from '../../lang/environment.ts';
import { irNameOf, mainName } from '../../lang/lower.ts';
import type { CheckedFunction, CheckedProgram, Variable } from '../../lang/typed-ast.ts';
import type { Addon } from '../../native/addon.ts';
import { loadAddon } from '../../native/loader.ts';
import { cutText } from '../../support/cut-text.ts';
import { describeValue } from '../../support/describe-value.ts';
import { optionNames, readOptions, requireOneOf } from '../../support/options.ts';
import type { ResultType } from '../backends/executable.ts';
import { compileToIr, type Root } from '../front/compile-to-ir.ts';

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

/** The machine code of an {@link Explanation}. */
export interface ExplainedCode {
  readonly cpu: FeatureLevel;
  /** Bytes, constants included. */
  readonly size: number;
  /** Of a kernel: does its loop compute several rows at once, or call the function row by row? Undefined for functions. */
  readonly kernel: 'vectors' | 'rows' | undefined;
  /** Of a kernel its loop, as IR; then machine IR of each function, before and after registers are allocated. */
  readonly machine: readonly {
    readonly stage: KernelStage;
    readonly text: string;
  }[];
  /** Offsets, bytes and instructions; what is called and where jumps go by name. */
  readonly listing: string;
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
  const { addon } = loadAddon();
  if (cpu !== undefined) requireOneOf('cpu', cpu, featureLevels);
  if (kernel !== undefined) requireOneOf('kernel', kernel, columnTypes);
  const level = cpu ?? context.cpu ?? bestLevel(addon);
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
    resultType: result && (result.type === 'bool' ? 'boolean' : 'number'),
    warnings: checked.warnings,
    ast: drawProgram(program),
    ir: stages,
    code: addon && codeOf(ir, roots, columns, addon, level),
  };
}

function codeOf(
  module: IrModule,
  roots: readonly Root[],
  columns: readonly KernelParameter[] | undefined,
  addon: Addon,
  level: FeatureLevel,
): ExplainedCode {
  const target = hostTarget(addon, { level });
  const log: LoggedInstruction[] = [];
  const machine: ExplainedCode['machine'][number][] = [];
  const dump = (stage: KernelStage, text: string): void => {
    machine.push({ stage, text: text.trimEnd() });
  };
  const exports = roots.map(({ irName }) => irName);
  const [root] = exports;
  if (columns !== undefined && root !== undefined) {
    const spec = { parameters: columns, outputs: [{ function: root, type: 'f64' as const }] };
    const { code, severalRows } = generateKernel(module, spec, target, { log, dump });
    const kernel = severalRows ? 'vectors' : 'rows';
    return { cpu: level, size: code.codeSize, kernel, machine, listing: formatListing(code, log) };
  }
  const generated = generate(module, target, { exports, log, dump });
  const { code } = generated;
  const listing = formatListing(code, log);
  const shortened = shortenEntryNames(listing, exports, generated);
  return { cpu: level, size: code.codeSize, kernel: undefined, machine, listing: shortened };
}

function rootsOf(checked: CheckedProgram): Root[] {
  if (checked.result !== undefined) return [{ irName: mainName }];
  return definedBy(checked).map((fn) => ({ irName: irNameOf(fn) }));
}

function definedBy({ program, functions }: CheckedProgram): CheckedFunction[] {
  const own = new Set<unknown>(program.definitions);
  return functions.filter((fn) => own.has(fn.definition));
}

/** What the parameters of the one function are to a kernel: columns, and values that are the same for all rows. */
function kernelParameters(
  checked: CheckedProgram,
  roots: readonly Root[],
  type: ColumnType,
): KernelParameter[] {
  const column = ({ name }: Variable): KernelParameter =>
    name === 'index' || name === 'length' ? { kind: name } : { kind: 'column', type };
  if (checked.result !== undefined) return checked.parameters.map(column);
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

/** A function that is its own frame entry has no other name to be confused with. */
function shortenEntryNames(listing: string, exports: readonly string[], generated: GeneratedCode): string {
  let text = listing;
  for (const name of exports) {
    const { entry } = generated.of(name);
    if (entry === undefined) text = text.replace(`${frameEntryName(name)}:`, () => `${name}:`);
  }
  return text;
}

function bestLevel(addon: Addon | undefined): FeatureLevel {
  return levelsOf(addon?.cpuInfo().features ?? []).at(-1) ?? 'sse2';
}
