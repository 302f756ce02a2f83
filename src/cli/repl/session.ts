import {
  type CompiledFunction,
  CompileError,
  Engine,
  type EngineStatistics,
  type ExplainOptions,
  type Explanation,
  type MemoryLayout,
  vocabulary,
  type Workspace,
  type WorkspaceDefinition,
} from '../../index.ts';
import { formatResult } from '../format-result.ts';
import type { Range } from '../plot/range.ts';
import { relocate } from '../relocate.ts';
import type { Resident } from '../views/memory-view.ts';
import { Interrupted, type Run } from './interruptible.ts';
import { letOf, namesIn, savedInputs, savedSource } from './saved-source.ts';
import { readTyped } from './typed-symbols.ts';

/** Codes of errors that more input can cure. */
const curable: ReadonlySet<string> = new Set(['E_UNEXPECTED_END', 'E_UNCLOSED_BRACKET']);

/** The name of the last value. */
const answerName = 'ans';
const answerPattern = /(?<!\p{ID_Continue})ans(?!\p{ID_Continue})/u;

/** What a source brought. */
export interface Outcome {
  readonly defined: readonly WorkspaceDefinition[];
  readonly value: number | boolean | undefined;
}

/** A formula that is evaluated for many values at once; a number stands for all of them. */
export interface Formula {
  readonly label: string;
  /** In the order of the arguments of `evaluate`; one at least, also where the formula uses none. */
  readonly variables: readonly string[];
  evaluate(...values: (Float64Array | number)[]): Float64Array;
}

/**
 * What is typed, statement by statement, and what it defines. Functions are compiled as they are defined.
 *
 * All that computes may throw {@link Interrupted}, if the session runs it in a way that can be interrupted.
 */
export class Session implements Disposable {
  /** Undefined where Ctrl-C does what it does to any process. */
  readonly #compute: Run | undefined;
  #engine = new Engine();
  #current: Workspace = this.#engine.workspace();
  /** What was defined before an interruption, until somebody needs it: whoever interrupts something does not want to wait. */
  #torn: readonly WorkspaceDefinition[] | undefined;
  /** Callables of functions that are defined: of all, except after an interruption those that nobody asked for since. */
  readonly #functions = new Map<string, CompiledFunction>();
  /** The value of the last expression, and whether the workspace has it as `ans`: not before somebody asks for it. */
  #answer: number | boolean | undefined;
  #isAnswerBound = false;

  constructor(compute?: Run) {
    this.#compute = compute;
  }

  /** Runs one input. Throws what is wrong with it; then nothing has changed. */
  run(typed: string): Outcome {
    return this.#computed(typed, (source) => {
      const { defined, value } = this.#workspace.run(source);
      // Then it is a definition like any other, and stays what it is.
      if (defined.includes(answerName)) this.#isAnswerBound = false;
      const outcome = { defined: this.#follow(defined), value };
      if (value !== undefined) this.#setAnswer(value);
      return outcome;
    });
  }

  #setAnswer(value: number | boolean): void {
    this.#answer = value;
    if (this.#isAnswerBound) this.#bindAnswer();
  }

  #bindAnswer(): void {
    if (this.#answer === undefined) return;
    this.#workspace.run(letOf(answerName, this.#answer));
    this.#isAnswerBound = true;
  }

  /** What `ans` stands for, unless a definition has that name. */
  get answer(): number | boolean | undefined {
    return this.definitions.some(({ name }) => name === answerName) ? undefined : this.#answer;
  }

  /** Keeps a callable of each function that was defined. */
  #follow(defined: readonly string[]): WorkspaceDefinition[] {
    const definitions = defined.map((name) => this.#definition(name));
    for (const { name, kind } of definitions) {
      if (kind !== 'function') this.#functions.delete(name);
      else this.#callable(name);
    }
    return definitions;
  }

  #callable(name: string): CompiledFunction {
    const known = this.#functions.get(name);
    if (known !== undefined) return known;
    const made = this.#workspace.function(name);
    this.#functions.set(name, made);
    return made;
  }

  /** Gives every function its code. */
  #placeAll(): void {
    this.#interruptible(() => {
      for (const { name, kind } of this.definitions) if (kind === 'function') this.#callable(name);
    });
  }

  /** As it was before an interruption. */
  get #workspace(): Workspace {
    if (this.#torn === undefined) return this.#current;
    this.#current = this.#engine.workspace();
    // As one program, which needs no parentheses.
    this.#current.run(savedInputs(this.#torn, () => false).join('\n'));
    this.#torn = undefined;
    return this.#current;
  }

  get #all(): readonly WorkspaceDefinition[] {
    return this.#torn ?? this.#current.definitions;
  }

  get definitions(): readonly WorkspaceDefinition[] {
    const definitions = this.#all;
    return this.#isAnswerBound ? definitions.filter(({ name }) => name !== answerName) : definitions;
  }

  /** With the value of `ans`, if something uses that. */
  get #needed(): readonly WorkspaceDefinition[] {
    const definitions = this.#all;
    const isUsed = definitions.some((each) => each.kind === 'function' && namesIn(each).has(answerName));
    return isUsed ? definitions : this.definitions;
  }

  get statistics(): EngineStatistics {
    return this.#engine.statistics();
  }

  get memory(): MemoryLayout {
    this.#placeAll();
    return this.#engine.memory();
  }

  /** Where the code of functions lies. */
  get residents(): Resident[] {
    this.#placeAll();
    return [...this.#functions].flatMap(([name, { code }]) =>
      code === undefined ? [] : [{ name, address: code.address, size: code.size }],
    );
  }

  /** Bytes of the machine code of a function. */
  codeSize(name: string): number | undefined {
    const isFunction = this.definitions.some((each) => each.name === name && each.kind === 'function');
    return isFunction ? this.#interruptible(() => this.#callable(name).code?.size) : undefined;
  }

  /** What the compiler makes of a definition, by its name, or of any other source. */
  explain(text: string, options?: ExplainOptions): Explanation {
    const definition = this.definitions.find(({ name }) => name === text);
    return this.#computed(definition?.source ?? text, (source) =>
      this.#workspace.explain(source, undefined, options),
    );
  }

  /** The type of a definition's value, or of what a function gives. */
  typeOf({ name, kind, parameters, value }: WorkspaceDefinition): 'number' | 'boolean' {
    if (kind === 'let') return typeof value === 'boolean' ? 'boolean' : 'number';
    // Any arguments will do: they are numbers.
    const call = `${name}(${parameters.map(() => 0).join(', ')})`;
    const { resultType } = this.#interruptible(() => this.#workspace.explain(call));
    return resultType === 'boolean' ? 'boolean' : 'number';
  }

  /**
   * Gives `use` a loop that evaluates `text` so many times. Values that it uses come in as arguments, so nothing of it is
   * folded.
   */
  repeat<T>(text: string, use: (loop: (times: number) => void) => T): T {
    return this.#computed(text, (source) => {
      const values = this.#workspace.definitions.filter(({ kind }) => kind === 'let');
      const given = values.map(({ value }) => Number(value));
      using f = this.#workspace.compile(
        source,
        values.map(({ name }) => name),
      );
      return use((times) => {
        for (let i = 0; i < times; i++) f(...given);
      });
    });
  }

  /** Gives `use` a function of one variable: the function of that name, or an expression with one free name or none. */
  graph<T>(text: string, use: (label: string, f: (x: number) => number) => T): T {
    return this.#computed(this.#called(text) ?? text, (source) => this.#graph(source, use));
  }

  #graph<T>(source: string, use: (label: string, f: (x: number) => number) => T): T {
    const { parameters } = this.#workspace.explain(source);
    const [variable = 'x', second] = parameters;
    if (second !== undefined) {
      throw new RangeError(`one variable is needed, but ${parameters.join(', ')} are free in '${source}'`);
    }
    using f = this.#workspace.compile(source, [variable]);
    return use(source, f);
  }

  /** Gives `use` a kernel: of the function of that name, or of an expression with all its free names, in alphabetical order. */
  formula<T>(text: string, use: (formula: Formula) => T): T {
    return this.#interruptible(() => {
      const label = this.#called(text) ?? text;
      const free = [...this.#workspace.explain(label).parameters].sort();
      const variables = free.length === 0 ? ['x'] : free;
      using f = this.#workspace.compile(label, variables);
      const evaluate = (...values: (Float64Array | number)[]): Float64Array =>
        f.map(Object.fromEntries(variables.map((name, i) => [name, values[i] ?? Number.NaN])));
      return use({ label, variables, evaluate });
    });
  }

  /** A range between two expressions. */
  range(from: string, to: string): Range {
    const [low, high] = [this.evaluate(from), this.evaluate(to)];
    if (!Number.isFinite(low) || !Number.isFinite(high) || low >= high) {
      throw new RangeError(
        `a range goes up from one number to another, not from ${formatResult(low)} to ${formatResult(high)}`,
      );
    }
    return { low, high };
  }

  evaluate(text: string): number {
    return this.#computed(text, (source) => Number(this.#workspace.evaluate(source)));
  }

  /** Forgets a definition and gives the memory of its code back. Throws if something depends on it. */
  release(name: string): void {
    try {
      this.#workspace.forget(name);
    } catch (error) {
      const users = error instanceof CompileError ? this.#users(name) : [];
      if (users.length === 0) throw error;
      throw new RangeError(`${name} is used by ${users.join(', ')}`, { cause: error });
    }
    this.#functions.delete(name);
    if (name === answerName && this.#isAnswerBound) this.#forgetAnswer();
  }

  #forgetAnswer(): void {
    this.#answer = undefined;
    this.#isAnswerBound = false;
  }

  /** Forgets everything. */
  reset(): void {
    this.#forgetAnswer();
    this.#torn = undefined;
    this.#current.dispose();
    this.#current = this.#engine.workspace();
    this.#functions.clear();
  }

  /** The definitions as a source that restores them, line by line: functions as they were written, values as they are. */
  save(): string {
    return savedSource(this.#needed, (source) => {
      try {
        this.explain(source);
      } catch (error) {
        return !isIncomplete(error);
      }
      return true;
    });
  }

  /** Computes with a source as it was typed. What is wrong with it is told of that. */
  #computed<T>(text: string, body: (source: string) => T): T {
    const source = readTyped(text);
    const asksForAnswer = !this.#isAnswerBound && answerPattern.test(source.text);
    try {
      return this.#interruptible(() => {
        if (asksForAnswer && this.answer !== undefined) this.#bindAnswer();
        return body(source.text);
      });
    } catch (error) {
      if (!(error instanceof CompileError)) throw error;
      const { typed: text, place } = source;
      throw relocate(error, (compiled) => (compiled === source.text ? { text, place } : undefined));
    }
  }

  #interruptible<T>(body: () => T): T {
    if (this.#compute === undefined) return body();
    const before = this.#all;
    const wasBound = this.#isAnswerBound;
    try {
      return this.#compute(body);
    } catch (error) {
      if (error instanceof Interrupted) {
        this.#tear(before);
        this.#isAnswerBound = wasBound;
      }
      throw error;
    }
  }

  /** Leaves the engine: nobody knows what the interruption cut short in it. The session as it was gets another one. */
  #tear(definitions: readonly WorkspaceDefinition[]): void {
    const torn = this.#engine;
    this.#torn = definitions;
    this.#engine = new Engine();
    this.#functions.clear();
    try {
      torn.dispose();
    } catch {
      // Its memory is lost then, and nothing else.
    }
  }

  [Symbol.dispose](): void {
    this.#engine.dispose();
  }

  /** `f(x)` where `text` is the name of a function of one parameter or two. */
  #called(text: string): string | undefined {
    const own = this.definitions.find(({ name, kind }) => name === text && kind === 'function');
    const found = own ?? vocabulary().functions.find(({ name }) => name === text);
    if (found === undefined || found.parameters.length === 0 || found.parameters.length > 2) return undefined;
    return `${text}(${found.parameters.map((name) => name.replace(/^\.+/, '')).join(', ')})`;
  }

  /** Names of the functions in whose text the name occurs. */
  #users(name: string): string[] {
    return this.definitions
      .filter((definition) => definition.kind === 'function' && definition.name !== name)
      .filter(({ source }) => source.split(/[^\p{ID_Continue}]+/u).includes(name))
      .map((definition) => definition.name);
  }

  #definition(name: string): WorkspaceDefinition {
    const found = this.definitions.find((definition) => definition.name === name);
    if (found === undefined) throw new Error(`${name} was defined and is not there`);
    return found;
  }
}

/** Whether the source is right as far as it goes, but ends in the middle of something. */
export function isIncomplete(error: unknown): boolean {
  return error instanceof CompileError && curable.has(error.code);
}

/** Whether there is anything to run: more than blanks and comments. */
export function isBlank(source: string): boolean {
  return source.split('\n').every((line) => /^\s*(#.*|\/\/.*)?$/.test(line));
}
