/**
 * Instruction selection: SSA IR to machine IR, in the order in which the blocks are laid out.
 *
 * Bools come about in the forms that `form-demand.ts` finds demanded: comparisons of floats give masks, everything else
 * general registers, and the other form is made from that where it is wanted too. A branch on a comparison compares
 * for itself, so that its condition need not exist in any form.
 */
import { elementAt } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import type { FunctionCost } from '../ir/cost.ts';
import type { Block, Edge, IrFunction, Value } from '../ir/function.ts';
import { type Opcode, op, type Type } from '../ir/opcode.ts';
import { type BlockOrder, orderBlocks } from './block-order.ts';
import { ArgumentAssigner, type Convention } from './convention.ts';
import type { LevelTraits } from './feature-level.ts';
import { Form, FormDemand, isFusable, prefersMask, stripNegations } from './form-demand.ts';
import { isMemory, MemoryKind, memoryLocation, noLocation } from './location.ts';
import { instructionWords, type MachineFunction, Word } from './machine-function.ts';
import { MachineOp, RegisterClass } from './operations.ts';
import { branchOf, direct, maskOf, swapsBranch, swapsMask } from './selection-tables.ts';
import { VectorSequences } from './vector-sequences.ts';

export interface SelectionOptions {
  readonly traits: LevelTraits;
  readonly convention: Convention;
  /** Is this the body of a frame entry, whose arguments and result are slots of the native frame? */
  readonly isFrameBody: boolean;
  /** What jumps back charge; undefined: nothing. */
  readonly fuel: FunctionCost | undefined;
  /** Numbers for the functions that calls name. */
  readonly functionIndex: (name: string) => number;
  readonly mathIndex: (name: string) => number;
}

function classOf(type: Type): number {
  return type === 'f64' ? RegisterClass.Vector : RegisterClass.General;
}

/** Fills `machine`, which is reset first. */
export function select(fn: IrFunction, machine: MachineFunction, options: SelectionOptions): void {
  machine.reset(fn.name);
  new Selector(fn, machine, options).run();
}

class Selector {
  readonly #source: IrFunction;
  readonly #machine: MachineFunction;
  readonly #options: SelectionOptions;
  readonly #sequences: VectorSequences;
  readonly #demand: FormDemand;
  /** By value id: the forms that are demanded, as a set of {@link Form}. */
  readonly #forms: Uint8Array;
  /** By value id: the vreg of each form. */
  readonly #scalars: Int32Array;
  readonly #masks: Int32Array;

  constructor(fn: IrFunction, machine: MachineFunction, options: SelectionOptions) {
    this.#source = fn;
    this.#machine = machine;
    this.#options = options;
    this.#sequences = new VectorSequences(machine, options.traits.hasRound, options.traits.hasVex);
    this.#demand = new FormDemand(fn.valueCount, options.isFrameBody);
    this.#forms = this.#demand.forms;
    this.#scalars = new Int32Array(fn.valueCount);
    this.#masks = new Int32Array(fn.valueCount);
  }

  run(): void {
    const { blocks } = this.#source;
    const only = blocks.length === 1 ? blocks[0] : undefined;
    if (only !== undefined) {
      this.#demand.addBlock(only);
      this.#machine.beginBlock();
      this.#functionParameters(only);
      this.#body(only);
      this.#terminator(only, undefined, 0);
      this.#machine.endBlock();
      return;
    }
    const order = orderBlocks(this.#source);
    for (let i = order.blocks.length - 1; i >= 0; i--) {
      const { block, split } = elementAt(order.blocks, i);
      if (split === undefined) this.#demand.addBlock(block);
      else this.#demand.addAll(split.args);
    }
    for (let i = 0; i < order.blocks.length; i++) this.#orderedBlock(order, i);
    this.#machine.endBlock();
  }

  // Blocks

  #orderedBlock(order: BlockOrder, position: number): void {
    const { block, split, loopEnd, dominatorEnter, dominatorExit } = elementAt(order.blocks, position);
    const machine = this.#machine;
    machine.beginBlock();
    machine.loopEnd[position] = loopEnd;
    machine.dominatorEnter[position] = dominatorEnter;
    machine.dominatorExit[position] = dominatorExit;
    machine.predecessorCount[position] = order.predecessorCounts[position] as number;
    if (split !== undefined) {
      this.#jump(split, order, position);
      return;
    }
    if (position === 0) this.#functionParameters(block);
    else this.#blockParameters(block, position);
    this.#body(block);
    this.#terminator(block, order, position);
  }

  #functionParameters(block: Block): void {
    const machine = this.#machine;
    const { isFrameBody, convention } = this.#options;
    const assigner = new ArgumentAssigner(convention, MemoryKind.Incoming);
    for (let i = 0; i < block.parameters.length; i++) {
      const parameter = block.parameters[i] as Value;
      const registerClass = classOf(parameter.type);
      if (isFrameBody) {
        const slot = machine.newVregAt(RegisterClass.Vector, memoryLocation(MemoryKind.FrameArgument, i));
        machine.addFunctionParameter(slot, noLocation);
        this.#frameParameter(parameter, slot);
        continue;
      }
      const location = assigner.next(registerClass);
      const inMemory = isMemory(location);
      const vreg = machine.newVregAt(registerClass, inMemory ? location : noLocation);
      machine.addFunctionParameter(vreg, inMemory ? noLocation : location);
      this.#scalars[parameter.id] = vreg;
      this.#completeForms(parameter);
    }
  }

  /** A parameter from a slot of the native frame, which holds a double whatever the type. */
  #frameParameter(parameter: Value, slot: number): void {
    const forms = this.#forms[parameter.id] as number;
    if (parameter.type === 'f64') {
      this.#scalars[parameter.id] = slot;
    } else if (parameter.type === 'i64') {
      if (forms !== 0) this.#scalars[parameter.id] = this.#general(MachineOp.FloatToInt, slot);
    } else if (forms !== 0) {
      const zero = this.#machine.float(0);
      const sequences = this.#sequences;
      this.#masks[parameter.id] = sequences.binary(MachineOp.MaskLt, zero, sequences.magnitude(slot));
      if ((forms & Form.Scalar) !== 0) {
        this.#scalars[parameter.id] = this.#general(
          MachineOp.MaskToBool,
          this.#masks[parameter.id] as number,
        );
      }
    }
  }

  #blockParameters(block: Block, position: number): void {
    const machine = this.#machine;
    for (const parameter of block.parameters) {
      const vreg = machine.newVreg(classOf(parameter.type));
      machine.addBlockParameter(position, vreg);
      this.#scalars[parameter.id] = vreg;
    }
    for (const parameter of block.parameters) this.#completeForms(parameter);
  }

  #body(block: Block): void {
    const { instructions } = block;
    for (let i = 0; i < instructions.length; i++) {
      const value = instructions[i] as Value;
      const opcode = value.op as Opcode;
      const forms = this.#forms[value.id] as number;
      if (forms === 0 && opcode.pure) continue;
      const machineOp = direct[opcode.index] as number;
      if (machineOp >= 0) {
        const { operands } = value;
        const b = operands.length === 2 ? this.#scalar(operands[1] as Value) : -1;
        const result = this.#machine.newVreg(classOf(value.type));
        this.#machine.append(machineOp, result, this.#scalar(operands[0] as Value), b, -1);
        this.#scalars[value.id] = result;
        if (value.type === 'bool') this.#completeForms(value);
      } else if ((maskOf[opcode.index] as number) >= 0) {
        this.#comparison(value, opcode, forms);
      } else {
        this.#other(value, opcode, forms);
      }
    }
  }

  // Values

  #scalar(value: Value): number {
    return this.#scalars[value.id] as number;
  }

  #mask(value: Value): number {
    return this.#masks[value.id] as number;
  }

  #general(operation: number, a: number, b = -1, c = -1): number {
    const result = this.#machine.newVreg(RegisterClass.General);
    this.#machine.append(operation, result, a, b, c);
    return result;
  }

  /** Makes the mask of a bool that came about in a general register. */
  #completeForms(value: Value): void {
    if (value.type !== 'bool' || ((this.#forms[value.id] as number) & Form.Mask) === 0) return;
    const allOrNothing = this.#general(MachineOp.INeg, this.#scalar(value));
    this.#masks[value.id] = this.#sequences.unary(MachineOp.GeneralToVector, allOrNothing);
  }

  #comparison(value: Value, opcode: Opcode, forms: number): void {
    const swaps = swapsMask[opcode.index] === 1;
    const a = this.#scalar(value.operands[swaps ? 1 : 0] as Value);
    const b = this.#scalar(value.operands[swaps ? 0 : 1] as Value);
    const mask = this.#sequences.binary(maskOf[opcode.index] as number, a, b);
    this.#masks[value.id] = mask;
    if ((forms & Form.Scalar) !== 0) this.#scalars[value.id] = this.#general(MachineOp.MaskToBool, mask);
  }

  #other(value: Value, opcode: Opcode, forms: number): void {
    const machine = this.#machine;
    const sequences = this.#sequences;
    const { operands, immediate } = value;
    const [first, second] = operands;
    const x = first === undefined ? -1 : this.#scalar(first);
    const y = second === undefined ? -1 : this.#scalar(second);
    switch (opcode) {
      case op.fconst:
        this.#scalars[value.id] = machine.float(immediate as number);
        return;
      case op.iconst:
        this.#scalars[value.id] = machine.integer(immediate as bigint);
        return;
      case op.bconst: {
        const isTrue = immediate === true;
        if ((forms & Form.Scalar) !== 0) this.#scalars[value.id] = machine.integer(isTrue ? 1n : 0n);
        if ((forms & Form.Mask) !== 0) {
          this.#masks[value.id] = isTrue ? machine.pattern(-1, -1) : machine.pattern(0, 0);
        }
        return;
      }
      case op.fneg:
        this.#scalars[value.id] = sequences.negated(x);
        return;
      case op.fabs:
        this.#scalars[value.id] = sequences.magnitude(x);
        return;
      case op.ffloor:
        this.#scalars[value.id] = sequences.round(x, 'down');
        return;
      case op.fceil:
        this.#scalars[value.id] = sequences.round(x, 'up');
        return;
      case op.ftrunc:
        this.#scalars[value.id] = sequences.round(x, 'zero');
        return;
      case op.fround:
        this.#scalars[value.id] = sequences.roundHalfUp(x);
        return;
      case op.fsign:
        this.#scalars[value.id] = sequences.sign(x);
        return;
      case op.fcopysign:
        this.#scalars[value.id] = sequences.copySign(x, y);
        return;
      case op.fmin:
      case op.fmax:
        this.#scalars[value.id] = this.#extremum(value, opcode);
        return;
      case op.ffma:
        if (this.#options.traits.hasVex) {
          const result = machine.newVreg(RegisterClass.Vector);
          machine.append(MachineOp.Fma, result, x, y, this.#scalar(operands[2] as Value));
          this.#scalars[value.id] = result;
        } else {
          this.#call(value, MachineOp.CallMath, this.#options.mathIndex('fma'));
        }
        return;
      case op.frem:
        this.#call(value, MachineOp.CallMath, this.#options.mathIndex('rem'));
        return;
      case op.callmath:
        this.#call(value, MachineOp.CallMath, this.#options.mathIndex(immediate as string));
        return;
      case op.call:
        this.#call(value, MachineOp.CallFunction, this.#options.functionIndex(immediate as string));
        this.#completeForms(value);
        return;
      case op.callhost:
        this.#call(value, MachineOp.CallHost, immediate as number);
        return;
      case op.band:
        this.#logic(value, forms, MachineOp.And, MachineOp.IAnd);
        return;
      case op.bor:
        this.#logic(value, forms, MachineOp.Or, MachineOp.IOr);
        return;
      case op.bxor:
        this.#logic(value, forms, MachineOp.Xor, MachineOp.IXor);
        return;
      case op.bnot: {
        const operand = operands[0] as Value;
        if ((forms & Form.Scalar) !== 0) {
          this.#scalars[value.id] = this.#general(MachineOp.IXor, x, machine.integer(1n));
        }
        if ((forms & Form.Mask) !== 0) {
          const ones = machine.pattern(-1, -1);
          this.#masks[value.id] = sequences.binary(MachineOp.Xor, this.#mask(operand), ones);
        }
        return;
      }
      case op.btof: {
        const operand = operands[0] as Value;
        this.#scalars[value.id] = prefersMask(operand)
          ? sequences.oneWhere(this.#mask(operand))
          : sequences.unary(MachineOp.IntToFloat, x);
        return;
      }
      case op.select:
        this.#select(value, forms);
        return;
      case op.ishl32:
        this.#scalars[value.id] = this.#signExtended(this.#shift(value, MachineOp.Shl32, MachineOp.Shl32By));
        return;
      case op.isar32:
        this.#scalars[value.id] = this.#signExtended(this.#shift(value, MachineOp.Sar32, MachineOp.Sar32By));
        return;
      case op.ishr32:
        this.#scalars[value.id] = this.#shift(value, MachineOp.Shr32, MachineOp.Shr32By);
        return;
      case op.imul32:
        this.#scalars[value.id] = this.#signExtended(this.#general(MachineOp.IMul, x, y));
        return;
      case op.ftoi32:
        this.#scalars[value.id] = sequences.toInt32(x);
        return;
      default:
        invariant(false, `no machine code for ${opcode.name}`);
    }
  }

  #logic(value: Value, forms: number, maskOperation: number, generalOperation: number): void {
    const [first, second] = value.operands as [Value, Value];
    if ((forms & Form.Scalar) !== 0) {
      this.#scalars[value.id] = this.#general(generalOperation, this.#scalar(first), this.#scalar(second));
    }
    if ((forms & Form.Mask) !== 0) {
      this.#masks[value.id] = this.#sequences.binary(maskOperation, this.#mask(first), this.#mask(second));
    }
  }

  /** With a constant that is neither zero nor NaN, the instruction itself is right: NaN comes second, and wins. */
  #extremum(value: Value, opcode: Opcode): number {
    const [first, second] = value.operands as [Value, Value];
    const operation = opcode === op.fmin ? MachineOp.FMin : MachineOp.FMax;
    const sequences = this.#sequences;
    if (isPlainConstant(second)) {
      return sequences.binary(operation, this.#scalar(second), this.#scalar(first));
    }
    if (isPlainConstant(first)) {
      return sequences.binary(operation, this.#scalar(first), this.#scalar(second));
    }
    const x = this.#scalar(first);
    const y = this.#scalar(second);
    return opcode === op.fmin ? sequences.min(x, y) : sequences.max(x, y);
  }

  #shift(value: Value, byRegister: number, byConstant: number): number {
    const [x, count] = value.operands as [Value, Value];
    return count.op === op.iconst
      ? this.#general(byConstant, this.#scalar(x), -1, Number((count.immediate as bigint) & 31n))
      : this.#general(byRegister, this.#scalar(x), this.#scalar(count));
  }

  #signExtended(low: number): number {
    return this.#general(MachineOp.SignExtend32, low);
  }

  #select(value: Value, forms: number): void {
    const [condition, first, second] = value.operands as [Value, Value, Value];
    const sequences = this.#sequences;
    if (value.type === 'f64') {
      const mask = this.#mask(condition);
      if (isPositiveZero(second)) {
        this.#scalars[value.id] = sequences.binary(MachineOp.And, mask, this.#scalar(first));
      } else if (isPositiveZero(first)) {
        this.#scalars[value.id] = sequences.binary(MachineOp.AndNot, mask, this.#scalar(second));
      } else {
        this.#scalars[value.id] = sequences.select(mask, this.#scalar(first), this.#scalar(second));
      }
      return;
    }
    if (value.type === 'i64' || (forms & Form.Scalar) !== 0) {
      const whenTrue = this.#scalar(first);
      const whenFalse = this.#scalar(second);
      this.#scalars[value.id] = this.#general(MachineOp.Choose, whenFalse, whenTrue, this.#scalar(condition));
    }
    if (value.type === 'bool' && (forms & Form.Mask) !== 0) {
      this.#masks[value.id] = sequences.select(this.#mask(condition), this.#mask(first), this.#mask(second));
    }
  }

  #call(value: Value, operation: number, callee: number): void {
    const machine = this.#machine;
    const start = machine.extraCount;
    for (const operand of value.operands) machine.appendExtra(this.#scalar(operand));
    const result = machine.newVreg(classOf(value.type));
    machine.append(operation, result, start, value.operands.length, callee);
    this.#scalars[value.id] = result;
  }

  // Terminators

  #terminator(block: Block, order: BlockOrder | undefined, position: number): void {
    const terminator = block.terminator;
    invariant(terminator !== undefined, `b${block.id} of ${this.#source.name} has no terminator`);
    if (terminator.kind === 'return') {
      this.#machine.append(MachineOp.Return, -1, this.#returned(terminator.value), -1, -1);
      return;
    }
    invariant(order !== undefined, 'a function of one block returns');
    if (terminator.kind === 'jump') {
      this.#jump(terminator.edge, order, position);
      return;
    }
    const { condition, isNegated } = stripNegations(terminator.condition);
    const whenTrue = branchTarget(order, order.splitWhenTrue[block.id] as number, terminator.whenTrue);
    const whenFalse = branchTarget(order, order.splitWhenFalse[block.id] as number, terminator.whenFalse);
    const taken = isNegated ? whenFalse : whenTrue;
    const machine = this.#machine;
    if (isFusable(condition)) {
      const { index } = condition.op as Opcode;
      const swaps = swapsBranch[index] === 1;
      const a = this.#scalar(condition.operands[swaps ? 1 : 0] as Value);
      const b = this.#scalar(condition.operands[swaps ? 0 : 1] as Value);
      machine.append(branchOf[index] as number, -1, a, b, taken);
    } else {
      machine.append(MachineOp.BranchBool, -1, this.#scalar(condition), -1, taken);
    }
    const at = (machine.instructionCount - 1) * instructionWords;
    machine.code[at + Word.NextC] = isNegated ? whenTrue : whenFalse;
  }

  /** The vreg to return: in a frame body always a double. */
  #returned(value: Value): number {
    if (!this.#options.isFrameBody || value.type === 'f64') return this.#scalar(value);
    if (value.type === 'bool') return this.#sequences.oneWhere(this.#mask(value));
    return this.#sequences.unary(MachineOp.IntToFloat, this.#scalar(value));
  }

  #jump(edge: Edge, order: BlockOrder, position: number): void {
    const machine = this.#machine;
    const target = order.positions[edge.target.id] as number;
    const { fuel } = this.#options;
    if (target <= position && fuel !== undefined) {
      machine.append(MachineOp.Fuel, -1, -1, -1, fuel.jumpTo(edge.target));
    }
    const start = machine.extraCount;
    for (const arg of edge.args) machine.appendExtra(this.#scalar(arg));
    machine.append(MachineOp.Jump, -1, start, edge.args.length, target);
  }
}

function branchTarget(order: BlockOrder, split: number, edge: Edge): number {
  return split >= 0 ? split : (order.positions[edge.target.id] as number);
}

/** A constant with which no two operands of `fmin` or `fmax` are both zero, and which is no NaN. */
function isPlainConstant(value: Value): boolean {
  return value.op === op.fconst && value.immediate !== 0 && !Number.isNaN(value.immediate);
}

function isPositiveZero(value: Value): boolean {
  return value.op === op.fconst && Object.is(value.immediate, 0);
}
