/**
 * Derivatives of the values of one function by some of its values, the seeds: forward differentiation on SSA.
 *
 * What is asked for is a derivative at a time. A walk from the value back to the seeds finds what it is made of; what a seed reaches
 * from there is active, all else has the derivative 0 and gets no operation. Then each active value gets its derivative right behind
 * it, which its operands' stand in front of; an active parameter of a block gets a parameter more, and the edges to the block an argument.
 * So loops need no care of their own, and what was computed for one derivative serves the next.
 *
 * Nothing recurses: a formula may be a hundred thousand operations deep.
 */
import { elementAt, slots } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import { type Block, type Edge, type IrFunction, successors, type Value } from '../ir/function.ts';
import { op } from '../ir/opcode.ts';
import type { Emitter } from './emitter.ts';
import type { Rule } from './parts.ts';
import { ruleOf } from './rules.ts';

/** Where a parameter of a block stands. */
interface Home {
  readonly block: Block;
  readonly index: number;
}

/** What derivatives by all seeds of a function have in common. */
export class Differentiation {
  readonly function: IrFunction;
  readonly emitter: Emitter;
  /** The rule of calls, of the module and of the host. */
  readonly callRule: Rule;
  readonly #homes = new Map<Value, Home>();
  /** By block id. */
  readonly #edges: (Edge[] | undefined)[];
  readonly #meanings = new Map<Value, Value>();

  constructor(fn: IrFunction, emitter: Emitter, callRule: Rule) {
    this.function = fn;
    this.emitter = emitter;
    this.callRule = callRule;
    this.#edges = slots(fn.blockCount);
    for (const block of fn.blocks) {
      block.parameters.forEach((parameter, index) => {
        this.#homes.set(parameter, { block, index });
      });
      for (const edge of successors(block)) {
        const known = this.#edges[edge.target.id];
        if (known === undefined) this.#edges[edge.target.id] = [edge];
        else known.push(edge);
      }
    }
  }

  /** A `derive` stands for this from now on. */
  resolve(derive: Value, meaning: Value): void {
    this.#meanings.set(derive, meaning);
  }

  /** What a value stands for. */
  meaningOf(value: Value): Value {
    if (value.op !== op.derive) return value;
    const meaning = this.#meanings.get(value);
    invariant(meaning !== undefined, 'a derivative is used in front of its definition');
    return meaning;
  }

  /** Adds a parameter next to one that is there; the edges get arguments by {@link pass}. */
  addParameter(beside: Value): Value {
    const { block } = this.#homeOf(beside);
    const parameter = this.function.newValue('f64');
    this.#homes.set(parameter, { block, index: block.parameters.push(parameter) - 1 });
    return parameter;
  }

  /** Gives each edge the argument for a new parameter, from the one that it has for the parameter beside. */
  pass(beside: Value, argumentFor: (argument: Value) => Value): void {
    const { block, index } = this.#homeOf(beside);
    for (const { args } of this.#edges[block.id] ?? []) {
      args.push(argumentFor(this.meaningOf(elementAt(args, index))));
    }
  }

  /** The values on which the derivative of `value` can depend. */
  sourcesOf(value: Value): readonly Value[] {
    const { op: opcode, operands } = value;
    if (opcode === undefined) {
      const { block, index } = this.#homeOf(value);
      return (this.#edges[block.id] ?? []).map(({ args }) => this.meaningOf(elementAt(args, index)));
    }
    const counts = opcode === op.call || opcode === op.callhost || ruleOf(opcode) !== undefined;
    return counts && value.type === 'f64' ? operands.map((operand) => this.meaningOf(operand)) : [];
  }

  #homeOf(parameter: Value): Home {
    const home = this.#homes.get(parameter);
    invariant(home !== undefined, 'a parameter belongs to a block');
    return home;
  }
}

/** The derivatives by one set of seeds. */
export class Tangents {
  readonly #all: Differentiation;
  /** Undefined: the value does not depend on a seed. */
  readonly #known: Map<Value, Value | undefined>;

  /** `seeds` have their own derivatives. */
  constructor(all: Differentiation, seeds: Iterable<readonly [seed: Value, tangent: Value]>) {
    this.#all = all;
    this.#known = new Map(seeds);
  }

  /** The derivative of a value; undefined if that does not depend on a seed. */
  of(value: Value): Value | undefined {
    const wanted = this.#all.meaningOf(value);
    if (!this.#known.has(wanted)) this.#add(wanted);
    return this.#known.get(wanted);
  }

  #add(wanted: Value): void {
    const active = this.#activeBehind(wanted);
    const { emitter } = this.#all;
    const parameters: Value[] = [];
    for (const value of active) {
      if (value.op !== undefined) continue;
      this.#known.set(value, this.#all.addParameter(value));
      parameters.push(value);
    }
    for (const value of active) this.#differentiate(value, active);
    for (const parameter of parameters) {
      this.#all.pass(parameter, (argument) => this.#known.get(argument) ?? emitter.number(0));
    }
  }

  /** What `wanted` is made of and depends on a seed; all else that it is made of is known not to. */
  #activeBehind(wanted: Value): ReadonlySet<Value> {
    const slice = new Set<Value>([wanted]);
    const users = new Map<Value, Value[]>();
    const active = new Set<Value>();
    for (const value of slice) {
      for (const source of this.#all.sourcesOf(value)) {
        if (source.type !== 'f64') continue;
        if (this.#known.has(source)) {
          if (this.#known.get(source) !== undefined) active.add(value);
          continue;
        }
        slice.add(source);
        const list = users.get(source);
        if (list === undefined) users.set(source, [value]);
        else list.push(value);
      }
    }
    // A set iterates over what is added on the way.
    for (const value of active) for (const user of users.get(value) ?? []) active.add(user);
    for (const value of slice) if (!active.has(value)) this.#known.set(value, undefined);
    return active;
  }

  /** An active value, after those that it is made of. */
  #differentiate(wanted: Value, active: ReadonlySet<Value>): void {
    const pending = [wanted];
    for (let value = pending.at(-1); value !== undefined; value = pending.at(-1)) {
      if (this.#known.has(value)) {
        pending.pop();
        continue;
      }
      const before = pending.length;
      for (const source of this.#all.sourcesOf(value)) {
        if (active.has(source) && !this.#known.has(source)) pending.push(source);
      }
      if (pending.length > before) continue;
      this.#known.set(value, this.#apply(value));
      pending.pop();
    }
  }

  #apply(value: Value): Value {
    const { emitter, callRule } = this.#all;
    const { op: opcode } = value;
    invariant(opcode !== undefined, 'parameters have their derivatives already');
    const tangents = value.operands.map((operand) => this.#known.get(this.#all.meaningOf(operand)));
    const rule = opcode === op.call || opcode === op.callhost ? callRule : ruleOf(opcode);
    invariant(rule !== undefined, `${opcode.name} has no derivative`);
    emitter.moveBehind(value);
    return rule(emitter, value, tangents);
  }
}
