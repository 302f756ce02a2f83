/**
 * Which forms of which values selection has to make.
 *
 * A bool has two forms: 0 or 1 in a general register, and a mask in a vector register, all bits of a lane set or
 * clear. Calls, returns, jumps and branches take the first, selections and `btof` the second. A walk from the uses up to
 * the definitions finds what is demanded; what is not, and has no effect, is never made.
 */
import type { Block, Value } from '../ir/function.ts';
import { type Opcode, op, opcodes } from '../ir/opcode.ts';
import { addressOf, storedOf } from './memory-access.ts';
import { branchOf, maskOf } from './selection-tables.ts';

/** A set of these. What is no bool has the scalar form only. */
export const Form = Object.freeze({ Scalar: 1, Mask: 2 } as const);

/** How the demand for a result becomes demand for operands. */
const Demand = Object.freeze({
  /** All operands as scalars. */
  Scalars: 0,
  /** The operands in the same forms as the result. */
  Same: 1,
  BoolToFloat: 2,
  Select: 3,
  /** The operand as a mask, which is what values of lanes are anyway. */
  Bits: 4,
  /** What the address is made of, and what is stored. */
  Memory: 5,
} as const);

const demandOf = new Uint8Array(opcodes.length);
for (const { index } of [op.band, op.bor, op.bxor, op.bnot]) demandOf[index] = Demand.Same;
demandOf[op.btof.index] = Demand.BoolToFloat;
demandOf[op.select.index] = Demand.Select;
demandOf[op.bbits.index] = Demand.Bits;
demandOf[op.splat.index] = Demand.Bits;
demandOf[op.load.index] = Demand.Memory;
demandOf[op.store.index] = Demand.Memory;

export class FormDemand {
  /** By value id: the forms that are demanded so far. */
  readonly forms: Uint8Array;
  readonly #returnsMask: boolean;
  readonly #splatsScalars: boolean;

  /** `returnsMask`: is a bool returned by way of its mask? `splatsScalars`: do lanes of a bool come from a general register? */
  constructor(valueCount: number, returnsMask: boolean, splatsScalars: boolean) {
    this.forms = new Uint8Array(valueCount);
    this.#returnsMask = returnsMask;
    this.#splatsScalars = splatsScalars;
  }

  /** Demands values as scalars. */
  addAll(values: readonly Value[]): void {
    for (const value of values) this.forms[value.id] = (this.forms[value.id] as number) | Form.Scalar;
  }

  /** What a block demands of its own values and of others; the blocks that it dominates come first. */
  addBlock(block: Block): void {
    const demand = this.forms;
    const terminator = block.terminator;
    if (terminator?.kind === 'return') {
      const { value } = terminator;
      const asMask = this.#returnsMask && value.type === 'bool';
      demand[value.id] = (demand[value.id] as number) | (asMask ? Form.Mask : Form.Scalar);
    } else if (terminator?.kind === 'jump') {
      this.addAll(terminator.edge.args);
    } else if (terminator?.kind === 'branch') {
      const { condition } = stripNegations(terminator.condition);
      if (isFusable(condition)) this.addAll(condition.operands);
      else demand[condition.id] = (demand[condition.id] as number) | Form.Scalar;
    }
    const { instructions } = block;
    for (let i = instructions.length - 1; i >= 0; i--) {
      const value = instructions[i] as Value;
      const opcode = value.op as Opcode;
      const forms = demand[value.id] as number;
      if (forms === 0 && opcode.pure) continue;
      const { operands } = value;
      switch (demandOf[opcode.index]) {
        case Demand.Same:
          for (const operand of operands) demand[operand.id] = (demand[operand.id] as number) | forms;
          break;
        case Demand.BoolToFloat: {
          const operand = operands[0] as Value;
          const form = prefersMask(operand) ? Form.Mask : Form.Scalar;
          demand[operand.id] = (demand[operand.id] as number) | form;
          break;
        }
        case Demand.Bits: {
          const operand = operands[0] as Value;
          const isScalar = opcode === op.splat && this.#splatsScalars;
          demand[operand.id] = (demand[operand.id] as number) | (isScalar ? Form.Scalar : Form.Mask);
          break;
        }
        case Demand.Memory: {
          const { base, index } = addressOf(value);
          this.addAll(index === undefined ? [base] : [base, index]);
          if (opcode === op.store) this.addAll([storedOf(value), ...operands.slice(3)]);
          else this.addAll(operands.slice(2));
          break;
        }
        case Demand.Select: {
          const condition = operands[0] as Value;
          const form = value.type === 'f64' ? Form.Mask : value.type === 'i64' ? Form.Scalar : forms;
          demand[condition.id] = (demand[condition.id] as number) | form;
          const operandForms = value.type === 'bool' ? forms : Form.Scalar;
          for (let k = 1; k < 3; k++) {
            const operand = operands[k] as Value;
            demand[operand.id] = (demand[operand.id] as number) | operandForms;
          }
          break;
        }
        default:
          for (const operand of operands) {
            demand[operand.id] = (demand[operand.id] as number) | Form.Scalar;
          }
      }
    }
  }
}

/** Is the mask the form in which a bool comes about with the fewest instructions? */
export function prefersMask({ op: opcode }: Value): boolean {
  if (opcode === undefined) return false;
  return (maskOf[opcode.index] as number) >= 0 || demandOf[opcode.index] === Demand.Same;
}

/** Can a branch compare for itself? */
export function isFusable(condition: Value): boolean {
  return condition.op !== undefined && (branchOf[condition.op.index] as number) >= 0;
}

/** A condition without the negations around it, and whether they are odd in number. */
export function stripNegations(value: Value): { condition: Value; isNegated: boolean } {
  let condition = value;
  let isNegated = false;
  while (condition.op === op.bnot) {
    condition = condition.operands[0] as Value;
    isNegated = !isNegated;
  }
  return { condition, isNegated };
}
