import { slots } from '../../support/element.ts';
import type { Block, Edge, IrFunction, Value } from '../ir/function.ts';

/**
 * Which values stand for which others while a pass runs. A pass records replacements as it finds them and rewrites
 * the uses in one walk, instead of keeping lists of uses up to date.
 */
export class Substitution {
  /** By value id. */
  #replacements: (Value | undefined)[] = [];
  readonly #function: IrFunction;
  #size = 0;

  constructor(fn: IrFunction) {
    this.#function = fn;
  }

  get size(): number {
    return this.#size;
  }

  replace(value: Value, by: Value): void {
    // Made to measure, since most values are known by now.
    if (this.#size === 0) this.#replacements = slots(this.#function.valueCount);
    while (this.#replacements.length <= value.id) this.#replacements.push(undefined);
    this.#replacements[value.id] = by;
    this.#size++;
  }

  /** Values younger than the list are replaced by nothing. */
  #at({ id }: Value): Value | undefined {
    return id < this.#replacements.length ? this.#replacements[id] : undefined;
  }

  /** The value to use for `value`, through any number of replacements; shortens the chain that it walks. */
  of(value: Value): Value {
    const first = this.#at(value);
    if (first === undefined) return value;
    let last = first;
    for (let next = this.#at(last); next !== undefined; next = this.#at(last)) last = next;
    for (let at = value; at !== last; ) {
      const next = this.#at(at);
      if (next === undefined) break;
      this.#replacements[at.id] = last;
      at = next;
    }
    return last;
  }

  applyToList(values: Value[]): void {
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as Value;
      if (this.#at(value) !== undefined) values[i] = this.of(value);
    }
  }

  applyToEdge(edge: Edge): void {
    this.applyToList(edge.args);
  }

  applyToTerminator(block: Block): void {
    const terminator = block.terminator;
    switch (terminator?.kind) {
      case 'jump':
        this.applyToEdge(terminator.edge);
        break;
      case 'branch':
        terminator.condition = this.of(terminator.condition);
        this.applyToEdge(terminator.whenTrue);
        this.applyToEdge(terminator.whenFalse);
        break;
      case 'return':
        terminator.value = this.of(terminator.value);
        break;
    }
  }

  /** Rewrites every use in the function. */
  apply(fn: IrFunction): void {
    if (this.#size === 0) return;
    for (const block of fn.blocks) {
      for (const instruction of block.instructions) this.applyToList(instruction.operands);
      this.applyToTerminator(block);
    }
  }
}
