/**
 * A function of legal IR as a function of WebAssembly.
 *
 * Problems, and answers:
 *
 * - Control flow is structured: `structure.ts` says what stands where, and calls back.
 * - Values are expressions, or have locals: `stack-plan.ts`. Arguments of a jump are all put on the stack before the first is
 *   stored, so they are moved at once, as block parameters ask for.
 * - Limits and traps: `limits-encoder.ts`. A kernel looks for traps of its callees itself.
 */

import { kernelFrameLength } from '../../native/kernel-frame.ts';
import { elementAt, slots } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import type { FunctionCost } from '../ir/cost.ts';
import { DominatorTree } from '../ir/dominators.ts';
import type { Block, Edge, IrFunction, Value } from '../ir/function.ts';
import { op } from '../ir/opcode.ts';
import type { Type } from '../ir/type.ts';
import type { ByteSink } from './byte-sink.ts';
import { FunctionSink } from './function-sink.ts';
import { type LimitsContext, LimitsEncoder } from './limits-encoder.ts';
import { encodeLoad, encodePairs, encodeRead, encodeStore, encodeWrite } from './memory-encoder.ts';
import { slotAddress } from './memory-layout.ts';
import type { DefinedFunction } from './module-writer.ts';
import type { OperandWriter } from './operand-writer.ts';
import { encodeConstant, encodeOperation } from './operation-encoder.ts';
import { hasEffect, isConstantLike, StackPlan } from './stack-plan.ts';
import { type StructureVisitor, walkStructure } from './structure.ts';
import { ValueType, valueTypeOf } from './value-type.ts';
import { requireTaken } from './wasm-limit-error.ts';

/** A function that code calls, by its number in the module. */
export interface Callee {
  readonly number: number;
  readonly mayTrap: boolean;
  /** Of a function on lanes: see {@link givenTypes}. */
  readonly given: readonly Type[] | undefined;
}

/** What the function needs to know of the module around it. */
export interface FunctionContext extends LimitsContext {
  readonly name: string;
  /** What it charges; undefined: nothing. */
  readonly cost: FunctionCost | undefined;
  /**
   * Is it a kernel? Then it takes the address of its frame as 32 bits, gives nothing, has memory of its own behind the frame, and
   * looks for traps of its callees itself.
   */
  readonly isKernel: boolean;
  readonly calleeOf: (name: string) => Callee;
  readonly hostNumber: (host: number) => number;
  readonly mathNumber: (name: string) => number;
  readonly repairNumber: (name: string) => number;
  readonly globalNumber: (name: string) => number;
  /** Of `look`; see `generate-module.ts`. */
  readonly lookNumber: () => number;
}

/** What an activation takes in any case, in bytes, and for each word of locals beyond those that registers have. */
const [activationBytes, localBytes, wordsInRegisters] = [80, 8, 10];

export function encodeFunction(fn: IrFunction, context: FunctionContext, sink: ByteSink): DefinedFunction {
  const tree = new DominatorTree(fn);
  const plan = new StackPlan(fn, tree.order);
  const encode = (frameBytes: number): DefinedFunction =>
    new FunctionEncoder(fn, tree, plan, context, sink, frameBytes).run();
  const encoded = encode(0);
  // What an activation takes is known when all is written, and then written where it is needed.
  return context.isRecursive ? encode(bytesOf(encoded)) : encoded;
}

/** What an activation takes, about: parameters stand there when they are put together, when they are passed, and when they are taken. */
function bytesOf({ signature: { parameters }, locals }: DefinedFunction): number {
  const words = [...parameters, ...parameters, ...parameters, ...locals].reduce(
    (sum, type) => sum + (type === ValueType.v128 ? 2 : 1),
    0,
  );
  return activationBytes + localBytes * Math.max(0, words - wordsInRegisters);
}

/** The types of what a function on lanes gives; undefined for others. */
export function givenTypes({ blocks }: IrFunction): readonly Type[] | undefined {
  const given = blocks.flatMap(({ instructions }) => instructions.filter((value) => value.op === op.give));
  if (given.length === 0) return undefined;
  const types = slots<Type>(given.length);
  for (const { immediate, type } of given) types[Number(immediate)] = type;
  return types as Type[];
}

class FunctionEncoder implements StructureVisitor, OperandWriter {
  readonly sink: FunctionSink;
  readonly #context: FunctionContext;
  readonly #parameters: readonly Value[];
  readonly #tree: DominatorTree;
  readonly #plan: StackPlan;
  readonly #blockCount: number;
  /** By value id: one more than the local that has it; 0 for none. */
  readonly #locals: Int32Array;
  /** By call: the locals of what a function on lanes gave. */
  readonly #taken = new Map<Value, readonly number[]>();
  /** By number: the locals of what this function gives. */
  readonly #given: readonly number[];
  readonly #limits: LimitsEncoder;

  constructor(
    fn: IrFunction,
    tree: DominatorTree,
    plan: StackPlan,
    context: FunctionContext,
    sink: ByteSink,
    frameBytes: number,
  ) {
    this.#context = context;
    this.#tree = tree;
    this.#plan = plan;
    this.#blockCount = fn.blocks.length;
    this.#locals = new Int32Array(fn.valueCount);
    const { parameters } = elementAt(fn.blocks, 0);
    this.sink = new FunctionSink(sink, parameters.length);
    parameters.forEach(({ id }, index) => {
      this.#locals[id] = index + 1;
    });
    if (context.isKernel) this.#locals[elementAt(parameters, 0).id] = 0;
    this.#parameters = parameters;
    this.#given = (givenTypes(fn) ?? []).map((type) => this.sink.newLocal(valueTypeOf(type)));
    this.#limits = new LimitsEncoder(this.sink, context, frameBytes);
  }

  run(): DefinedFunction {
    const { name, signature, cost } = this.#context;
    if (this.#context.isKernel) this.#enterKernel();
    this.#limits.enter();
    if (cost !== undefined) this.#limits.charge(cost.entry);
    walkStructure(this.#tree, this);
    // Every way has returned; those who check the code see a block that ends.
    this.sink.op('unreachable');
    this.sink.op('end');
    const { locals, bytes } = this.sink;
    requireTaken(locals.length + signature.parameters.length, bytes.length, this.#blockCount);
    return { name, signature, locals, body: bytes.slice() };
  }

  // Structure

  open(kind: 'block' | 'loop'): void {
    this.sink.opens(kind);
  }

  close(): void {
    this.sink.op('end');
  }

  instructions({ instructions }: Block): void {
    /** By position: values whose local is free behind it. */
    const ending = new Map<number, Value[]>();
    for (let position = 0; position < instructions.length; position++) {
      const value = elementAt(instructions, position);
      if (isConstantLike(value) || this.#plan.isInline(value)) continue;
      if (!hasEffect(value) && !this.#plan.isRead(value)) continue;
      this.#root(value, ending);
      for (const ended of ending.get(position) ?? []) this.#free(ended);
    }
    for (const ended of ending.get(instructions.length) ?? []) this.#free(ended);
  }

  when(condition: Value, expected: boolean): void {
    this.push(condition);
    if (!expected) this.sink.op('i32.eqz');
    this.sink.opens('if');
  }

  edge({ target, args }: Edge, isBack: boolean): void {
    const { cost } = this.#context;
    if (isBack && cost !== undefined) this.#limits.charge(cost.jumpTo(target));
    // What stays where it is need not be moved.
    const moved = target.parameters.flatMap((parameter, index) => {
      const argument = elementAt(args, index);
      return argument === parameter || !this.#plan.isRead(parameter) ? [] : [{ parameter, argument }];
    });
    for (const { argument } of moved) this.push(argument);
    for (const { parameter } of moved.reverse()) this.sink.set(this.#localFor(parameter));
  }

  leave(depth: number): void {
    this.sink.opWith('br', depth);
  }

  return(value: Value): void {
    if (this.#given.length > 0) for (const local of this.#given) this.sink.get(local);
    else if (!this.#context.isKernel) this.push(value);
    this.#limits.leave();
    this.sink.op('return');
  }

  // Values

  isInline(value: Value): boolean {
    return this.#plan.isInline(value);
  }

  readonly push = (value: Value): void => {
    const local = this.#locals[value.id] as number;
    if (local > 0) this.sink.get(local - 1);
    else if (value.op === op.taken) this.#pushTaken(value);
    else if (value.op === op.stack) this.#pushStack();
    else if (isConstantLike(value)) encodeConstant(value, this.sink);
    else if (this.#plan.isInline(value)) this.#compute(value);
    else invariant(false, `v${value.id} has no local`);
  };

  /** Writes a value where it stands. */
  #root(value: Value, ending: Map<number, Value[]>): void {
    switch (value.op) {
      case op.store:
        encodeStore(value, this);
        return;
      case op.mwrite:
        encodeWrite(value, this);
        return;
      case op.bound:
        this.#bound(value, ending);
        return;
      case op.setglobal:
        this.push(elementAt(value.operands, 0));
        this.sink.opWith('global.set', this.#context.globalNumber(String(value.immediate)));
        return;
      case op.setfuel:
        this.sink.storeAt('i64.store', slotAddress('Fuel'), () => this.push(elementAt(value.operands, 0)));
        return;
      case op.look:
        this.sink.int(Number(value.immediate));
        this.sink.opWith('call', this.#context.lookNumber());
        return;
      case op.give:
        this.push(elementAt(value.operands, 0));
        this.sink.set(elementAt(this.#given, Number(value.immediate)));
        return;
      case op.call:
        this.#call(value, ending);
        return;
      case op.callhost: {
        for (const operand of value.operands) this.push(operand);
        this.sink.opWith('call', this.#context.hostNumber(Number(value.immediate)));
        this.#keep(value, ending);
        this.#limits.returnIfTrapped();
        return;
      }
      case op.frepair:
        this.#repair(value, ending);
        return;
      default:
        this.#compute(value);
        this.#keep(value, ending);
    }
  }

  #compute(value: Value): void {
    switch (value.op) {
      case op.load:
        encodeLoad(value, this);
        return;
      case op.pairs:
        encodePairs(value, this);
        return;
      case op.mread:
        encodeRead(value, this);
        return;
      case op.membase:
        this.sink.loadAt('i64.load', slotAddress('MemoryBase'));
        return;
      case op.msize:
        this.sink.loadAt('i64.load', slotAddress('MemoryEnd1'));
        return;
      case op.getglobal:
        this.sink.opWith('global.get', this.#context.globalNumber(String(value.immediate)));
        return;
      case op.getfuel:
        this.sink.loadAt('i64.load', slotAddress('Fuel'));
        return;
      case op.callmath:
        for (const operand of value.operands) this.push(operand);
        this.sink.opWith('call', this.#context.mathNumber(String(value.immediate)));
        return;
      default:
        encodeOperation(value, this);
    }
  }

  /** An offset is checked where it stands, and read from its local behind that. */
  #bound(value: Value, ending: Map<number, Value[]>): void {
    const local = this.#localFor(value);
    this.push(elementAt(value.operands, 0));
    this.sink.set(local);
    this.#limits.checkBound(Number(value.immediate), () => this.sink.get(local));
    this.#endsAt(value, ending);
  }

  /** Moves what is on the stack into the value's local; drops it if nobody reads it. */
  #keep(value: Value, ending: Map<number, Value[]>): void {
    if (!this.#plan.isRead(value)) {
      this.sink.op('drop');
      return;
    }
    this.sink.set(this.#localFor(value));
    this.#endsAt(value, ending);
  }

  #endsAt(value: Value, ending: Map<number, Value[]>): void {
    if (this.#plan.crossesBlocks(value)) return;
    const position = this.#plan.lastRead(value);
    const list = ending.get(position);
    if (list === undefined) ending.set(position, [value]);
    else list.push(value);
  }

  #localFor({ id, type }: Value): number {
    if (this.#locals[id] === 0) this.#locals[id] = this.sink.newLocal(valueTypeOf(type)) + 1;
    return (this.#locals[id] as number) - 1;
  }

  #free({ id, type }: Value): void {
    const local = this.#locals[id] as number;
    if (local > 0) this.sink.freeLocal(valueTypeOf(type), local - 1);
  }

  #pushTaken({ operands, immediate }: Value): void {
    const locals = this.#taken.get(elementAt(operands, 0));
    invariant(locals !== undefined, 'what is taken was given');
    this.sink.get(elementAt(locals, Number(immediate)));
  }

  /** The function's own memory, behind the kernel frame, which is its parameter. */
  #pushStack(): void {
    invariant(this.#context.isKernel, 'kernels have memory of their own');
    this.sink.get(this.#localFor(elementAt(this.#parameters, 0)));
    this.sink.long(BigInt(kernelFrameLength * 8));
    this.sink.op('i64.add');
  }

  // Calls

  #call(value: Value, ending: Map<number, Value[]>): void {
    const { number, mayTrap, given } = this.#context.calleeOf(String(value.immediate));
    for (const operand of value.operands) this.push(operand);
    this.sink.opWith('call', number);
    if (given === undefined) {
      this.#keep(value, ending);
    } else {
      const locals = this.#taken.get(value) ?? given.map((type) => this.sink.newLocal(valueTypeOf(type)));
      this.#taken.set(value, locals);
      for (const local of [...locals].reverse()) this.sink.set(local);
    }
    if (mayTrap && !this.#context.isKernel) this.#limits.returnIfTrapped();
  }

  /** Lanes outside of the usual range of a function of the math library. */
  #repair(value: Value, ending: Map<number, Value[]>): void {
    const [isUsual, usual, ...args] = value.operands as [Value, Value, ...Value[]];
    const result = this.#localFor(value);
    this.push(usual);
    this.sink.set(result);
    this.push(isUsual);
    this.sink.op('i64x2.bitmask');
    this.sink.int(3);
    this.sink.op('i32.ne');
    this.sink.opens('if');
    this.sink.get(result);
    this.push(isUsual);
    for (const argument of args) this.push(argument);
    this.sink.opWith('call', this.#context.repairNumber(String(value.immediate)));
    this.sink.set(result);
    this.sink.op('end');
    this.#endsAt(value, ending);
  }

  /** A kernel takes its frame's address as 32 bits, and IR has it as a word. */
  #enterKernel(): void {
    this.sink.get(0);
    this.sink.op('i64.extend_i32_u');
    this.sink.set(this.#localFor(elementAt(this.#parameters, 0)));
  }
}
