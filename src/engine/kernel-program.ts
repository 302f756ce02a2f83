/**
 * Several sources over the same parameters as one module: each is parsed, checked, lowered and optimised by itself,
 * and its functions join the module under names that nothing else has. What the outputs have in common, code generation
 * finds.
 */
import { IrModule } from '../jit/ir/function.ts';
import type { Program } from '../lang/ast.ts';
import { check } from '../lang/checker.ts';
import { CompileError } from '../lang/compile-error.ts';
import { createDiagnostic } from '../lang/diagnostic.ts';
import type { Environment } from '../lang/environment.ts';
import { mainName } from '../lang/lower.ts';
import { parse } from '../lang/parser.ts';
import { readingOf } from '../lang/reading.ts';
import type { Edges } from '../lang/row-functions.ts';
import { isName } from '../lang/tokens.ts';
import type { CheckedProgram } from '../lang/typed-ast.ts';
import { maxKernelColumns, maxKernelOutputs } from '../native/kernel-request.ts';
import { cutText } from '../support/cut-text.ts';
import { describeValue } from '../support/describe-value.ts';
import { elementAt } from '../support/element.ts';
import { invariant } from '../support/invariant.ts';
import { optionNames, readOptions } from '../support/options.ts';
import type { KernelModule } from './backends/backend.ts';
import { compileLog } from './backends/debug.ts';
import type { RowKernel } from './columns/create-kernel.ts';
import type { KernelDefinition } from './columns/kernel.ts';
import type { NullSource } from './columns/null-kernels.ts';
import { compileToIr, type Root } from './front/compile-to-ir.ts';
import { functionName, MergedPlan } from './front/merged-plan.ts';
import { rowNames } from './front/row-names.ts';
import { plannedFunctions, planRows } from './front/row-plan.ts';
import { addOutput } from './merge-outputs.ts';
import { nullSource } from './null-source.ts';
import {
  type CompileContext,
  hostImplementations,
  irOptions,
  requireResult,
  rowFunction,
  tooLarge,
} from './pipeline.ts';

export interface CheckedKernel {
  /** As given or found, and then those that the kernel itself provides. */
  readonly parameters: readonly string[];
  readonly outputs: readonly { readonly name: string; readonly function: string }[];
  readonly module: KernelModule;
  /** Undefined if no output looks at other rows. */
  readonly ofRows: ((edges: Edges) => RowKernel) | undefined;
  /** Undefined if it takes no columns with missing values. */
  readonly nulls: NullSource | undefined;
}

const definitionNames = optionNames<KernelDefinition>({ outputs: true });

/** @throws TypeError or RangeError for a definition that is none. */
export function kernelSources(definition: KernelDefinition): ReadonlyMap<string, string> {
  // Nothing at all would count as a definition that is empty.
  const isGiven = typeof definition === 'object' && definition !== null;
  const outputs: unknown =
    isGiven && readOptions<KernelDefinition>(definition, definitionNames, 'definition').outputs;
  if (typeof outputs !== 'object' || outputs === null) {
    throw new TypeError('a kernel is defined by { outputs }, an object of sources by name');
  }
  const entries = Object.entries(outputs as Readonly<Record<string, unknown>>);
  if (entries.length < 1 || entries.length > maxKernelOutputs) {
    throw new RangeError(`a kernel must have 1 to ${maxKernelOutputs} outputs, not ${entries.length}`);
  }
  for (const [name, source] of entries) {
    if (typeof source !== 'string')
      throw new TypeError(`outputs.${cutText(name)} must be a string, not ${typeof source}`);
    if (!isName(name)) {
      throw new TypeError(`the name of an output must be one of the language, not ${describeValue(name)}`);
    }
  }
  return new Map(entries as [string, string][]);
}

/**
 * `sources` are the outputs by name. Without `parameters` these are the free names of the sources, in order of first
 * appearance.
 *
 * @throws CompileError if a source is wrong or beyond a limit; TypeError if a parameter is no name.
 */
export function checkKernel(
  sources: ReadonlyMap<string, string>,
  parameters: readonly string[] | undefined,
  environment: Environment,
  context: CompileContext,
): CheckedKernel {
  const text = [...sources.values()].join('; ');
  const log = compileLog(text);
  // One for all, so that outputs that spell a name in two ways mean one column.
  const reading = readingOf({ ...environment, parameters, provided: rowNames });
  const programs = Array.from(sources, ([name, source]) => ({
    name,
    program: parse(source, environment, reading),
  }));
  log?.lap('parse');
  const outputNames = [...sources.keys()];
  const rowsOf = (output: string) => ({ output, outputs: outputNames });
  const known = programs.map(({ name, program }) =>
    check(program, { ...environment, parameters, provided: rowNames, rows: rowsOf(name) }),
  );
  const names = unionOfParameters(known, parameters);
  const isPlaced = known.some(({ rowInputs }) => rowInputs.length > 0);
  const surroundings = (name: string, edges: Edges) => ({
    ...environment,
    parameters: names,
    provided: rowNames,
    rows: { ...rowsOf(name), isPlaced, edges },
  });
  const compile = (edges: Edges) => {
    const ir = new IrModule();
    // Where rows beyond the edges are refused, a row at a distance is one that is computed, from the number of the row.
    const checkedAgain = () => programs.map(({ name, program }) => check(program, surroundings(name, edges)));
    const all = edges === 'error' ? unionOfParameters(checkedAgain(), names) : names;
    const merged = new MergedPlan(all);
    for (const { name, program } of programs) {
      // Once more, so that all have the same parameters.
      const given = { ...surroundings(name, edges), parameters: all };
      const output = compileToIr(program, given, irOptions(context), rootsOf, log?.trace, log?.lap);
      addOutput(ir, name, output.ir);
      if (isPlaced) merged.add(name, planRows(output.checked, output.ir, outputNames), ir);
      if (merged.parameterCount > maxKernelColumns) throw tooManyParameters(program, merged.parameterCount);
    }
    merged.complete();
    const hosts = hostImplementations(ir, context);
    const module = { source: text, ir, hosts, tooLarge: tooLarge(elementAt(programs, 0).program) };
    return { module, plan: merged.plan };
  };
  const { module, plan } = compile('nan');
  log?.end();
  const outputs = programs.map(({ name }) => ({ name, function: functionName(name, mainName) }));
  const nulls = nullSource(
    Array.from(sources, ([name, source]) => ({
      name,
      source,
      environment: surroundings(name, 'nan'),
      functionName: undefined,
    })),
    context,
  );
  if (plan === undefined) return { parameters: names, outputs, module, ofRows: undefined, nulls };
  const functions = outputs.map((output) => output.function);
  const first = { ...rowFunction(module, plan, functions, context), firsts: plan.firsts };
  const ofRows = (edges: Edges): RowKernel => {
    if (edges === 'nan') return first;
    const other = compile(edges);
    invariant(other.plan !== undefined, 'outputs look at other rows');
    return { ...rowFunction(other.module, other.plan, functions, context), firsts: other.plan.firsts };
  };
  return { parameters: names, outputs, module, ofRows, nulls };
}

function rootsOf(checked: CheckedProgram): readonly Root[] {
  requireResult(checked);
  return [{ irName: mainName }, ...plannedFunctions(checked)];
}

function tooManyParameters(program: Program, count: number): CompileError {
  const message = `the outputs have parameters and take values of other rows, together more than ${maxKernelColumns}: ${count}`;
  return new CompileError([createDiagnostic(program.source, 'E_PARAMETERS', program, message)]);
}

function unionOfParameters(
  programs: readonly CheckedProgram[],
  parameters: readonly string[] | undefined,
): readonly string[] {
  const own = new Set(parameters);
  const used = new Set<string>();
  for (const { parameters: variables, providedCount } of programs) {
    const names = variables.map(({ name }) => name);
    const ownCount = names.length - providedCount;
    for (const name of names.slice(0, ownCount)) own.add(name);
    for (const name of names.slice(ownCount)) used.add(name);
  }
  return [...own, ...used];
}
