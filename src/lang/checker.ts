/**
 * The checker: from the tree of the source to the typed tree, or all errors at once.
 *
 * Functions at top level see each other, and the `let`s and parameters of the program, in any order. Values that
 * they take from there become further parameters of theirs (lambda lifting), so the IR knows no closures.
 */
import { noOptions } from '../support/settings.ts';
import type { Program, Span } from './ast.ts';
import { spreadCaptures } from './captures.ts';
import { CompileError } from './compile-error.ts';
import { collectDefinitions, type FunctionUnderCheck } from './definitions.ts';
import { DiagnosticList } from './diagnostic.ts';
import { type Environment, resolveEnvironment } from './environment.ts';
import {
  type CheckerScope,
  ExpressionChecker,
  type References,
  reportUnused,
  TracingChecker,
} from './expression-checker.ts';
import { warnOfLayout } from './layout-warnings.ts';
import type { Occurrences } from './occurrences.ts';
import { RowInputs } from './row-inputs.ts';
import type { SourceSpans } from './source-spans.ts';
import type { SourceText } from './source-text.ts';
import type { CheckedProgram, RowInput, TypedBinding, TypedExpression } from './typed-ast.ts';
import { ValueNames } from './value-names.ts';

/**
 * The typed tree of a program in an environment. Functions of the library are checked if something calls them, or if
 * they are among `roots`. `occurrences` gets the places of names, `spans` those of the program's expressions.
 *
 * @throws CompileError with all errors, if they are no more than a hundred; TypeError or RangeError if the environment itself is wrong.
 */
export function check(
  program: Program,
  environment: Environment = noOptions,
  roots: Iterable<string> = [],
  occurrences?: Occurrences,
  spans?: SourceSpans,
): CheckedProgram {
  const resolved = resolveEnvironment(environment);
  const diagnostics = new DiagnosticList();
  const definitions = collectDefinitions(program, resolved, diagnostics);
  const names = new ValueNames(resolved, definitions);
  const rowInputs = new RowInputs();
  const pass = new ProgramChecker(program, {
    environment: resolved,
    rowInputs,
    definitions,
    names,
    diagnostics,
    occurrences,
    spans,
  });
  const { bindings, result } = pass.checkStatements();
  const functions = pass.checkLibrary(roots);
  pass.checkCaptures(functions);
  if (result !== undefined) pass.reportUnusedLets();
  warnOfLayout(program, diagnostics);
  const { parameters, providedCount } = names.parameters();
  const inputs = withPlaces(rowInputs, parameters, environment.rows?.isPlaced === true);
  pass.checkParameterCount(parameters.length, inputs.length);
  if (diagnostics.hasErrors) throw new CompileError(diagnostics.errors());
  return {
    program,
    functions,
    parameters,
    providedCount,
    edges: environment.rows?.edges ?? 'nan',
    rowInputs: inputs,
    bindings,
    result,
    warnings: diagnostics.warnings(),
  };
}

/** Rows that do not go together with all others have a number of their own, and so have the rows in all. */
function withPlaces(
  inputs: RowInputs,
  parameters: readonly { readonly name: string }[],
  isPlaced: boolean,
): readonly RowInput[] {
  if (isPlaced || inputs.all.length > 0) {
    if (parameters.some(({ name }) => name === 'index')) inputs.place('firstRow');
    if (parameters.some(({ name }) => name === 'length')) inputs.place('rowCount');
  }
  return inputs.all;
}

/** A call from a statement at top level. */
interface TopLevelCall {
  readonly callee: FunctionUnderCheck;
  /** Position of the statement. */
  readonly index: number;
  readonly span: Span;
}

class ProgramChecker {
  readonly #program: Program;
  readonly #scope: CheckerScope;
  readonly #called: TopLevelCall[] = [];

  constructor(program: Program, scope: CheckerScope) {
    this.#program = program;
    this.#scope = scope;
  }

  /** In the order of the source, since that is the order in which free names become parameters. */
  checkStatements(): { bindings: TypedBinding[]; result: TypedExpression | undefined } {
    const { definitions, result, source } = this.#program;
    const { functions, lets } = this.#scope.definitions;
    const bindings: TypedBinding[] = [];
    for (const [index, definition] of definitions.entries()) {
      const { name } = definition.target;
      if (definition.kind === 'function') {
        const fn = functions.get(name);
        if (fn?.definition === definition) this.#checkFunction(fn);
      } else {
        const checker = this.#checker(source, index);
        const value = checker.check(definition.value);
        this.#noteCalls(checker.references, index);
        const known = lets.get(name);
        if (known?.binding === definition) bindings.push({ variable: known.variable, value });
      }
    }
    if (result === undefined) return { bindings, result };
    const checker = this.#checker(source, definitions.length);
    const checked = checker.check(result);
    this.#noteCalls(checker.references, definitions.length);
    return { bindings, result: checked };
  }

  /** Checks the functions of the library that are called or named; returns these and the program's. */
  checkLibrary(roots: Iterable<string>): FunctionUnderCheck[] {
    if (this.#scope.definitions.functions.size === 0) return [];
    const reached = new Set<FunctionUnderCheck>();
    for (const fn of this.#scope.definitions.functions.values()) if (fn.isChecked) reached.add(fn);
    const pending = [...reached].flatMap((fn) => [...fn.callees]);
    for (const { callee } of this.#called) pending.push(callee);
    for (const name of roots) {
      const fn = this.#scope.definitions.functions.get(name);
      if (fn !== undefined) pending.push(fn);
    }
    for (let fn = pending.pop(); fn !== undefined; fn = pending.pop()) {
      if (reached.has(fn)) continue;
      reached.add(fn);
      this.#checkFunction(fn);
      pending.push(...fn.callees);
    }
    return [...reached];
  }

  /** A function must not be called before the `let`s that it needs have their values. */
  checkCaptures(functions: readonly FunctionUnderCheck[]): void {
    const { definitions, diagnostics, environment } = this.#scope;
    if (functions.length === 0) return;
    const most = environment.limits.parameters;
    const overfull = spreadCaptures(functions, most);
    if (overfull !== undefined) {
      const { definition, source, name } = overfull;
      const message = `\`${name}\` and what it calls use too many values from outside; at most ${most} are allowed`;
      diagnostics.report(source, 'E_PARAMETERS', definition.target, message);
      return;
    }
    for (const { callee, index, span } of this.#called) {
      for (const { name } of callee.captures) {
        const binding = definitions.lets.get(name);
        if (binding === undefined || binding.index < index) continue;
        const message = `\`${callee.name}\` uses \`${name}\`, which gets its value only later`;
        diagnostics.report(
          this.#program.source,
          'E_USE_BEFORE_DEFINITION',
          span,
          message,
          `move \`let ${name}\` up`,
        );
      }
    }
  }

  reportUnusedLets(): void {
    for (const { binding, variable } of this.#scope.definitions.lets.values()) {
      if (!variable.used) reportUnused(this.#scope.diagnostics, this.#program.source, binding.target);
    }
  }

  /** What rows take of others counts too: each function of the program gets it as a parameter. */
  checkParameterCount(own: number, ofOtherRows: number): void {
    const most = this.#scope.environment.limits.parameters;
    if (own + ofOtherRows <= most) return;
    const others = ofOtherRows === 0 ? '' : ` and takes ${ofOtherRows} values of other rows`;
    const message = `the program has ${own} parameters${others}; at most ${most} are allowed`;
    this.#scope.diagnostics.report(this.#program.source, 'E_PARAMETERS', { start: 0, end: 0 }, message);
  }

  #checker(
    source: SourceText,
    index: number,
    parameters?: FunctionUnderCheck['parameters'],
  ): ExpressionChecker {
    const { spans } = this.#scope;
    // Functions of a library stand in another source.
    return spans === undefined || source !== this.#program.source
      ? new ExpressionChecker(this.#scope, source, index, parameters)
      : new TracingChecker(spans, this.#scope, source, index, parameters);
  }

  #checkFunction(fn: FunctionUnderCheck): void {
    fn.isChecked = true;
    const checker = this.#checker(fn.source, Number.POSITIVE_INFINITY, fn.parameters);
    fn.body = checker.check(fn.definition.body);
    fn.captures = [...checker.references.variables];
    for (const callee of checker.references.functions.keys()) fn.callees.add(callee);
  }

  #noteCalls({ functions }: References, index: number): void {
    for (const [callee, span] of functions) this.#called.push({ callee, index, span });
  }
}
