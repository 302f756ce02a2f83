/**
 * Puts operations behind those of a function that are there, without touching its blocks until all are known: the derivative of
 * a value stands right behind the value, where all that it is made of is at hand.
 *
 * The derivative of what was put there goes to the end of the same place, since it may need the first derivative, all of it.
 */
import { elementAt } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import type { Block, Immediate, IrFunction, Value } from '../ir/function.ts';
import { type Opcode, op, type Type } from '../ir/opcode.ts';
import { digammaName } from './digamma.ts';

/** What an emitter tells of. */
export interface EmitterListener {
  /** One more operation. */
  emitted(): void;
  /** A call of the digamma function. */
  neededDigamma(): void;
}

export class Emitter {
  readonly #function: IrFunction;
  readonly #listener: EmitterListener;
  readonly #behind = new Map<Value, Value[]>();
  /** Behind what of the function the operations stand that were put there. */
  readonly #anchors = new Map<Value, Value>();
  /** At the beginning of the function. */
  readonly #first: Value[] = [];
  #anchor: Value | undefined;
  readonly #constants = new Map<number, Value>();

  constructor(fn: IrFunction, listener: EmitterListener) {
    this.#function = fn;
    this.#listener = listener;
  }

  /** What is emitted from now on stands behind this value. */
  moveBehind(value: Value): void {
    this.#anchor = this.#anchors.get(value) ?? value;
  }

  append(type: Type, opcode: Opcode, operands: Value[], immediate?: Immediate): Value {
    this.#listener.emitted();
    const value = this.#function.newValue(type, opcode, operands, immediate);
    const anchor = this.#anchor;
    invariant(anchor !== undefined, 'nothing is emitted in front of everything');
    this.#anchors.set(value, anchor);
    const list = this.#behind.get(anchor);
    if (list === undefined) this.#behind.set(anchor, [value]);
    else list.push(value);
    return value;
  }

  /** The value of an operation whose table entry fixes its type. */
  emit(opcode: Opcode, ...operands: Value[]): Value {
    return this.append(opcode.result ?? 'f64', opcode, operands);
  }

  /** A function of the math library. */
  math(name: string, ...operands: Value[]): Value {
    return this.append('f64', op.callmath, operands, name);
  }

  digamma(x: Value): Value {
    this.#listener.neededDigamma();
    return this.append('f64', op.call, [x], digammaName);
  }

  select(condition: Value, first: Value, second: Value): Value {
    return this.append('f64', op.select, [condition, first, second]);
  }

  /** A constant, at the beginning of the function. */
  number(value: number): Value {
    // A map takes 0 and -0 for one key.
    const key = Object.is(value, -0) ? Number.NEGATIVE_INFINITY : value;
    const known = this.#constants.get(key);
    if (known !== undefined && Object.is(known.immediate, value)) return known;
    this.#listener.emitted();
    const constant = this.#function.newValue('f64', op.fconst, [], value);
    this.#first.push(constant);
    this.#constants.set(key, constant);
    return constant;
  }

  /** Puts everything in its place. */
  flush(): void {
    const entry = elementAt(this.#function.blocks, 0);
    entry.instructions = [...this.#first, ...entry.instructions];
    if (this.#behind.size === 0) return;
    for (const block of this.#function.blocks) this.#flushBlock(block);
  }

  #flushBlock(block: Block): void {
    if (!block.instructions.some((value) => this.#behind.has(value))) return;
    const placed: Value[] = [];
    for (const value of block.instructions) {
      placed.push(value);
      for (const put of this.#behind.get(value) ?? []) placed.push(put);
    }
    block.instructions = placed;
  }
}
