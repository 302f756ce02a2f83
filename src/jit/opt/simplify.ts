/**
 * Constant folding and rewriting by rules, in one walk: each makes work for the other.
 *
 * Blocks are in reverse postorder, so every definition is met before its uses. Each instruction, with its operands
 * already simplified, is brought into canonical form (constants on the right), folded if all its operands are
 * constants, and else offered to the rules of its opcode, the first match winning. Rules end: each one leaves
 * fewer operations, or cheaper ones, or operands that are nearer to the parameters.
 */
import { invariant } from '../../support/invariant.ts';
import type { IrFunction, Value } from '../ir/function.ts';
import { type Datum, type Opcode, op, opcodes, type Type } from '../ir/opcode.ts';
import { evaluateMath } from '../math/library.ts';
import { mirrored } from './rules/logic-rules.ts';
import { isConstant, type Rewriter, type Rule } from './rules/rule.ts';
import { Substitution } from './substitution.ts';

/** Rules by the index of the opcode that they match. */
export type RuleTable = readonly (readonly Rule[])[];

export function ruleTable(...lists: readonly (readonly Rule[])[]): RuleTable {
  const all = lists.flat();
  return opcodes.map((opcode) => all.filter((each) => each.opcode === opcode));
}

export function simplify(fn: IrFunction, rules: RuleTable): boolean {
  return new Simplifier(fn, rules).run();
}

class Simplifier implements Rewriter {
  readonly #function: IrFunction;
  readonly #rules: RuleTable;
  readonly #substitution: Substitution;
  /** Where the walk stands: in these instructions, at this position. */
  #instructions: Value[] = [];
  #position = 0;
  /** The block as rewritten so far; undefined while nothing in it has changed. */
  #output: Value[] | undefined;
  #changed = false;

  constructor(fn: IrFunction, rules: RuleTable) {
    this.#function = fn;
    this.#substitution = new Substitution(fn);
    this.#rules = rules;
  }

  run(): boolean {
    const substitution = this.#substitution;
    for (const block of this.#function.blocks) {
      this.#instructions = block.instructions;
      this.#output = undefined;
      for (this.#position = 0; this.#position < this.#instructions.length; this.#position++) {
        this.#visit(this.#instructions[this.#position] as Value);
      }
      if (this.#output !== undefined) block.instructions = this.#output;
      if (substitution.size > 0) substitution.applyToTerminator(block);
    }
    return this.#changed;
  }

  make(opcode: Opcode, ...operands: Value[]): Value {
    invariant(opcode.result !== undefined, `${opcode.name} does not fix its result type`);
    return this.#make(opcode.result, opcode, operands);
  }

  makeSelect(condition: Value, first: Value, second: Value): Value {
    return this.#make(first.type, op.select, [condition, first, second]);
  }

  number(value: number): Value {
    return this.#constant('f64', op.fconst, value);
  }

  boolean(value: boolean): Value {
    return this.#constant('bool', op.bconst, value);
  }

  integer(value: bigint): Value {
    return this.#constant('i64', op.iconst, value);
  }

  #visit(instruction: Value): void {
    if (this.#substitution.size > 0) this.#substitution.applyToList(instruction.operands);
    const result = this.#simplify(instruction);
    if (result === instruction) {
      this.#output?.push(instruction);
      return;
    }
    this.#open();
    this.#substitution.replace(instruction, result);
    this.#changed = true;
  }

  /** The value to use instead: another one, or the same if no rule matches. */
  #simplify(value: Value): Value {
    const { operands } = value;
    const [first] = operands;
    if (first === undefined) return value;
    if (isConstant(first)) {
      if (operands.length === 2) this.#constantsRight(value);
      const folded = value.operands.every(isConstant) ? this.#fold(value) : undefined;
      if (folded !== undefined) return folded;
    }
    const rules = value.op === undefined ? undefined : this.#rules[value.op.index];
    if (rules === undefined) return value;
    for (let i = 0; i < rules.length; i++) {
      const result = (rules[i] as Rule).apply(value, this);
      if (result !== undefined) return result;
    }
    return value;
  }

  #constantsRight(value: Value): void {
    const [first, second] = value.operands;
    const opcode = value.op;
    if (first === undefined || second === undefined || opcode === undefined || isConstant(second)) return;
    const exchanged = opcode.commutative ? opcode : mirrored.get(opcode);
    if (exchanged === undefined) return;
    value.op = exchanged;
    value.operands = [second, first];
    this.#changed = true;
  }

  #fold(value: Value): Value | undefined {
    const data = value.operands.map((operand) => operand.immediate as Datum);
    const datum =
      value.op === op.callmath
        ? evaluateMath.get(String(value.immediate))?.(...(data as number[]))
        : (value.op?.evaluate as ((...operands: Datum[]) => Datum) | undefined)?.(...data);
    switch (typeof datum) {
      case 'number':
        return this.number(datum);
      case 'boolean':
        return this.boolean(datum);
      case 'bigint':
        return this.integer(datum);
      default:
        return undefined;
    }
  }

  #make(type: Type, opcode: Opcode, operands: Value[]): Value {
    const value = this.#function.newValue(type, opcode, operands);
    const result = this.#simplify(value);
    if (result === value) this.#open().push(value);
    return result;
  }

  #constant(type: Type, opcode: Opcode, constant: Datum): Value {
    const value = this.#function.newValue(type, opcode, [], constant);
    this.#open().push(value);
    return value;
  }

  #open(): Value[] {
    this.#output ??= this.#instructions.slice(0, this.#position);
    return this.#output;
  }
}
