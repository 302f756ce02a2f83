/**
 * Definitions that grow and change, as at a prompt or in a spreadsheet.
 *
 * A function keeps its tree, a `let` its value. What is evaluated or compiled sees the functions as a library and the
 * values as constants, so it is always made of the definitions of the moment. A change is prepared in full (values
 * computed, dependents checked, formulas recompiled) before anything is replaced; so one that fails changes nothing.
 *
 * The cost of a source is that of what it uses and changes, however much else is defined. What is compiled sees the
 * definitions that it reaches. What is only checked sees those it names: the body of a function that has been checked
 * is not looked at again, a stub with its parameters and the type of its result stands for it.
 */
import type { Definition, Expression, Program } from '../../lang/ast.ts';
import { tellCallers } from '../../lang/caller-stack.ts';
import { check } from '../../lang/checker.ts';
import { CompileError } from '../../lang/compile-error.ts';
import type { Environment } from '../../lang/environment.ts';
import { parse } from '../../lang/parser.ts';
import { dependentsOf, reachableFrom, referencesOf } from '../../lang/references.ts';
import { readParameters, requireSource } from '../../lang/source-input.ts';
import type { ValueType } from '../../lang/typed-ast.ts';
import { cutText } from '../../support/cut-text.ts';
import { maybeAt } from '../../support/element.ts';
import { hasOwn } from '../../support/own.ts';
import { createCallable } from '../callables/compiled-callable.ts';
import type { CompiledFunction } from '../callables/compiled-function.ts';
import type { CallTarget } from '../callables/shared-code.ts';
import type { ExplainOptions, Explanation } from '../inspect/explain.ts';
import { evaluateOnce } from './evaluate-once.ts';
import { rejectResult } from './function-module.ts';
import { type FormulaSubject, LiveFormula } from './live-formula.ts';

/** What became of a source that a workspace ran. */
export interface WorkspaceResult {
  /** Names that the source defined, in order. */
  readonly defined: readonly string[];
  /** Value of the expression that ends the source, if one does. */
  readonly value: number | boolean | undefined;
}

/** A definition as a workspace keeps it. */
export interface WorkspaceDefinition {
  readonly name: string;
  readonly kind: 'function' | 'let';
  /** Of a function; empty for a `let`. */
  readonly parameters: readonly string[];
  /** Of a `let`; undefined for a function. */
  readonly value: number | boolean | undefined;
  /** The definition as it was written. */
  readonly source: string;
}

/** A definition, with the program that has it alone. */
interface Entry {
  readonly program: Program;
  readonly definition: Definition;
  /** Of a `let`. */
  readonly value: number | boolean | undefined;
  readonly references: ReadonlySet<string>;
  /** Of a function that was checked. */
  type: ValueType | undefined;
}

type Entries = ReadonlyMap<string, Entry>;

/** The engine that a workspace belongs to. */
export interface WorkspaceEngine {
  /** Compiles the result of a program, or the function that is named. */
  compile(program: Program, environment: Environment, functionName?: string): CallTarget;
  explain(program: Program, environment: Environment, options: ExplainOptions | undefined): Explanation;
}

/**
 * Definitions that are kept from one source to the next; made by `Engine.workspace`.
 *
 * @example
 * const workspace = engine.workspace();
 * workspace.run('let r = 2; area(x) = pi * x^2');
 * workspace.evaluate('area(r)'); // 12.566370614359172
 */
export class Workspace implements Disposable {
  readonly #environment: Environment;
  readonly #engine: WorkspaceEngine;
  readonly #formulas = new Set<LiveFormula>();
  /** Those of the engine's prelude, which are there until something replaces them. */
  readonly #prelude: Entries;
  #entries: Entries;

  /** @internal */
  constructor(environment: Environment, engine: WorkspaceEngine) {
    this.#environment = { ...environment, variables: undefined, library: undefined };
    this.#engine = engine;
    this.#prelude = entriesOf(environment);
    this.#entries = this.#prelude;
  }

  /** All definitions; one that was redefined stands where it was first. */
  get definitions(): readonly WorkspaceDefinition[] {
    const own = [...this.#entries].filter(([name, entry]) => entry !== this.#prelude.get(name));
    return own.map(([, { program, definition, value }]) => ({
      name: definition.target.name,
      kind: definition.kind,
      parameters: definition.kind === 'function' ? definition.parameters.map(({ name }) => name) : [],
      value,
      source: program.source.text.slice(definition.start, definition.end),
    }));
  }

  /**
   * Keeps the definitions of `source`, and evaluates the expression that ends it, if one does.
   *
   * A definition replaces an earlier one of its name, and functions and formulas that depend on it follow. A `let` keeps
   * the value that it gets here: `let x = x + 1` counts.
   *
   * @throws CompileError if the source is wrong, or if something that depends on what it redefines would be; what the
   * evaluation throws. Nothing has changed then.
   */
  run(source: string): WorkspaceResult {
    const program = this.#parse(source);
    const before = this.#entries;
    const entries = new Map(before);
    for (const definition of program.definitions) {
      if (definition.kind === 'function') entries.set(definition.target.name, entryOf(program, definition));
    }
    // A program as a whole is checked before any part of it runs.
    this.#check(program, before, referencesOf(program), []);
    for (const definition of program.definitions) {
      if (definition.kind === 'function') continue;
      const value = this.#value({ ...program, definitions: [], result: definition.value }, entries);
      entries.set(definition.target.name, entryOf(program, definition, value));
    }
    const value = program.result && this.#value({ ...program, definitions: [] }, entries);
    const defined = program.definitions.map(({ target }) => target.name);
    this.#replace(before, entries, defined);
    return { defined, value };
  }

  /** As {@link run} for a source that only defines; gives the names. */
  define(source: string): readonly string[] {
    rejectResult(this.#parse(source));
    return this.run(source).defined;
  }

  /** Evaluates a source; what it defines is not kept. */
  evaluate(source: string): number | boolean {
    return this.#value(this.#parse(source), this.#entries);
  }

  /**
   * A function of `parameters` that follows the definitions: when one that it depends on changes, it is compiled afresh
   * and the memory of its old code is given back.
   */
  compile<const Parameters extends readonly string[]>(
    source: string,
    parameters: Parameters,
  ): CompiledFunction<Parameters>;
  compile(source: string, parameters: readonly string[]): CompiledFunction {
    const program = this.#parse(source);
    return this.#live({ program, parameters: readParameters(parameters) });
  }

  /**
   * The function that is defined as `name`, as a callable that follows its redefinitions, also those with other
   * parameters. It is released when the function is forgotten or replaced by a value.
   *
   * @throws RangeError if no function of that name is defined.
   */
  function(name: string): CompiledFunction {
    return this.#live({ functionName: name });
  }

  /**
   * What the compiler makes of `source` among the definitions: see {@link Engine.explain}. The source of one of the
   * {@link definitions} explains that.
   */
  explain(source: string, parameters?: readonly string[], options?: ExplainOptions): Explanation {
    const program = this.#parse(source);
    const environment = this.#everything(this.#entries);
    return this.#engine.explain(program, { ...environment, parameters: readParameters(parameters) }, options);
  }

  /**
   * Removes a definition.
   *
   * @throws RangeError if there is none of that name; CompileError if something depends on it.
   */
  forget(name: string): void {
    const entries = new Map(this.#entries);
    const known = this.#prelude.get(name);
    if (entries.get(name) === known) throw new RangeError(`nothing is defined as '${cutText(String(name))}'`);
    if (known === undefined) entries.delete(name);
    else entries.set(name, known);
    this.#replace(this.#entries, entries, [name]);
  }

  /** Releases what {@link compile} made, and forgets all definitions. */
  dispose(): void {
    for (const formula of this.#formulas) formula.release();
    this.#entries = this.#prelude;
  }

  /** As {@link dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #parse(source: string): Program {
    requireSource(source);
    const isSpelledAnew = this.#environment.dialect?.anyCase === true;
    return parse(source, isSpelledAnew ? this.#everything(this.#entries) : this.#environment);
  }

  /** Puts `entries` in the place of `before`, with all that depends on what `changed`; or throws and changes nothing. */
  #replace(before: Entries, entries: Entries, changed: readonly string[]): void {
    if (changed.length === 0) return;
    if (this.#entries !== before)
      throw new Error('a host function changed the workspace that was calling it');
    const affected = this.#affected(before, entries, changed);
    const types = this.#checkAffected(entries, affected);
    const replacements = this.#recompile(entries, affected);
    this.#entries = entries;
    for (const [entry, type] of types) entry.type = type;
    for (const [formula, target] of replacements) {
      if (target === undefined) formula.release();
      else formula.replace(target);
    }
  }

  /** What `changed`, and what depends on it. Nothing depended on names that were not there. */
  #affected(before: Entries, entries: Entries, changed: readonly string[]): ReadonlySet<string> {
    if (!changed.some((name) => before.has(name))) return new Set(changed);
    const references = [...entries].map(([name, entry]) => [name, entry.references] as const);
    return dependentsOf(changed, references);
  }

  /** Checks the functions that are affected, all at once; gives the types of their results. */
  #checkAffected(entries: Entries, affected: ReadonlySet<string>): [Entry, ValueType][] {
    const names = [...affected].filter((name) => isFunction(entries.get(name)));
    const firstName = maybeAt(names, 0);
    const first = firstName === undefined ? undefined : entries.get(firstName);
    if (first === undefined) return [];
    const used = new Set(names);
    for (const name of names) for (const other of entries.get(name)?.references ?? []) used.add(other);
    const nothing: Program = { ...first.program, definitions: [], result: undefined };
    const { functions } = this.#check(nothing, entries, used, names);
    return functions.flatMap(({ name, type }): [Entry, ValueType][] => {
      const entry = entries.get(name);
      return entry !== undefined && affected.has(name) ? [[entry, type]] : [];
    });
  }

  /** Checks a program that names `used`, and the functions `roots` as they are in `entries`. */
  #check(program: Program, entries: Entries, used: Iterable<string>, roots: readonly string[]) {
    const isRoot = new Set(roots);
    try {
      const programOf = (name: string, entry: Entry) => (isRoot.has(name) ? entry.program : stubOf(entry));
      return check(program, this.#environmentOf(entries, used, programOf), roots);
    } catch (error) {
      if (!(error instanceof CompileError)) throw error;
      // Once more, so that the error knows all the names that could have been meant.
      return check(program, this.#everything(entries), roots);
    }
  }

  /** New code for the formulas that are affected; none for those whose function is gone. */
  #recompile(entries: Entries, affected: ReadonlySet<string>): [LiveFormula, CallTarget | undefined][] {
    const replacements: [LiveFormula, CallTarget | undefined][] = [];
    try {
      for (const formula of this.#formulas) {
        if (!formula.dependsOn(affected)) continue;
        const { subject } = formula;
        const isGone = hasOwn(subject, 'functionName') && !isFunction(entries.get(subject.functionName));
        replacements.push([formula, isGone ? undefined : this.#compileSubject(subject, entries)]);
      }
    } catch (error) {
      for (const [, target] of replacements) target?.release();
      throw error;
    }
    return replacements;
  }

  #live(subject: FormulaSubject): CompiledFunction {
    const formula = new LiveFormula(subject, this.#compileSubject(subject, this.#entries), this.#formulas);
    const evaluate = (...args: number[]) => {
      'compiled code stays in its thread: compile its source there';
      return formula.evaluate(...args);
    };
    return createCallable(evaluate, formula);
  }

  #compileSubject(subject: FormulaSubject, entries: Entries): CallTarget {
    if (hasOwn(subject, 'program')) return this.#compile(subject.program, entries, subject.parameters);
    const { functionName } = subject;
    const entry = entries.get(functionName);
    if (!isFunction(entry))
      throw new RangeError(`no function is defined as '${cutText(String(functionName))}'`);
    return this.#engine.compile(entry.program, this.#reachable(entries, entry.references), functionName);
  }

  #compile(program: Program, entries: Entries, parameters: readonly string[] | undefined): CallTarget {
    try {
      return this.#engine.compile(program, {
        ...this.#reachable(entries, referencesOf(program)),
        parameters,
      });
    } catch (error) {
      if (!(error instanceof CompileError)) throw error;
      return this.#engine.compile(program, { ...this.#everything(entries), parameters });
    }
  }

  #value(program: Program, entries: Entries): number | boolean {
    return evaluateOnce(this.#compile(program, entries, []));
  }

  /** What a program sees of `entries` that refers to `names`. */
  #reachable(entries: Entries, names: Iterable<string>): Environment {
    return this.#environmentOf(
      entries,
      reachableFrom(names, (name) => entries.get(name)?.references),
    );
  }

  #everything(entries: Entries): Environment {
    return this.#environmentOf(entries, entries.keys());
  }

  #environmentOf(
    entries: Entries,
    names: Iterable<string>,
    programOf = (_name: string, { program }: Entry): Program => program,
  ): Environment {
    const variables = new Map<string, number | boolean>();
    const library: Program[] = [];
    for (const name of names) {
      const entry = entries.get(name);
      if (entry === undefined) continue;
      if (entry.value === undefined) library.push(programOf(name, entry));
      else variables.set(name, entry.value);
    }
    return { ...this.#environment, parameters: [], variables, library };
  }
}

tellCallers(Workspace.prototype, ['run', 'define', 'evaluate', 'compile', 'function', 'explain', 'forget']);

function isFunction(entry: Entry | undefined): entry is Entry {
  return entry?.definition.kind === 'function';
}

/** The definitions that an environment has already. */
function entriesOf({ library = [], variables }: Environment): Entries {
  const entries = new Map<string, Entry>();
  for (const program of library) {
    for (const definition of program.definitions) {
      const { name } = definition.target;
      const value = definition.kind === 'let' ? variables?.get(name) : undefined;
      entries.set(name, entryOf(program, definition, value));
    }
  }
  return entries;
}

function entryOf(program: Program, definition: Definition, value?: number | boolean): Entry {
  const alone = { ...program, definitions: [definition], result: undefined };
  return { program: alone, definition, value, references: referencesOf(definition), type: undefined };
}

/** A function that was checked without its body: what callers see of it. */
function stubOf({ program, definition, type }: Entry): Program {
  if (definition.kind !== 'function' || type === undefined) return program;
  const { start, end } = definition.body;
  const zero: Expression = { kind: 'number', value: 0, start, end };
  const body: Expression =
    type === 'bool' ? { kind: 'comparison', operator: '<', left: zero, right: zero, start, end } : zero;
  return { ...program, definitions: [{ ...definition, body }] };
}
