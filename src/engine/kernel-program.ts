/**
 * Several sources over the same parameters as one module: each is parsed, checked, lowered and optimised by itself,
 * and its functions join the module under names that nothing else has. What the outputs have in common, code generation
 * finds.
 */
import { IrFunction, IrModule } from '../jit/ir/function.ts';
import { op } from '../jit/ir/opcode.ts';
import { check } from '../lang/checker.ts';
import type { Environment } from '../lang/environment.ts';
import { mainName } from '../lang/lower.ts';
import { parse } from '../lang/parser.ts';
import { isName } from '../lang/tokens.ts';
import type { CheckedProgram } from '../lang/typed-ast.ts';
import { maxKernelOutputs } from '../native/kernel-request.ts';
import { cutText } from '../support/cut-text.ts';
import { describeValue } from '../support/describe-value.ts';
import { elementAt } from '../support/element.ts';
import { optionNames, readOptions } from '../support/options.ts';
import type { KernelModule } from './backends/backend.ts';
import { compileLog } from './backends/debug.ts';
import type { KernelDefinition } from './columns/kernel.ts';
import { compileToIr, type Root } from './front/compile-to-ir.ts';
import { type CompileContext, hostImplementations, irOptions, requireResult, tooLarge } from './pipeline.ts';

/** Names that sources of kernels may use without declaring them. */
const provided = ['index', 'length'] as const;

export interface CheckedKernel {
  /** As given or found, and then those that the kernel itself provides. */
  readonly parameters: readonly string[];
  readonly outputs: readonly { readonly name: string; readonly function: string }[];
  readonly module: KernelModule;
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
  const programs = Array.from(sources, ([name, source]) => ({
    name,
    program: parse(source, environment.limits),
  }));
  log?.lap('parse');
  const known = programs.map(({ program }) => check(program, { ...environment, parameters, provided }));
  const names = unionOfParameters(known, parameters);
  // Once more, so that all have the same parameters.
  const shared = { ...environment, parameters: names };
  const ir = new IrModule();
  for (const { name, program } of programs) {
    const output = compileToIr(program, shared, irOptions(context), mainOf, log?.trace, log?.lap);
    addOutput(ir, name, output.ir);
  }
  log?.end();
  return {
    parameters: names,
    outputs: programs.map(({ name }) => ({ name, function: functionName(name, mainName) })),
    module: {
      source: text,
      ir,
      hosts: hostImplementations(ir, context),
      tooLarge: tooLarge(elementAt(programs, 0).program),
    },
  };
}

function mainOf(checked: CheckedProgram): readonly Root[] {
  requireResult(checked);
  return [{ irName: mainName }];
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

/** `$` cannot occur in names of a source. */
function functionName(output: string, name: string): string {
  return `${output}$${name}`;
}

/** Moves the functions of a module that nobody else has into `merged`, under the names that they have there. */
function addOutput(merged: IrModule, output: string, module: IrModule): void {
  const hosts = module.hosts.map((host) => hostIndex(merged, host));
  for (const fn of module.functions) merged.functions.push(moved(fn, output, hosts));
}

function hostIndex(module: IrModule, host: IrModule['hosts'][number]): number {
  const known = module.hosts.findIndex(({ name }) => name === host.name);
  return known >= 0 ? known : module.hosts.push(host) - 1;
}

/** The function under its name in the merged module, with its calls adapted; the blocks are the same. */
function moved(fn: IrFunction, output: string, hosts: readonly number[]): IrFunction {
  const result = new IrFunction(functionName(output, fn.name), fn.result);
  result.blocks = fn.blocks;
  result.valueCount = fn.valueCount;
  result.blockCount = fn.blockCount;
  for (const { instructions } of fn.blocks) {
    for (const value of instructions) {
      if (value.op === op.call) value.immediate = functionName(output, String(value.immediate));
      else if (value.op === op.callhost) value.immediate = elementAt(hosts, Number(value.immediate));
    }
  }
  return result;
}
