/** Runs sources of the language on the IR interpreter, without any optimisation: what the language tests share. */

import { lowerProgram } from '../../src/engine/front/lower-program.ts';
import { Interpreter } from '../../src/jit/ir/interpreter.ts';
import type { Datum } from '../../src/jit/ir/opcode.ts';
import { assertVerified } from '../../src/jit/ir/verifier.ts';
import { check } from '../../src/lang/checker.ts';
import { CompileError } from '../../src/lang/compile-error.ts';
import type { Environment } from '../../src/lang/environment.ts';
import { mainName } from '../../src/lang/lower.ts';
import { parse } from '../../src/lang/parser.ts';

export type HostTable = Readonly<Record<string, (...args: number[]) => number>>;

export interface EvaluateOptions extends Environment {
  /** Implementations; the environment's hosts are derived from them. */
  readonly functions?: HostTable;
}

/** A source, compiled once, as a function of its parameters. */
export function prepare(source: string, options: EvaluateOptions = {}): (...args: number[]) => Datum {
  const functions = Object.entries(options.functions ?? {});
  const hosts = functions.map(([name, { length }]) => ({ name, arity: length }));
  const program = check(parse(source, { limits: options.limits }), { ...options, hosts });
  const module = lowerProgram(program);
  assertVerified(module, 'after lowering');
  const implementations = module.hosts.map(({ name }) => options.functions?.[name] ?? (() => Number.NaN));
  const interpreter = new Interpreter(module, { hosts: implementations, fuel: 1_000_000 });
  return (...args) => interpreter.run(mainName, args);
}

export function evaluate(source: string, args: readonly number[] = [], options?: EvaluateOptions): Datum {
  return prepare(source, options)(...args);
}

/** The error that compiling a source throws; fails if it throws none or another one. */
export function compileError(source: string, environment?: Environment): CompileError {
  try {
    check(parse(source, { limits: environment?.limits, dialect: environment?.dialect }), environment);
  } catch (error) {
    if (error instanceof CompileError) return error;
    throw error;
  }
  throw new Error(`compiled without an error: ${source}`);
}
