/**
 * Instruction selection: SSA IR to machine IR, in the order in which the blocks are laid out.
 *
 * Bools come about in the forms that `form-demand.ts` finds demanded: comparisons of floats give masks, everything else
 * general registers, and the other form is made from that where it is wanted too. A branch on a comparison compares
 * for itself, so that its condition need not exist in any form.
 */
import { alignUp } from '../../support/alignment.ts';
import { elementAt } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import type { FunctionCost } from '../ir/cost.ts';
import { isPlainDivision } from '../ir/division.ts';
import type { Block, Edge, IrFunction, Value } from '../ir/function.ts';
import { type Opcode, op, type Type } from '../ir/opcode.ts';
import { elementOf, lanesOf } from '../ir/type.ts';
import { type BlockOrder, orderBlocks } from './block-order.ts';
import { ArgumentAssigner, type Convention } from './convention.ts';
import type { LevelTraits } from './feature-level.ts';
import { foldedLoads, foldedOperands } from './folded-loads.ts';
import { Form, FormDemand, isFusable, prefersMask, stripNegations } from './form-demand.ts';
import type { LaneFrame } from './lane-frame.ts';
import { isMemory, MemoryKind, memoryLocation, noLocation } from './location.ts';
import { instructionWords, type MachineFunction, Word } from './machine-function.ts';
import { addressOf, packAccess } from './memory-access.ts';
import { selectCallMemory, selectMemory, selectTableAccess } from './memory-selection.ts';
import { MachineOp, RegisterClass } from './operations.ts';
import { blend, selectPacked } from './packed-selection.ts';
import {
  bitwiseOf,
  branchOf,
  direct,
  divisionOpOf,
  fusedOf,
  maskOf,
  swapsBranch,
  swapsMask,
  withLoad,
} from './selection-tables.ts';
import type { ValueOrigins } from './value-origins.ts';

export interface SelectionOptions {
  readonly traits: LevelTraits;
  readonly convention: Convention;
  /** Is this the body of a frame entry, whose arguments and result are slots of the native frame? */
  readonly isFrameBody: boolean;
  readonly isKernel: boolean;
  /** How many lanes vectors have; 1: there are none. */
  readonly lanes: number;
  /** Where a function on lanes has its arguments; undefined for others. */
  readonly laneFrame: LaneFrame | undefined;
  /** What jumps back charge; undefined: nothing. */
  readonly fuel: FunctionCost | undefined;
  /** Where a function on lanes that calls name has its arguments; undefined for others. */
  readonly laneFrameOf: (name: string) => LaneFrame | undefined;
  /** Numbers for the functions that calls name. */
  readonly functionIndex: (name: string) => number;
  readonly mathIndex: (name: string) => number;
  /** Numbers for the tables of the math library. */
  readonly tableIndex: (name: string) => number;
  /** Numbers for the variables of the module. */
  readonly globalIndex: (name: string) => number;
  /** Gets the id of each value and the number of the instruction that is its first; undefined: nobody asks. */
  readonly origins: ValueOrigins | undefined;
}

/** Bits of doubles that constants of sequences have. */
const magnitudeHigh = 0x7fffffff;
const oneHigh = 0x3ff00000;

/** Memory of a function's own comes in so many words, as wide as the widest vector. */
const stackUnit = 8;

const bits = new DataView(new ArrayBuffer(8));

function isMemoryAccess(opcode: Opcode): boolean {
  return opcode === op.load || opcode === op.store;
}

function classOf(type: Type): number {
  return type === 'bool' || type === 'i64' ? RegisterClass.General : RegisterClass.Vector;
}

/** Fills `machine`, which is reset first. */
export function select(fn: IrFunction, machine: MachineFunction, options: SelectionOptions): void {
  machine.reset(fn.name, options.lanes);
  new Selector(fn, machine, options).run();
}

class Selector {
  readonly #source: IrFunction;
  readonly #machine: MachineFunction;
  readonly #options: SelectionOptions;
  readonly #demand: FormDemand;
  /** By value id: the forms that are demanded, as a set of {@link Form}. */
  readonly #forms: Uint8Array;
  /** By value id: the vreg of each form. */
  readonly #scalars: Int32Array;
  readonly #masks: Int32Array;
  /** Of kernels: loads that are operands of others. */
  readonly #folded: ReadonlySet<Value> | undefined;

  constructor(fn: IrFunction, machine: MachineFunction, options: SelectionOptions) {
    this.#source = fn;
    this.#machine = machine;
    this.#options = options;
    this.#demand = new FormDemand(fn.valueCount, options.isFrameBody, machine.hasMasks);
    this.#forms = this.#demand.forms;
    this.#scalars = new Int32Array(fn.valueCount);
    this.#masks = new Int32Array(fn.valueCount);
    this.#folded = options.isKernel && options.traits.hasVex ? foldedLoads(fn) : undefined;
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
    const { isFrameBody, convention, laneFrame } = this.#options;
    const assigner = new ArgumentAssigner(convention, MemoryKind.Incoming);
    for (let i = 0; i < block.parameters.length; i++) {
      const parameter = block.parameters[i] as Value;
      const registerClass = classOf(parameter.type);
      if (laneFrame !== undefined) {
        this.#laneParameter(parameter, elementAt(laneFrame.arguments, i));
        continue;
      }
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

  #laneParameter(parameter: Value, word: number): void {
    const machine = this.#machine;
    const vreg =
      lanesOf(parameter.type) > 1
        ? machine.newLanes(memoryLocation(MemoryKind.WideIncoming, word))
        : machine.newVregAt(RegisterClass.Vector, memoryLocation(MemoryKind.Incoming, word));
    machine.addFunctionParameter(vreg, noLocation);
    this.#scalars[parameter.id] = vreg;
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
      const magnitude = this.#vector(MachineOp.And, slot, this.#machine.pattern(magnitudeHigh, -1));
      this.#masks[parameter.id] = this.#vector(MachineOp.MaskLt, zero, magnitude);
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
      const vreg = this.#newVreg(parameter.type);
      machine.addBlockParameter(position, vreg);
      this.#scalars[parameter.id] = vreg;
    }
    for (const parameter of block.parameters) this.#completeForms(parameter);
  }

  #body(block: Block): void {
    const { instructions } = block;
    const hasLanes = this.#machine.lanes > 1;
    const { origins } = this.#options;
    for (let i = 0; i < instructions.length; i++) {
      const value = instructions[i] as Value;
      const opcode = value.op as Opcode;
      const forms = this.#forms[value.id] as number;
      if (forms === 0 && opcode.pure) continue;
      if (origins !== undefined) origins.begin(value.id, this.#machine.instructionCount);
      if (this.#folded !== undefined && this.#loading(value, opcode, this.#folded)) continue;
      const machineOp = direct[opcode.index] as number;
      if (hasLanes && this.#laned(value, opcode)) continue;
      if (machineOp >= 0) {
        const { operands } = value;
        const b = operands.length === 2 ? this.#scalar(operands[1] as Value) : -1;
        const result = this.#newVreg(value.type);
        this.#machine.append(machineOp, result, this.#scalar(operands[0] as Value), b, -1);
        this.#scalars[value.id] = result;
        if (value.type === 'bool') this.#completeForms(value);
      } else if ((maskOf[opcode.index] as number) >= 0) {
        this.#comparison(value, opcode, forms);
      } else {
        this.#other(value, opcode, forms);
      }
    }
    origins?.end(block, this.#machine.instructionCount);
  }

  /** Leaves out loads that are folded, and selects what folds them; says whether the value is either. */
  #loading(value: Value, opcode: Opcode, folded: ReadonlySet<Value>): boolean {
    if (opcode === op.load) return folded.has(value);
    const operands = foldedOperands(value, folded);
    if (operands === undefined) return false;
    const [register, load] = operands;
    const { base, index, displacement } = addressOf(load);
    invariant(index !== undefined, 'loads that are folded have an index');
    const result = this.#newVreg(value.type);
    const machineOp = withLoad[opcode.index] as number;
    this.#machine.append(machineOp, result, this.#scalar(register), this.#scalar(base), this.#scalar(index));
    this.#machine.setImmediate(packAccess('f64', displacement));
    this.#scalars[value.id] = result;
    return true;
  }

  // Values

  #scalar(value: Value): number {
    return this.#scalars[value.id] as number;
  }

  readonly #scalarOf = (value: Value): number => this.#scalar(value);

  #mask(value: Value): number {
    return this.#masks[value.id] as number;
  }

  #vector(operation: number, a: number, b = -1, c = -1): number {
    const result = this.#machine.newVreg(RegisterClass.Vector);
    this.#machine.append(operation, result, a, b, c);
    return result;
  }

  #general(operation: number, a: number, b = -1, c = -1): number {
    const result = this.#machine.newVreg(RegisterClass.General);
    this.#machine.append(operation, result, a, b, c);
    return result;
  }

  #newVreg(type: Type): number {
    const machine = this.#machine;
    if (machine.lanes === 1 || lanesOf(type) === 1) return machine.newVreg(classOf(type));
    const isMask = machine.hasMasks && elementOf(type) === 'bool';
    return isMask ? machine.newVreg(RegisterClass.Mask) : machine.newLanes();
  }

  /** Selects an operation on lanes; says whether it is one that scalar code does not do alike. */
  #laned(value: Value, opcode: Opcode): boolean {
    const { operands } = value;
    if (opcode === op.give) {
      const given = this.#scalar(operands[0] as Value);
      this.#machine.append(MachineOp.Give, -1, given, -1, value.immediate as number);
      return true;
    }
    if (opcode === op.taken) {
      const frame = this.#options.laneFrameOf((operands[0] as Value).immediate as string);
      invariant(frame !== undefined, 'only functions on lanes have several results');
      this.#scalars[value.id] = this.#machine.newLanes();
      const word = frame.results + (value.immediate as number) * this.#machine.lanes;
      this.#machine.append(MachineOp.Take, this.#scalar(value), -1, -1, word);
      return true;
    }
    // A branch asks for itself whether any lane is set.
    if (opcode === op.any) return true;
    if (lanesOf(value.type) === 1 || isMemoryAccess(opcode)) return false;
    if (opcode === op.pairs || opcode === op.permute16) {
      this.#scalars[value.id] = selectTableAccess(this.#machine, value, this.#scalarOf);
      return true;
    }
    if (opcode === op.frepair) {
      this.#repair(value);
      return true;
    }
    const count = operands.length;
    const isOfBool = opcode === op.splat && (operands[0] as Value).type === 'bool';
    const isOfMask = isOfBool && !this.#machine.hasMasks;
    const first = isOfMask ? this.#masks : this.#scalars;
    let x = count > 0 ? (first[(operands[0] as Value).id] as number) : -1;
    if (opcode === op.splat && (operands[0] as Value).type === 'i64')
      x = this.#vector(MachineOp.GeneralToVector, x);
    const y = count > 1 ? this.#scalar(operands[1] as Value) : -1;
    const z = count > 2 ? this.#scalar(operands[2] as Value) : -1;
    const made = selectPacked(this.#machine, value, this.#options.traits.hasVex, x, y, z);
    if (made >= 0) this.#scalars[value.id] = made;
    return made >= 0;
  }

  /** With two arguments, the first stands where the result is to be in the lanes that need repair. */
  #repair({ id, operands, immediate }: Value): void {
    const machine = this.#machine;
    const [isUsual, usual, first, second] = operands.map(this.#scalarOf) as [number, number, number, number?];
    const { hasVex } = this.#options.traits;
    const value = second === undefined ? usual : blend(machine, hasVex, isUsual, usual, first);
    const result = machine.newLanes();
    const [one, both] = machine.hasMasks
      ? [MachineOp.RepairK, MachineOp.RepairBothK]
      : [MachineOp.Repair, MachineOp.RepairBoth];
    machine.append(second === undefined ? one : both, result, value, isUsual, second ?? first);
    machine.setImmediate(this.#options.mathIndex(immediate as string));
    this.#scalars[id] = result;
  }

  /** Makes the mask of a bool that came about in a general register. */
  #completeForms(value: Value): void {
    if (value.type !== 'bool' || ((this.#forms[value.id] as number) & Form.Mask) === 0) return;
    const allOrNothing = this.#general(MachineOp.INeg, this.#scalar(value));
    this.#masks[value.id] = this.#vector(MachineOp.GeneralToVector, allOrNothing);
  }

  #comparison(value: Value, opcode: Opcode, forms: number): void {
    const swaps = swapsMask[opcode.index] === 1;
    const a = this.#scalar(value.operands[swaps ? 1 : 0] as Value);
    const b = this.#scalar(value.operands[swaps ? 0 : 1] as Value);
    const mask = this.#vector(maskOf[opcode.index] as number, a, b);
    this.#masks[value.id] = mask;
    if ((forms & Form.Scalar) !== 0) this.#scalars[value.id] = this.#general(MachineOp.MaskToBool, mask);
  }

  #other(value: Value, opcode: Opcode, forms: number): void {
    const machine = this.#machine;
    const { operands, immediate } = value;
    const [first, second] = operands;
    const x = first === undefined ? -1 : this.#scalar(first);
    const y = second === undefined ? -1 : this.#scalar(second);
    switch (opcode) {
      case op.fconst:
        this.#scalars[value.id] = machine.float(immediate as number);
        return;
      case op.fbits:
        this.#scalars[value.id] = this.#bits(value);
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
      case op.bbits:
        this.#scalars[value.id] = this.#mask(first as Value);
        return;
      case op.fbitand:
      case op.fbitandnot:
      case op.fbitor:
      case op.fbitxor:
        this.#scalars[value.id] = this.#vector(
          bitwiseOf[opcode.index] as number,
          this.#bits(first as Value),
          this.#bits(second as Value),
        );
        return;
      case op.callmath:
        this.#call(value, MachineOp.CallMath, this.#options.mathIndex(immediate as string));
        return;
      case op.setfuel:
        machine.append(MachineOp.SetFuel, -1, x, -1, -1);
        this.#scalars[value.id] = x;
        return;
      case op.getfuel:
        this.#scalars[value.id] = machine.newVreg(RegisterClass.General);
        machine.append(MachineOp.GetFuel, this.#scalar(value), -1, -1, -1);
        return;
      case op.look:
        this.#call(value, MachineOp.Look, immediate as number);
        return;
      case op.call:
        if (this.#callLanes(value)) return;
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
          this.#masks[value.id] = this.#vector(MachineOp.Xor, this.#mask(operand), ones);
        }
        return;
      }
      case op.btof: {
        const operand = operands[0] as Value;
        this.#scalars[value.id] = prefersMask(operand)
          ? this.#oneWhere(this.#mask(operand))
          : this.#vector(MachineOp.IntToFloat, x);
        return;
      }
      case op.select:
        this.#select(value, forms);
        return;
      case op.fasi:
        this.#scalars[value.id] = this.#general(MachineOp.VectorToGeneral, x);
        return;
      case op.iasf:
        this.#scalars[value.id] = this.#vector(MachineOp.GeneralToVector, x);
        return;
      case op.keep:
        this.#scalars[value.id] = value.type === 'f64' ? this.#vector(MachineOp.Keep, x) : x;
        return;
      case op.iota:
        this.#scalars[value.id] = machine.float(0);
        return;
      case op.ishl:
        this.#scalars[value.id] = this.#shift(value, MachineOp.Shl64, MachineOp.Shl64By, 63n);
        return;
      case op.ishr:
        this.#scalars[value.id] = this.#shift(value, MachineOp.Shr64, MachineOp.Shr64By, 63n);
        return;
      case op.isar:
        this.#scalars[value.id] = this.#shift(value, MachineOp.Sar64, MachineOp.Sar64By, 63n);
        return;
      case op.iadd32:
        this.#scalars[value.id] = this.#signExtended(this.#general(MachineOp.IAdd, x, y));
        return;
      case op.isub32:
        this.#scalars[value.id] = this.#signExtended(this.#general(MachineOp.ISub, x, y));
        return;
      case op.imulu32: {
        const [low, other] = [
          this.#general(MachineOp.ZeroExtend32, x),
          this.#general(MachineOp.ZeroExtend32, y),
        ];
        this.#scalars[value.id] = this.#general(MachineOp.IMul, low, other);
        return;
      }
      case op.stack: {
        const words = alignUp(immediate as number, stackUnit);
        this.#scalars[value.id] = machine.newVreg(RegisterClass.General);
        machine.append(MachineOp.StackAddress, this.#scalar(value), -1, -1, machine.stackWords);
        machine.stackWords += words;
        return;
      }
      case op.ilane:
        this.#scalars[value.id] = this.#general(MachineOp.LaneWord, x, -1, immediate as number);
        return;
      case op.tableaddress:
        this.#scalars[value.id] = this.#general(
          MachineOp.TableAddress,
          -1,
          -1,
          this.#options.tableIndex(immediate as string),
        );
        return;
      case op.ffma:
      case op.ffms:
      case op.ffnma: {
        const z = this.#scalar(operands[2] as Value);
        this.#scalars[value.id] = this.#vector(fusedOf[opcode.index] as number, x, y, z);
        return;
      }
      case op.load:
      case op.store:
        this.#scalars[value.id] = selectMemory(machine, value, this.#scalarOf);
        return;
      case op.bound:
      case op.membase:
      case op.msize:
      case op.mread:
      case op.mwrite:
      case op.getglobal:
      case op.setglobal:
        this.#scalars[value.id] = selectCallMemory(machine, value, this.#scalarOf, this.#options.globalIndex);
        this.#completeForms(value);
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
      default: {
        const division = divisionOpOf[opcode.index] as number;
        invariant(division >= 0, `no machine code for ${opcode.name}`);
        const guard = isPlainDivision(value) ? 0 : 1;
        this.#scalars[value.id] = this.#general(division, x, y, guard);
      }
    }
  }

  #logic(value: Value, forms: number, maskOperation: number, generalOperation: number): void {
    const [first, second] = value.operands as [Value, Value];
    if ((forms & Form.Scalar) !== 0) {
      this.#scalars[value.id] = this.#general(generalOperation, this.#scalar(first), this.#scalar(second));
    }
    if ((forms & Form.Mask) !== 0) {
      this.#masks[value.id] = this.#vector(maskOperation, this.#mask(first), this.#mask(second));
    }
  }

  /** A double as an operand of operations on bits: a constant of full width, which these can take from memory. */
  #bits(value: Value): number {
    const { op: opcode, immediate } = value;
    if (opcode !== op.fbits && opcode !== op.fconst) return this.#scalar(value);
    if (typeof immediate === 'bigint') bits.setBigInt64(0, immediate);
    else bits.setFloat64(0, immediate as number);
    return this.#machine.pattern(bits.getInt32(0), bits.getInt32(4));
  }

  /** A mask as 0 or 1. */
  #oneWhere(mask: number): number {
    return this.#vector(MachineOp.And, mask, this.#machine.pattern(oneHigh, 0));
  }

  #shift(value: Value, byRegister: number, byConstant: number, bits = 31n): number {
    const [x, count] = value.operands as [Value, Value];
    return count.op === op.iconst
      ? this.#general(byConstant, this.#scalar(x), -1, Number((count.immediate as bigint) & bits))
      : this.#general(byRegister, this.#scalar(x), this.#scalar(count));
  }

  #signExtended(low: number): number {
    return this.#general(MachineOp.SignExtend32, low);
  }

  #select(value: Value, forms: number): void {
    const [condition, first, second] = value.operands as [Value, Value, Value];
    if (value.type === 'f64') {
      const mask = this.#mask(condition);
      this.#scalars[value.id] = this.#vector(
        MachineOp.Blend,
        this.#scalar(second),
        this.#scalar(first),
        mask,
      );
      return;
    }
    if (value.type === 'i64' || (forms & Form.Scalar) !== 0) {
      const whenTrue = this.#scalar(first);
      const whenFalse = this.#scalar(second);
      this.#scalars[value.id] = this.#general(MachineOp.Choose, whenFalse, whenTrue, this.#scalar(condition));
    }
    if (value.type === 'bool' && (forms & Form.Mask) !== 0) {
      const mask = this.#mask(condition);
      const [whenTrue, whenFalse] = [this.#mask(first), this.#mask(second)];
      if (this.#options.traits.hasVex) {
        this.#masks[value.id] = this.#vector(MachineOp.Blend, whenFalse, whenTrue, mask);
      } else {
        const set = this.#vector(MachineOp.And, mask, whenTrue);
        this.#masks[value.id] = this.#vector(
          MachineOp.Or,
          this.#vector(MachineOp.AndNot, mask, whenFalse),
          set,
        );
      }
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

  /** Calls a function on lanes; says whether it is one. */
  #callLanes(value: Value): boolean {
    const name = value.immediate as string;
    const frame = this.#options.laneFrameOf(name);
    if (frame === undefined) return false;
    this.#call(value, MachineOp.CallLanes, this.#options.functionIndex(name));
    this.#machine.setImmediate(frame.scalars);
    return true;
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
    invariant(terminator.kind === 'branch', 'switches are lowered');
    const { condition, isNegated } = stripNegations(terminator.condition);
    const whenTrue = branchTarget(order, order.splitWhenTrue[block.id] as number, terminator.whenTrue);
    const whenFalse = branchTarget(order, order.splitWhenFalse[block.id] as number, terminator.whenFalse);
    const taken = isNegated ? whenFalse : whenTrue;
    const machine = this.#machine;
    if (isFusable(condition)) {
      const { index } = condition.op as Opcode;
      const swaps = swapsBranch[index] === 1;
      const a = this.#scalar(condition.operands[swaps ? 1 : 0] as Value);
      const { operands } = condition;
      const b = operands.length > 1 ? this.#scalar(operands[swaps ? 0 : 1] as Value) : -1;
      const branch = branchOf[index] as number;
      const isOfMask = branch === MachineOp.BranchAny && machine.hasMasks;
      machine.append(isOfMask ? MachineOp.BranchAnyK : branch, -1, a, b, taken);
    } else {
      machine.append(MachineOp.BranchBool, -1, this.#scalar(condition), -1, taken);
    }
    const at = (machine.instructionCount - 1) * instructionWords;
    machine.code[at + Word.NextC] = isNegated ? whenTrue : whenFalse;
  }

  /** The vreg to return: in a frame body always a double. */
  #returned(value: Value): number {
    if (!this.#options.isFrameBody || value.type === 'f64') return this.#scalar(value);
    if (value.type === 'bool') return this.#oneWhere(this.#mask(value));
    return this.#vector(MachineOp.IntToFloat, this.#scalar(value));
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
