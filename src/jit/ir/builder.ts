import { maybeAt } from '../../support/element.ts';
import { knownNames } from '../../support/options.ts';
import { irTypeOf } from './boundary-type.ts';
import {
  type Block,
  type Global,
  hostResult,
  type Immediate,
  IrFunction,
  type IrModule,
  type Terminator,
  type Value,
} from './function.ts';
import { IrError } from './ir-error.ts';
import type { AccessType, MemoryType } from './memory-type.ts';
import { accessedType } from './memory-type.ts';
import { type Opcode, op, type Type } from './opcode.ts';
import { elementOf, type LaneCount, lanesOf, withLanes } from './type.ts';

/** A list of types, of which TypeScript knows the length where it is written out. */
export type TypeList = readonly [] | readonly Type[];

/** A value for each type of a list. */
export type ValuesOf<Types extends TypeList> = { readonly [Index in keyof Types]: Value };

/** A block with parameters of these types. */
export type BlockOf<Types extends TypeList> = Block & { readonly parameters: ValuesOf<Types> };

/**
 * Builds one function, block after block: instructions go to the end of the current block. The verifier, not
 * the builder, checks dominance; the builder checks what it can see at once, and throws `IrError`.
 */
export class IrBuilder<Parameters extends TypeList = TypeList> {
  readonly function: IrFunction;
  /** Those of the function. */
  readonly parameters: ValuesOf<Parameters>;
  readonly #module: IrModule;
  #current: Block;

  /** Adds `name` to the module with an entry block of the given parameter types, and stands in it. */
  constructor(
    module: IrModule,
    name: string,
    parameters: Parameters,
    result: Type,
    displayName: string = name,
  ) {
    this.function = new IrFunction(name, result, displayName);
    module.functions.push(this.function);
    this.#module = module;
    const entry = this.createBlock(parameters);
    this.#current = entry;
    this.parameters = entry.parameters;
  }

  /** The block at whose end instructions go. */
  get block(): Block {
    return this.#current;
  }

  /** A new block at the end of the function; the builder does not move to it. */
  createBlock(): Block;
  createBlock<Types extends TypeList>(parameters: Types): BlockOf<Types>;
  createBlock<Types extends TypeList>(parameters?: Types): Block {
    const block = this.function.newBlock(parameters);
    this.function.blocks.push(block);
    return block;
  }

  /** Instructions go to the end of this block from now on. */
  moveTo(block: Block): void {
    this.#current = block;
  }

  /** The value of an operation whose table entry fixes its type, in as many lanes as the operands have. */
  emit(opcode: Opcode, ...operands: Value[]): Value {
    if (opcode?.result === undefined)
      return this.#refuse(
        opcode === undefined
          ? 'emits undefined, which is no operation'
          : `${opcode.name} gives results of several types, so append() is told which`,
      );
    const first = operands.at(0);
    const lanes = first === undefined || opcode === op.any ? 1 : lanesOf(first.type);
    return this.append(withLanes(opcode.result, lanes), opcode, operands);
  }

  /** A constant. */
  number(value: number): Value {
    return this.append('f64', op.fconst, [], value);
  }

  /** The double of these 64 bits. @internal */
  bits(pattern: bigint): Value {
    return this.append('f64', op.fbits, [], pattern);
  }

  /** A constant. */
  boolean(value: boolean): Value {
    return this.append('bool', op.bconst, [], value);
  }

  /** A constant. */
  integer(value: bigint): Value {
    return this.append('i64', op.iconst, [], value);
  }

  /** `condition ? first : second`; both are computed. */
  select(condition: Value, first: Value, second: Value): Value {
    if (first.type !== second.type) return this.#refuse(`selects from ${first.type} and ${second.type}`);
    return this.append(first.type, op.select, [condition, first, second]);
  }

  /** The value in each lane. @internal */
  splat(value: Value, lanes: LaneCount): Value {
    return this.append(withLanes(elementOf(value.type), lanes), op.splat, [value]);
  }

  /** Element `index` of the array at `base`, or as many from there on as the type has lanes; of these those that `mask` says. @internal */
  load(type: Type, memory: MemoryType, base: Value, index: Value, mask?: Value): Value {
    return this.append(type, op.load, mask === undefined ? [base, index] : [base, index, mask], memory);
  }

  /** @internal */
  store(memory: MemoryType, base: Value, index: Value, value: Value, mask?: Value): void {
    const operands = [base, index, value];
    this.append(value.type, op.store, mask === undefined ? operands : [...operands, mask], memory);
  }

  /** What memory has at `offset`, in bytes: an integer, extended to 64 bits, or a number. */
  loadMemory(type: AccessType, offset: Value): Value {
    return this.append(accessedType(type), op.mload, [offset], type);
  }

  /** Of an integer the low bits; passes the value on. */
  storeMemory(type: AccessType, offset: Value, value: Value): Value {
    return this.append(value.type, op.mstore, [offset, value], type);
  }

  /** How many bytes memory has. */
  memorySize(): Value {
    return this.append('i64', op.msize, []);
  }

  /** The value of a variable of the module. */
  getGlobal(name: string): Value {
    return this.append(this.#global(name).type, op.getglobal, [], name);
  }

  /** Sets a variable of the module; passes the value on. */
  setGlobal(name: string, value: Value): Value {
    return this.append(this.#global(name).type, op.setglobal, [value], name);
  }

  /** The address of so many words of memory of the function's own. @internal */
  stack(words: number): Value {
    return this.append('i64', op.stack, [], words);
  }

  /** A function of the math library, by its name in the language: `sin`, `atan2`, `hypot`. */
  callMath(name: string, ...operands: Value[]): Value {
    return this.append(operands.at(0)?.type ?? 'f64', op.callmath, operands, name);
  }

  /** A call of a function of the module, which may come later. */
  call(name: string, result: Type, ...operands: Value[]): Value {
    return this.append(result, op.call, operands, name);
  }

  /** `host` is the name of a host of the module, or its index in `hosts`. */
  callHost(host: number | string, ...operands: Value[]): Value {
    const { hosts } = this.#module;
    const index = typeof host === 'number' ? host : hosts.findIndex(({ name }) => name === host);
    const declared = maybeAt(hosts, index);
    if (declared === undefined)
      return this.#refuse(
        `the module has no host ${typeof host === 'number' ? host : `'${host}'`}; ${namesOf(hosts, host)}`,
      );
    return this.append(irTypeOf(hostResult(declared)), op.callhost, operands, index);
  }

  /** Ends the block: goes to `target`, with a value for each of its parameters. */
  jump(target: Block, ...args: Value[]): void {
    this.#terminate({ kind: 'jump', edge: { target, args } });
  }

  /** Ends the block: goes one of two ways. */
  branch(
    condition: Value,
    whenTrue: Block,
    whenFalse: Block,
    argsTrue: readonly Value[] = [],
    argsFalse: readonly Value[] = [],
  ): void {
    this.#terminate({
      kind: 'branch',
      condition,
      whenTrue: { target: whenTrue, args: [...argsTrue] },
      whenFalse: { target: whenFalse, args: [...argsFalse] },
    });
  }

  /** Cases are values, blocks and arguments for these; the values are 64-bit integers, and distinct. */
  switch(
    value: Value,
    cases: readonly (readonly [value: bigint, target: Block, args?: readonly Value[]])[],
    otherwise: Block,
    argsOtherwise: readonly Value[] = [],
  ): void {
    this.#terminate({
      kind: 'switch',
      value,
      cases: cases.map(([constant, target, args = []]) => ({
        value: constant,
        edge: { target, args: [...args] },
      })),
      otherwise: { target: otherwise, args: [...argsOtherwise] },
    });
  }

  /** Ends the block, and the function. */
  return(value: Value): void {
    this.#terminate({ kind: 'return', value });
  }

  #terminate(terminator: Terminator): void {
    this.#requireOpen();
    this.#current.terminator = terminator;
  }

  /** An instruction whose type the table does not give. */
  append(type: Type, opcode: Opcode, operands: Value[], immediate?: Immediate): Value {
    this.#requireOpen();
    const value = this.function.newValue(type, opcode, operands, immediate);
    this.#current.instructions.push(value);
    return value;
  }

  #global(name: string): Global {
    const { globals } = this.#module;
    const global = globals.find((each) => each.name === name);
    return global ?? this.#refuse(`the module has no global '${name}'; ${namesOf(globals, name)}`);
  }

  #requireOpen(): void {
    const { terminator, id } = this.#current;
    if (terminator !== undefined)
      this.#refuse(`b${id} has ended, in a ${terminator.kind}; move to another block`);
  }

  #refuse(problem: string): never {
    throw new IrError([`${this.function.name}: ${problem}`]);
  }
}

function namesOf(list: readonly { readonly name: string }[], wanted: number | string): string {
  const names = list.map(({ name }) => name);
  return knownNames(String(wanted), names);
}
