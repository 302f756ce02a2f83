/**
 * The shape of IR: a module of functions, each a graph of basic blocks in SSA form with block parameters.
 *
 *     function area(f64): f64 {
 *     b0(v0: f64):
 *       v1 = fconst 3.141592653589793
 *       v2 = fmul v0, v0
 *       v3 = fmul v1, v2
 *       return v3
 *     }
 *
 * A value is defined once, by an instruction or as a parameter of a block, and each use is dominated by its
 * definition. Instead of phi instructions, jumps pass arguments to the parameters of their target. The first
 * block is the entry; its parameters are the function's.
 *
 * The structure is plain and mutable so that passes can rewrite it; `verifier.ts` says what must hold.
 */
import { hasOwn } from '../../support/own.ts';
import type { BoundaryType, ValueBoundaryType } from './boundary-type.ts';
import type { Datum, Opcode, Type } from './opcode.ts';
import type { ScalarType } from './type.ts';

/** Ids index arrays, so a stray huge one must not exhaust memory. */
export const mostId = 10_000_000;

/** What an instruction carries besides operands: a constant, or whom a call calls. */
export type Immediate = number | boolean | bigint | string;

/** An SSA value: a parameter of a block (`op` is undefined) or the result of an instruction. */
export class Value {
  /** Unique in its function and dense enough to index arrays. */
  readonly id: number;
  readonly type: Type;
  op: Opcode | undefined;
  operands: Value[];
  /** A constant's value, or whom a call calls. */
  immediate: Immediate | undefined;

  constructor(id: number, type: Type, op: Opcode | undefined, operands: Value[], immediate?: Immediate) {
    this.id = id;
    this.type = type;
    this.op = op;
    this.operands = operands;
    this.immediate = immediate;
  }
}

/** A way from one block to another. */
export interface Edge {
  target: Block;
  /** One argument for each parameter of the target. */
  args: Value[];
}

/** One case of a switch; values are 64-bit integers, and each is that of one case only. */
export interface SwitchCase {
  readonly value: bigint;
  edge: Edge;
}

/** How a block ends. */
export type Terminator =
  | { readonly kind: 'jump'; edge: Edge }
  | { readonly kind: 'branch'; condition: Value; whenTrue: Edge; whenFalse: Edge }
  /** To the edge of the case that an `i64` equals; `opt/lower-switches` makes branches of it. */
  | { readonly kind: 'switch'; value: Value; cases: SwitchCase[]; otherwise: Edge }
  | { readonly kind: 'return'; value: Value };

/** Instructions that run one after the other, with one way in and a terminator. */
export class Block {
  /** Unique in its function. */
  readonly id: number;
  readonly parameters: Value[] = [];
  /** In order of execution. */
  instructions: Value[] = [];
  /** Undefined only while the block is under construction. */
  terminator: Terminator | undefined;

  constructor(id: number) {
    this.id = id;
  }
}

/** A graph of blocks, of which the first is the entry. */
export class IrFunction {
  readonly name: string;
  readonly result: Type;
  /** What traps call it. */
  readonly displayName: string;
  /** The entry first; passes keep the others in reverse postorder or leave them as built. */
  blocks: Block[] = [];
  /** Ids handed out so far: an upper bound for arrays indexed by value or block id. */
  valueCount = 0;
  blockCount = 0;

  constructor(name: string, result: Type, displayName: string = name) {
    this.name = name;
    this.result = result;
    this.displayName = displayName;
  }

  /** A value of this function, which stands in no block yet. Without an opcode it is to be a parameter. */
  newValue(type: Type, opcode?: Opcode, operands: Value[] = [], immediate?: Immediate): Value {
    return new Value(this.valueCount++, type, opcode, operands, immediate);
  }

  /** A block with parameters of these types, which is not among the blocks yet. */
  newBlock(parameters: readonly Type[] = []): Block {
    const block = new Block(this.blockCount++);
    for (const type of parameters) block.parameters.push(this.newValue(type));
    return block;
  }
}

/** A function of the host that machine code may call: by position in {@link IrModule.hosts}. */
export interface HostFunction {
  readonly name: string;
  /** How many numbers it takes; it gives one. */
  readonly arity: number;
}

/** The same, of other types than numbers. */
export interface TypedHostFunction {
  readonly name: string;
  readonly parameters: readonly ValueBoundaryType[];
  readonly result: BoundaryType;
}

/** A variable that the functions of a module share, and that outlives calls. */
export interface Global {
  readonly name: string;
  readonly type: ScalarType;
  readonly initial: Datum;
}

/** Functions that call each other, with the hosts and variables that they use. */
export class IrModule {
  readonly functions: IrFunction[] = [];
  readonly hosts: (HostFunction | TypedHostFunction)[] = [];
  readonly globals: Global[] = [];
}

/** What a host function takes. */
export function hostParameters(host: HostFunction | TypedHostFunction): readonly ValueBoundaryType[] {
  return hasOwn(host, 'parameters')
    ? host.parameters
    : new Array<ValueBoundaryType>((host as HostFunction).arity).fill('f64');
}

/** What it gives. */
export function hostResult(host: HostFunction | TypedHostFunction): BoundaryType {
  return hasOwn(host, 'result') ? host.result : 'f64';
}

/** Has the function one of these operations? */
export function uses({ blocks }: IrFunction, ...opcodes: readonly Opcode[]): boolean {
  return blocks.some(({ instructions }) =>
    instructions.some((value) => value.op !== undefined && opcodes.includes(value.op)),
  );
}

/** Outgoing edges of a finished block. */
export function successors(block: Block): Edge[] {
  const terminator = block.terminator;
  if (terminator?.kind === 'jump') return [terminator.edge];
  if (terminator?.kind === 'branch') return [terminator.whenTrue, terminator.whenFalse];
  if (terminator?.kind === 'switch')
    return [...terminator.cases.map(({ edge }) => edge), terminator.otherwise];
  return [];
}

/** All values that a block's instructions and its end ask for, some more than once. */
export function* askedFor(block: Block): Iterable<Value> {
  for (const { operands } of block.instructions) yield* operands;
  for (const { args } of successors(block)) yield* args;
  const { terminator } = block;
  if (terminator?.kind === 'branch') yield terminator.condition;
  else if (terminator?.kind === 'return' || terminator?.kind === 'switch') yield terminator.value;
}

/** The number of a host of the module, which it becomes if it is none yet. */
export function hostNumber({ hosts }: IrModule, host: IrModule['hosts'][number]): number {
  const known = hosts.findIndex(({ name }) => name === host.name);
  return known >= 0 ? known : hosts.push(host) - 1;
}
