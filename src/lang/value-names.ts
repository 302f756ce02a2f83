/** What a name that is no function stands for, at the top level of a program. */
import { builtins } from './builtins.ts';
import { type Definitions, LocalVariable } from './definitions.ts';
import type { ResolvedEnvironment } from './environment.ts';

export type Meaning =
  | { readonly kind: 'variable'; readonly variable: LocalVariable }
  | { readonly kind: 'constant'; readonly value: number | boolean }
  /** A `let` at top level that has no value yet. */
  | { readonly kind: 'early' }
  | { readonly kind: 'unknown' };

export class ValueNames {
  readonly #environment: ResolvedEnvironment;
  readonly #definitions: Definitions;
  readonly #parameters = new Map<string, LocalVariable>();
  readonly #provided = new Map<string, LocalVariable>();

  constructor(environment: ResolvedEnvironment, definitions: Definitions) {
    this.#environment = environment;
    this.#definitions = definitions;
    for (const name of environment.parameters ?? [])
      this.#parameters.set(name, new LocalVariable(name, 'f64'));
  }

  /** `index` is the position of the statement in which the name stands; functions see all `let`s. */
  find(name: string, index: number): Meaning {
    const { variables, provided, constants, parameters } = this.#environment;
    const binding = this.#definitions.lets.get(name);
    if (binding !== undefined && binding.index < index)
      return { kind: 'variable', variable: binding.variable };
    const parameter = this.#parameters.get(name);
    if (parameter !== undefined) return { kind: 'variable', variable: parameter };
    // Until it is redefined, a name of the workspace means what it did: `let x = x + 1`.
    const value = variables.get(name);
    if (value !== undefined) return { kind: 'constant', value };
    if (binding !== undefined) return { kind: 'early' };
    if (provided.has(name)) return { kind: 'variable', variable: this.#provide(name) };
    const constant = constants.get(name);
    if (constant !== undefined) return { kind: 'constant', value: constant };
    if (parameters !== undefined || this.isFunction(name)) return { kind: 'unknown' };
    const free = new LocalVariable(name, 'f64');
    this.#parameters.set(name, free);
    return { kind: 'variable', variable: free };
  }

  /** The parameter that a name stands for, whose values are a column's; neither a `let` nor what the surroundings supply. */
  column(name: string, index: number): LocalVariable | undefined {
    const meaning = this.find(name, index);
    return meaning.kind === 'variable' && this.#parameters.get(name) === meaning.variable
      ? meaning.variable
      : undefined;
  }

  /** How many `let`s stand in front of the statement at this position. */
  letsBefore(index: number): number {
    let count = 0;
    for (const binding of this.#definitions.lets.values()) if (binding.index < index) count++;
    return count;
  }

  /** All that could have been meant. */
  *candidates(): Iterable<string> {
    yield* this.#definitions.lets.keys();
    yield* this.#parameters.keys();
    yield* this.#environment.variables.keys();
    yield* this.#environment.provided;
    yield* this.#environment.constants.keys();
  }

  /** Given or found so far, then those provided that were used. */
  parameters(): { parameters: readonly LocalVariable[]; providedCount: number } {
    const provided: LocalVariable[] = [];
    for (const name of this.#environment.provided) {
      const variable = this.#provided.get(name);
      if (variable !== undefined) provided.push(variable);
    }
    return { parameters: [...this.#parameters.values(), ...provided], providedCount: provided.length };
  }

  /** Whether the name stands for a value anywhere at top level. */
  isValue(name: string): boolean {
    const { variables, provided, constants } = this.#environment;
    return (
      this.#definitions.lets.has(name) ||
      this.#parameters.has(name) ||
      variables.has(name) ||
      provided.has(name) ||
      constants.has(name)
    );
  }

  isFunction(name: string): boolean {
    return builtins.has(name) || this.#environment.hosts.has(name) || this.#definitions.functions.has(name);
  }

  #provide(name: string): LocalVariable {
    const known = this.#provided.get(name);
    if (known !== undefined) return known;
    const variable = new LocalVariable(name, 'f64');
    this.#provided.set(name, variable);
    return variable;
  }
}
