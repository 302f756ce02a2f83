/** What a program takes, uses and defines: the checker's findings as plain values. Nothing is compiled. */
import type { Program, Span } from '../../lang/ast.ts';
import { builtinConstants } from '../../lang/builtins.ts';
import { check } from '../../lang/checker.ts';
import type { Diagnostic } from '../../lang/diagnostic.ts';
import { type Environment, resolveEnvironment } from '../../lang/environment.ts';
import { Occurrences } from '../../lang/occurrences.ts';
import type { CheckedFunction, CheckedProgram } from '../../lang/typed-ast.ts';
import { componentsOf, isCycle } from '../../support/components.ts';
import { deepFreeze } from '../../support/deep-freeze.ts';
import { elementAt } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import { type ResultType, resultTypeOf } from '../backends/executable.ts';
import { forRows } from '../front/row-names.ts';

/** What a program takes, uses and defines. All of it is frozen. */
export interface Analysis {
  readonly program: Program;
  /**
   * Values that the program takes from its caller, in order of first appearance; `compile` without parameters gives its function
   * these.
   */
  readonly freeNames: readonly FreeName[];
  /** Functions that are called, in order of first appearance. */
  readonly functions: readonly UsedFunction[];
  /** Constants that are used, in order of first appearance. */
  readonly constants: readonly UsedConstant[];
  /** In the order of the source. */
  readonly definitions: readonly AnalyzedDefinition[];
  /** Of the expression that ends the program, if one does. */
  readonly resultType: ResultType | undefined;
  /** Whether it looks at other rows than its own: then it is a function of columns, and none of numbers. */
  readonly ofColumns: boolean;
  /** In the order of the source. */
  readonly warnings: readonly Diagnostic[];
}

/** A value that a program takes from its caller. */
export interface FreeName {
  readonly name: string;
  readonly type: ResultType;
  /** Where it stands. */
  readonly uses: readonly Span[];
}

/** A function that a program calls. */
export interface UsedFunction {
  readonly name: string;
  /** Who knows it: the language, the host or the program itself. */
  readonly kind: 'builtin' | 'host' | 'defined';
  /** Where its name stands in calls. */
  readonly uses: readonly Span[];
}

/** A constant that a program uses. */
export interface UsedConstant {
  readonly name: string;
  readonly kind: 'builtin' | 'host';
  readonly value: number | boolean;
  /** Where it stands. */
  readonly uses: readonly Span[];
}

/** A `let` or a function at top level. Its span is that of the whole definition. */
export interface AnalyzedDefinition extends Span {
  readonly kind: 'let' | 'function';
  readonly name: string;
  /** Where it gets its name. */
  readonly target: Span;
  /** Of a function; empty for a `let`. */
  readonly parameters: readonly AnalyzedParameter[];
  /** Of its value, or of what it returns. */
  readonly type: ResultType;
  /** Whether it can come to call itself, directly or through others. */
  readonly recursive: boolean;
  /** Where it is used, within itself too. */
  readonly uses: readonly Span[];
}

/** A parameter of a function, where it is named. */
export interface AnalyzedParameter extends Span {
  readonly name: string;
  readonly type: ResultType;
}

/** @throws CompileError if the program is wrong; TypeError or RangeError if the environment is. */
export function analyzeProgram(program: Program, environment: Environment): Analysis {
  const occurrences = new Occurrences();
  const checked = check(program, forRows(environment, program.source.text), [], occurrences);
  const { constants, hosts } = resolveEnvironment(environment);
  const definitions = describeDefinitions(checked, occurrences);
  const lets = new Set(checked.bindings.map(({ variable }) => variable.name));
  const parameters = new Map(checked.parameters.map((parameter) => [parameter.name, parameter]));
  const defined = new Set(checked.functions.map(({ name }) => name));
  const freeNames: FreeName[] = [];
  const usedConstants: UsedConstant[] = [];
  for (const [name, uses] of occurrences.values) {
    if (lets.has(name)) continue;
    const parameter = parameters.get(name);
    const value = constants.get(name);
    if (parameter !== undefined) freeNames.push({ name, type: resultTypeOf(parameter.type), uses });
    else if (value !== undefined) {
      usedConstants.push({ name, kind: builtinConstants.has(name) ? 'builtin' : 'host', value, uses });
    }
  }
  const functions = Array.from(occurrences.functions, ([name, uses]): UsedFunction => {
    const isHost = hosts.has(name);
    const kind = defined.has(name) ? 'defined' : isHost ? 'host' : 'builtin';
    return { name, kind, uses };
  });
  const { result, warnings } = checked;
  return deepFreeze({
    program,
    freeNames,
    functions,
    constants: usedConstants,
    definitions,
    resultType: result && resultTypeOf(result.type),
    ofColumns: checked.rowInputs.length > 0,
    warnings,
  });
}

function describeDefinitions(
  { program, functions, bindings }: CheckedProgram,
  { functions: calls, values }: Occurrences,
): AnalyzedDefinition[] {
  const recursive = recursiveNames(functions);
  const variables = bindings.map(({ variable }) => variable);
  const types = new Map([...functions, ...variables].map(({ name, type }) => [name, type]));
  return program.definitions.map((definition) => {
    const { kind, target, start, end } = definition;
    const { name } = target;
    const type = types.get(name);
    invariant(type !== undefined, `${name} was not checked`);
    return {
      kind,
      name,
      target: { start: target.start, end: target.end },
      parameters:
        kind === 'function' ? definition.parameters.map((each) => ({ ...each, type: 'number' })) : [],
      type: resultTypeOf(type),
      recursive: recursive.has(name),
      uses: (kind === 'function' ? calls : values).get(name) ?? [],
      start,
      end,
    };
  });
}

function recursiveNames(functions: readonly CheckedFunction[]): ReadonlySet<string> {
  const indices = new Map<CheckedFunction, number>(functions.map((fn, index) => [fn, index]));
  const callees = functions.map((fn) => Array.from(fn.callees, (callee) => indices.get(callee) as number));
  const cycles = componentsOf(callees).filter((members) => isCycle(members, callees));
  return new Set(cycles.flat().map((index) => elementAt(functions, index).name));
}
