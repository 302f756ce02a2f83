import type { Immediate, IrFunction, Value } from '../../ir/function.ts';
import { type Opcode, op } from '../../ir/opcode.ts';
import { type Type, withLanes } from '../../ir/type.ts';

/** What the target has. */
export interface LegalTarget {
  /** Rounding to integers. */
  readonly hasRound: boolean;
  readonly hasFma: boolean;
  /** Choice between two numbers by a truth value. */
  readonly hasSelect: boolean;
  /** Sign, magnitude, minimum and maximum as JavaScript has them. */
  readonly hasNumbers: boolean;
  /** Truth values of lanes in registers of their own, and with them all that AVX-512 has. */
  readonly hasMasks: boolean;
}

/** The sign bit of a double, and all others. */
export const signBit: bigint = -(2n ** 63n);
export const magnitudeBits: bigint = 2n ** 63n - 1n;
/** All but the low 27 bits of a significand. */
export const headBits: bigint = -(2n ** 27n);

/**
 * Where an expansion puts its operations: in front of the value that it expands, which itself becomes the last of them.
 */
export class Expander {
  lanes: 1 | 2 | 4 | 8 = 1;
  target: LegalTarget = {
    hasRound: true,
    hasFma: true,
    hasSelect: true,
    hasNumbers: false,
    hasMasks: false,
  };
  readonly #function: IrFunction;
  readonly #instructions: Value[];
  readonly #expand: (value: Value, expander: Expander) => void;

  /** `expand` appends a value to the instructions, expanded if need be. */
  constructor(fn: IrFunction, instructions: Value[], expand: (value: Value, expander: Expander) => void) {
    this.#function = fn;
    this.#instructions = instructions;
    this.#expand = expand;
  }

  /** Do the lanes of the value that is expanded have masks in registers of their own? */
  get hasMasks(): boolean {
    return this.lanes > 1 && this.target.hasMasks;
  }

  /** A double in each lane. */
  number(value: number): Value {
    return this.append(withLanes('f64', this.lanes), op.fconst, [], value);
  }

  /** The same 64 bits in each lane. */
  bits(pattern: bigint): Value {
    return this.append(withLanes('f64', this.lanes), op.fbits, [], pattern);
  }

  integer(value: bigint): Value {
    return this.append(withLanes('i64', this.lanes), op.iconst, [], value);
  }

  emit(opcode: Opcode, ...operands: Value[]): Value {
    return this.append(withLanes(opcode.result ?? 'f64', this.lanes), opcode, operands);
  }

  /** Turns the value that is expanded into the last operation. */
  become(value: Value, opcode: Opcode, operands: Value[], immediate?: Immediate): void {
    value.op = opcode;
    value.operands = operands;
    value.immediate = immediate;
    this.#instructions.push(value);
  }

  /** A value to be expanded in turn; it stands nowhere before it becomes something. */
  declare(opcode: Opcode, ...operands: Value[]): Value {
    const type = withLanes(opcode.result ?? 'f64', this.lanes);
    return this.#function.newValue(type, opcode, operands);
  }

  /** An operation that the target may lack, and which is expanded in turn then. */
  readonly legal = (type: Type, opcode: Opcode, operands: Value[], immediate?: Immediate): Value => {
    const value = this.#function.newValue(type, opcode, operands, immediate);
    const { lanes } = this;
    this.#expand(value, this);
    this.lanes = lanes;
    return value;
  };

  /** An operation that the target has. */
  append(type: Type, opcode: Opcode, operands: Value[], immediate?: Immediate): Value {
    const value = this.#function.newValue(type, opcode, operands, immediate);
    this.#instructions.push(value);
    return value;
  }
}
