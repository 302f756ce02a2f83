/**
 * Full if-conversion: a function without loops as one straight line, whatever the shape of its graph.
 *
 * All operations are pure and total, so all of them are computed, in reverse postorder; `guards.ts` says what becomes of the
 * parameters of blocks.
 */
import { elementAt, slots } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import { leadsBack, reversePostorder } from '../ir/control-flow.ts';
import { type Block, type Edge, type IrFunction, Value } from '../ir/function.ts';
import type { Opcode, Type } from '../ir/opcode.ts';
import { type Arrival, extend, type Guard, Guards, TooBranched } from '../opt/vectorise/guards.ts';

export interface FlatFunction {
  readonly parameters: readonly Value[];
  /** In order of execution. Operands may be parameters of blocks, which `resolve` replaces. */
  readonly instructions: readonly Value[];
  readonly result: Value;
  /** The value that a parameter of a block stands for, and any other value as it is. */
  resolve(value: Value): Value;
}

/** Beyond this many blocks the guards are not worth their cost, and the function runs row by row. */
const maxBlocks = 4096;

/** The function as a straight line; undefined if it has loops or calls, or is too branched. */
export function flatten(fn: IrFunction): FlatFunction | undefined {
  if (fn.blocks.length > maxBlocks) return undefined;
  const order = reversePostorder(fn);
  if (leadsBack(order, fn.blockCount)) return undefined;
  const isPure = ({ instructions }: Block): boolean =>
    instructions.every(({ op: opcode }) => opcode?.pure === true);
  if (!order.every(isPure)) return undefined;
  try {
    return new Flattener(fn, order).run();
  } catch (error) {
    if (error instanceof TooBranched) return undefined;
    throw error;
  }
}

class Flattener {
  readonly #function: IrFunction;
  readonly #order: readonly Block[];
  readonly #instructions: Value[] = [];
  readonly #replacements = new Map<Value, Value>();
  readonly #arrivals: Arrival[][];
  readonly #returns: Arrival[] = [];
  #nextId: number;
  readonly #guards: Guards;

  constructor(fn: IrFunction, order: readonly Block[]) {
    this.#function = fn;
    this.#order = order;
    this.#arrivals = Array.from(slots(fn.blockCount), () => []);
    this.#nextId = fn.valueCount;
    this.#guards = new Guards((opcode, type, operands) => this.#emit(opcode, type, operands));
  }

  run(): FlatFunction {
    this.#order.forEach((block, position) => {
      this.#block(
        block,
        position === 0 ? undefined : this.#join(elementAt(this.#arrivals, block.id), block.parameters),
      );
    });
    const result = new Value(this.#nextId++, this.#function.result, undefined, []);
    this.#join(this.#returns, [result]);
    const resolve = this.#resolve;
    return {
      parameters: elementAt(this.#order, 0).parameters,
      instructions: this.#instructions,
      result: resolve(result),
      resolve,
    };
  }

  readonly #resolve = (value: Value): Value => {
    let resolved = value;
    for (;;) {
      const replacement = this.#replacements.get(resolved);
      if (replacement === undefined) return resolved;
      resolved = replacement;
    }
  };

  #block(block: Block, guard: Guard | undefined): void {
    for (const value of block.instructions) this.#instructions.push(value);
    const { terminator } = block;
    invariant(terminator !== undefined, `b${block.id} has no terminator`);
    if (terminator.kind === 'return') {
      this.#returns.push({ guard, args: [terminator.value] });
    } else if (terminator.kind === 'jump') {
      this.#arrive(terminator.edge, guard);
    } else {
      const value = this.#resolve(terminator.condition);
      this.#arrive(terminator.whenTrue, extend(guard, { value, isNegated: false }));
      this.#arrive(terminator.whenFalse, extend(guard, { value, isNegated: true }));
    }
  }

  #arrive({ target, args }: Edge, guard: Guard | undefined): void {
    elementAt(this.#arrivals, target.id).push({ guard, args });
  }

  /** Replaces the parameters by selections among the arguments, and gives the guard of all ways in together. */
  #join(arrivals: readonly Arrival[], parameters: readonly Value[]): Guard | undefined {
    const resolved = arrivals.map(({ guard, args }) => ({ guard, args: args.map(this.#resolve) }));
    const { guard, args } = this.#guards.join(resolved);
    parameters.forEach((parameter, index) => {
      this.#replacements.set(parameter, elementAt(args, index));
    });
    return guard;
  }

  readonly #emit = (opcode: Opcode, type: Type, operands: Value[]): Value => {
    const value = new Value(this.#nextId++, type, opcode, operands);
    this.#instructions.push(value);
    return value;
  };
}
