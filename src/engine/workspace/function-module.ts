import type { Definition, Program } from '../../lang/ast.ts';
import { check } from '../../lang/checker.ts';
import { CompileError } from '../../lang/compile-error.ts';
import { createDiagnostic } from '../../lang/diagnostic.ts';
import { type Environment, withDefinitions } from '../../lang/environment.ts';
import { parse } from '../../lang/parser.ts';
import { reachableFrom, referencesOf } from '../../lang/references.ts';
import { createCallable } from '../callables/compiled-callable.ts';
import type { CompiledFunction } from '../callables/compiled-function.ts';
import type { CallTarget } from '../callables/shared-code.ts';
import { evaluateOnce } from './evaluate-once.ts';

/** The functions that a source defines, in one piece of code. */
export interface FunctionModule extends Disposable {
  /** By name. Each can be released alone; the code goes with the last one. */
  readonly functions: Readonly<Record<string, CompiledFunction>>;
  /** What the source's `let`s came to, by name. */
  readonly values: Readonly<Record<string, number | boolean>>;
  /** Releases all functions. */
  release(): void;
}

/** What a module needs of its engine. */
export interface ModuleEngine {
  readonly environment: Environment;
  compileResult(program: Program, environment: Environment): CallTarget;
  /** Of all named functions, in that order. */
  compileFunctions(program: Program, environment: Environment, names: readonly string[]): CallTarget[];
}

/**
 * Compiles all functions of a source together. Its `let`s are evaluated once, in order, and are constants to the
 * functions.
 *
 * @throws CompileError if the source is wrong, or ends in an expression; what the evaluation of a `let` throws.
 */
export function compileModule(source: string, engine: ModuleEngine): FunctionModule {
  const program = parse(source, engine.environment);
  rejectResult(program);
  const environment = { ...engine.environment, parameters: [] };
  check(program, environment);
  const variables = evaluateLets(program, environment, engine);
  const definitions = program.definitions.filter((definition) => definition.kind === 'function');
  const functions: Program = { ...program, definitions };
  const names = definitions.map(({ target }) => target.name);
  const targets =
    names.length === 0
      ? []
      : engine.compileFunctions(functions, withDefinitions(environment, variables, []), names);
  return createModule(targets, variables);
}

/** The `let`s of a program that was checked, each evaluated once, in order, with the functions that it uses. */
export function evaluateLets(
  program: Program,
  environment: Environment,
  engine: Pick<ModuleEngine, 'compileResult'>,
): ReadonlyMap<string, number | boolean> {
  const functions = program.definitions.filter((definition) => definition.kind === 'function');
  const byName = new Map(functions.map((definition) => [definition.target.name, definition]));
  const references = new Map(functions.map((each) => [each.target.name, referencesOf(each)]));
  const variables = new Map<string, number | boolean>();
  for (const definition of program.definitions) {
    if (definition.kind === 'function') continue;
    // Only what it uses, or many `let`s would each look through all definitions.
    const used = new Map<string, number | boolean>();
    const library: Definition[] = [];
    for (const name of reachableFrom(referencesOf(definition.value), (name) => references.get(name))) {
      const value = variables.get(name);
      const fn = byName.get(name);
      if (value !== undefined) used.set(name, value);
      if (fn !== undefined) library.push(fn);
    }
    const alone = { ...program, definitions: [], result: definition.value };
    const seen = withDefinitions(environment, used, [
      { ...program, definitions: library, result: undefined },
    ]);
    variables.set(definition.target.name, evaluateOnce(engine.compileResult(alone, seen)));
  }
  return variables;
}

/** A module for its functions only: where an expression is meant to be evaluated, `compile` and `evaluate` are right. */
export function rejectResult({ result, source }: Program): void {
  if (result === undefined) return;
  throw new CompileError([
    createDiagnostic(source, 'E_UNEXPECTED_TOKEN', result, 'only definitions can stand here'),
  ]);
}

function createModule(
  targets: readonly CallTarget[],
  values: ReadonlyMap<string, number | boolean>,
): FunctionModule {
  const callables = targets.map(
    (target) => [target.function.name, createCallable(target.function.callable(target), target)] as const,
  );
  const release = () => {
    for (const [, callable] of callables) callable.release();
  };
  return Object.freeze({
    functions: dictionary(callables),
    values: dictionary(values),
    release,
    [Symbol.dispose]: release,
  });
}

/** An object that has no names but its own. */
function dictionary<T>(entries: Iterable<readonly [string, T]>): Readonly<Record<string, T>> {
  return Object.freeze(Object.assign(Object.create(null), Object.fromEntries(entries)));
}
