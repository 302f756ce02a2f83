import type { IrModule } from '../jit/ir/function.ts';
import type { Program } from '../lang/ast.ts';
import { CompileError } from '../lang/compile-error.ts';
import { createDiagnostic } from '../lang/diagnostic.ts';
import type { Environment } from '../lang/environment.ts';
import { irNameOf, mainName } from '../lang/lower.ts';
import { edgeHost } from '../lang/lower-element.ts';
import type { Edges } from '../lang/row-functions.ts';
import type { CheckedProgram, ValueType, Variable } from '../lang/typed-ast.ts';
import { elementAt } from '../support/element.ts';
import { invariant } from '../support/invariant.ts';
import type { Backend, CompiledModule, ExportedFunction, KernelModule } from './backends/backend.ts';
import { beyondRows } from './backends/beyond-rows.ts';
import { compiled } from './backends/compile-event.ts';
import { compileLog } from './backends/debug.ts';
import { type Executable, type RowFunction, resultTypeOf } from './backends/executable.ts';
import type { HostImplementation } from './backends/host-call.ts';
import { RowExecutable } from './columns/row-executable.ts';
import { planAhead } from './front/ahead-plan.ts';
import { compileToIr, type IrOptions, type Root } from './front/compile-to-ir.ts';
import { plannedFunctions, planRows, type RowPlan } from './front/row-plan.ts';

export interface CompileContext {
  readonly backend: Backend;
  readonly hostImplementations: ReadonlyMap<string, HostImplementation>;
  readonly fastMath: boolean;
  /** Milliseconds that a run over columns may take, unless it is told. */
  readonly timeout: number | undefined;
}

/**
 * The whole way of a source, unless it is parsed already: text, AST, typed AST, IR, optimised IR, and what the
 * backend makes of that (machine code in executable memory, see `native-backend.ts`, a module of WebAssembly, or steps for the interpreter).
 *
 * What becomes callable is the program's result, or the functions of the program that `functionNames` names.
 *
 * @throws CompileError if the source is wrong or exceeds a limit; TypeError or RangeError if the environment is.
 */
export function compileProgram(
  source: string | Program,
  environment: Environment,
  context: CompileContext,
  functionNames?: readonly string[],
): Executable {
  let exports: readonly ExportedFunction[] = [];
  const rootsOf = (checked: CheckedProgram): readonly Root[] => {
    exports = functionNames?.map((name) => functionOf(checked, name)) ?? [resultOf(checked)];
    return [...exports, ...plannedFunctions(checked)];
  };
  const started = compiled.start();
  const log = compileLog(typeof source === 'string' ? source : source.source.text);
  const { checked, ir } = compileToIr(source, environment, irOptions(context), rootsOf, log?.trace, log?.lap);
  const module = {
    source: checked.program.source.text,
    ir,
    exports,
    hosts: hostImplementations(ir, context),
    tooLarge: tooLarge(checked.program),
    log,
  };
  const plan = checked.rowInputs.length === 0 ? undefined : planRows(checked, ir, [undefined]);
  const executable =
    plan === undefined
      ? context.backend.load(module)
      : new RowExecutable({
          source: module.source,
          ir,
          exported: elementAt(exports, 0),
          timeout: context.timeout,
          ofRows: (edges) =>
            edges === 'nan'
              ? rowFunction(module, plan, [mainName], context)
              : withEdges(checked.program, environment, context, edges),
        });
  log?.end();
  if (started >= 0) {
    const { source: text, code } = executable;
    const functions = exports.map(({ name }) => name);
    compiled.tell(started, { source: text, functions, backend: context.backend.name, size: code?.size });
  }
  return executable;
}

/** A program of one output for other rows beyond the first and the last. */
function withEdges(
  program: Program,
  environment: Environment,
  context: CompileContext,
  edges: Edges,
): RowFunction {
  const rows = { output: undefined, outputs: [], ...environment.rows, edges };
  const roots = (checked: CheckedProgram) => [{ irName: mainName }, ...plannedFunctions(checked)];
  const { checked, ir } = compileToIr(program, { ...environment, rows }, irOptions(context), roots);
  const plan = planRows(checked, ir, [undefined]);
  const hosts = hostImplementations(ir, context);
  const module = { source: program.source.text, ir, hosts, tooLarge: tooLarge(program) };
  return rowFunction(module, plan, [mainName], context);
}

/** `outputs` are the functions of the plan that compute these. */
export function rowFunction(
  module: KernelModule,
  plan: RowPlan,
  outputs: readonly string[],
  { backend }: CompileContext,
): RowFunction {
  const split = backend.hasLanes ? planAhead(module.ir, plan, outputs) : undefined;
  const whole = split === undefined ? module : { ...module, ir: split.ir };
  return { plan, ahead: split?.ahead, loadKernel: (spec) => backend.loadKernel(whole, spec) };
}

/** For {@link compileToIr}. */
export function irOptions({ backend, fastMath }: CompileContext): IrOptions {
  return { fastMath, fma: backend.hasFma };
}

function resultOf({ program, parameters, result }: CheckedProgram): ExportedFunction {
  if (result === undefined) throw noResult(program);
  return exported(mainName, mainName, parameters, result.type);
}

function functionOf({ functions }: CheckedProgram, name: string): ExportedFunction {
  const fn = functions.find((candidate) => candidate.name === name);
  invariant(fn !== undefined, `the program has no function '${name}'`);
  return exported(name, irNameOf(fn), [...fn.parameters, ...fn.captures], fn.type);
}

function exported(
  name: string,
  irName: string,
  parameters: readonly Variable[],
  type: ValueType,
): ExportedFunction {
  return {
    name,
    irName,
    parameters: parameters.map((parameter) => parameter.name),
    resultType: resultTypeOf(type),
  };
}

/** The program, for callers that are nothing without a result. Throws a CompileError if it has none. */
export function requireResult(program: CheckedProgram): CheckedProgram {
  if (program.result === undefined) throw noResult(program.program);
  return program;
}

function noResult(program: Program): CompileError {
  const { source } = program;
  const end = { start: source.text.length, end: source.text.length };
  const message =
    program.definitions.length === 0 ? 'the source is empty' : 'the source has no expression to evaluate';
  return new CompileError([createDiagnostic(source, 'E_NO_RESULT', end, message)]);
}

/** The error for code of the program that takes too much. It outlives the program, so does not refer to its tree. */
export function tooLarge({
  source,
  start,
  end,
}: Pick<Program, 'source' | 'start' | 'end'>): CompiledModule['tooLarge'] {
  return (size, limit, unit = 'bytes') => {
    const message = `the code takes ${size} ${unit}; at most ${limit} are allowed`;
    return new CompileError([createDiagnostic(source, 'E_CODE_SIZE', { start, end }, message)]);
  };
}

/** What stands behind the module's hosts, in their order. */
export function hostImplementations(
  { hosts }: IrModule,
  { hostImplementations }: CompileContext,
): HostImplementation[] {
  return hosts.map(({ name }) => {
    const implementation = name === edgeHost.name ? beyondRows : hostImplementations.get(name);
    invariant(implementation !== undefined, `the host function '${name}' has no implementation`);
    return implementation;
  });
}
