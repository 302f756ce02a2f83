import { type CompiledFunction, Engine } from 'exprjit';

interface Cell {
  /** What was typed. */
  readonly text: string;
  /** The formula as a function of the cells that it names. */
  readonly formula: CompiledFunction;
  /** These cells. */
  readonly inputs: readonly string[];
  value: number;
}

/**
 * Cells with formulas, and functions that all formulas may use. A formula is compiled once, when it is typed; a
 * change only calls the formulas of those cells that depend on it, each once and after its inputs.
 */
export class Sheet {
  readonly #workspace = new Engine().workspace();
  readonly #cells = new Map<string, Cell>();

  /** Sets a cell to a formula of numbers, functions and other cells; empty ones count as 0. Gives the cells that changed. */
  set(name: string, text: string): readonly string[] {
    const inputs = [...new Set(text.match(/\b[A-Z]+[0-9]+\b/g))];
    if (this.#inputsOf(inputs).has(name)) throw new RangeError(`${name} would depend on itself`);
    const formula = this.#workspace.compile(text, inputs);
    this.#cells.get(name)?.formula.release();
    this.#cells.set(name, { text, formula, inputs, value: Number.NaN });
    return this.#recalculate(new Set([name]));
  }

  /** Defines functions, or defines them anew: the workspace compiles again what uses them. */
  define(definitions: string): void {
    this.#workspace.define(definitions);
    this.#recalculate(new Set(this.#cells.keys()));
  }

  value(name: string): number {
    return this.#cells.get(name)?.value ?? 0;
  }

  /** Computes the changed cells and all that depend on them. */
  #recalculate(changed: ReadonlySet<string>): readonly string[] {
    const order = this.#dependentsInOrder(changed);
    for (const name of order) {
      const cell = this.#cells.get(name);
      if (cell !== undefined) cell.value = cell.formula(...cell.inputs.map((input) => this.value(input)));
    }
    return order;
  }

  /** `names` and all cells that they are made of. */
  #inputsOf(names: readonly string[]): ReadonlySet<string> {
    const found = new Set(names);
    // A set iterates over what is added on the way.
    for (const name of found) for (const input of this.#cells.get(name)?.inputs ?? []) found.add(input);
    return found;
  }

  /** `changed` and all cells that are made of them, inputs first. */
  #dependentsInOrder(changed: ReadonlySet<string>): readonly string[] {
    const users = new Map<string, string[]>();
    for (const [name, { inputs }] of this.#cells) {
      for (const input of inputs) users.set(input, [...(users.get(input) ?? []), name]);
    }
    const affected = new Set(changed);
    for (const name of affected) for (const user of users.get(name) ?? []) affected.add(user);
    // Those whose inputs are all computed come next (Kahn's algorithm).
    const missing = new Map<string, number>();
    for (const name of affected) {
      const inputs = this.#cells.get(name)?.inputs ?? [];
      missing.set(name, inputs.filter((input) => affected.has(input)).length);
    }
    const order = [...affected].filter((name) => missing.get(name) === 0);
    for (const name of order) {
      for (const user of users.get(name) ?? []) {
        const left = (missing.get(user) ?? 0) - 1;
        missing.set(user, left);
        if (left === 0) order.push(user);
      }
    }
    return order;
  }
}
