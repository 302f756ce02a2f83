import { optimize } from '../jit/opt/optimize.ts';
import type { Program } from '../lang/ast.ts';
import { check } from '../lang/checker.ts';
import { CompileError } from '../lang/compile-error.ts';
import { createDiagnostic } from '../lang/diagnostic.ts';
import type { Environment } from '../lang/environment.ts';
import { lower, mainName } from '../lang/lower.ts';
import { parse } from '../lang/parser.ts';
import { invariant } from '../support/invariant.ts';
import type { Backend, HostImplementation } from './backend.ts';
import type { Executable } from './shared-code.ts';

export interface CompileContext {
  readonly backend: Backend;
  readonly hostImplementations: ReadonlyMap<string, HostImplementation>;
  readonly fastMath: boolean;
}

/**
 * The whole way of a source, unless it is parsed already: text, AST, typed AST, IR, optimised IR, and what the
 * backend makes of that (machine code in executable memory, see `native-backend.ts`, or steps for the interpreter).
 *
 * @throws CompileError if the source is wrong or exceeds a limit; TypeError or RangeError if the environment is.
 */
export function compileProgram(
  source: string | Program,
  environment: Environment,
  context: CompileContext,
): Executable {
  const { backend, fastMath } = context;
  const build = () => {
    const program = typeof source === 'string' ? parse(source, environment.limits) : source;
    const checked = check(program, environment);
    if (checked.result === undefined) throw noResult(program);
    const ir = lower(checked);
    optimize(ir, { fastMath, fma: backend.hasFma, math: backend.math, roots: [mainName] });
    return { program, checked, resultType: checked.result.type, ir };
  };
  const { checked, resultType, ir } = build();
  return backend.load({
    ir,
    exports: [
      {
        name: mainName,
        irName: mainName,
        parameters: checked.parameters.map(({ name }) => name),
        resultType: resultType === 'bool' ? 'boolean' : 'number',
      },
    ],
    hosts: ir.hosts.map(({ name }) => hostImplementation(context, name)),
    rebuild: () => build().ir,
    tooLarge: (codeSize, limit) => tooLarge(build().program, codeSize, limit),
  });
}

function noResult(program: Program): CompileError {
  const { source } = program;
  const end = { start: source.text.length, end: source.text.length };
  const message =
    program.definitions.length === 0 ? 'the source is empty' : 'the source has no expression to evaluate';
  return new CompileError([createDiagnostic(source, 'no-result', end, message)]);
}

function tooLarge({ source, start, end }: Program, codeSize: number, limit: number): CompileError {
  const message = `the machine code takes ${codeSize} bytes; at most ${limit} are allowed`;
  return new CompileError([createDiagnostic(source, 'code-size', { start, end }, message)]);
}

function hostImplementation({ hostImplementations }: CompileContext, name: string): HostImplementation {
  const implementation = hostImplementations.get(name);
  invariant(implementation !== undefined, `the host function '${name}' has no implementation`);
  return implementation;
}
