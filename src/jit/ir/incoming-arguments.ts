import { elementAt, slots } from '../../support/element.ts';
import { successorAt, successorCount } from './control-flow.ts';
import type { Block, IrFunction, Value } from './function.ts';

/** What edges pass for the parameters of blocks. */
export class IncomingArguments {
  /** By value id: the block of which it is a parameter. */
  readonly #homes: (Block | undefined)[];
  /** By block id: the lists of arguments of the edges to it. */
  readonly #lists: (Value[][] | undefined)[];

  constructor(fn: IrFunction) {
    this.#homes = slots(fn.valueCount);
    this.#lists = slots(fn.blockCount);
    for (const block of fn.blocks) {
      for (const parameter of block.parameters) this.#homes[parameter.id] = block;
      const count = successorCount(block);
      for (let i = 0; i < count; i++) {
        const edge = successorAt(block, i);
        if (edge === undefined || edge.args.length === 0) continue;
        const lists = this.#lists[edge.target.id];
        if (lists === undefined) this.#lists[edge.target.id] = [edge.args];
        else lists.push(edge.args);
      }
    }
  }

  /** Calls `visit` with each argument for the value if it is a parameter, of the entry with none. */
  visit(value: Value, visit: (argument: Value) => void): void {
    const home = value.op === undefined ? this.#homes[value.id] : undefined;
    const lists = home === undefined ? undefined : this.#lists[home.id];
    if (home === undefined || lists === undefined) return;
    const index = home.parameters.indexOf(value);
    for (const args of lists) visit(elementAt(args, index));
  }
}
