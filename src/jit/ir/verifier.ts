/**
 * What must hold of IR between any two passes:
 *
 * - names of functions are unique, ids of values and blocks are unique in their function and below its counters;
 * - a function has an entry, which no edge leads to, and every reachable block ends in a terminator;
 * - operands, immediates, edge arguments and results have the types that the opcode table, the target's
 *   parameters and the callee's signature ask for;
 * - the cases of a switch are distinct 64-bit integers;
 * - every use in a reachable block is dominated by its definition.
 */
import { maybeAt } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import { irTypeOf, javascriptTypeOf } from './boundary-type.ts';
import { DominatorTree } from './dominators.ts';
import {
  type Block,
  type Edge,
  type Global,
  hostParameters,
  hostResult,
  type IrFunction,
  type IrModule,
  successors,
  type Terminator,
  type Value,
} from './function.ts';
import { accessedType, gives, isAccessType, isMemoryType, takes } from './memory-type.ts';
import { type Opcode, op, type Type } from './opcode.ts';
import { printInstruction } from './printer.ts';
import { elementOf, lanesOf, withLanes } from './type.ts';

/** All that is wrong with a module, in order; an empty list if nothing is. */
export function verifyModule(module: IrModule): string[] {
  const problems: string[] = [];
  const names = new Map<string, IrFunction>();
  problems.push(...wrongGlobals(module.globals));
  for (const fn of module.functions) {
    if (names.has(fn.name)) problems.push(`${fn.name}: defined twice`);
    names.set(fn.name, fn);
  }
  for (const fn of module.functions) problems.push(...new FunctionVerifier(fn, module, names).verify());
  return problems;
}

/** Fails an invariant unless the module is correct; `when` says after what. */
export function assertVerified(module: IrModule, when: string): void {
  const problems = verifyModule(module);
  invariant(problems.length === 0, `broken IR ${when}:\n  ${problems.join('\n  ')}`);
}

type Switch = Extract<Terminator, { kind: 'switch' }>;

const noOperands: readonly Type[] = [];

const constantTypes: ReadonlyMap<Opcode, string> = new Map([
  [op.fconst, 'number'],
  [op.bconst, 'boolean'],
  [op.iconst, 'bigint'],
  [op.fbits, 'bigint'],
]);

/** Operations that are of one lane. */
const oneLane: ReadonlySet<Opcode> = new Set([
  ...[op.mload, op.mstore, op.mread, op.mwrite, op.bound, op.msize, op.membase],
  ...[op.getglobal, op.setglobal, op.callhost],
]);

function wrongGlobals(globals: readonly Global[]): string[] {
  const problems: string[] = [];
  const names = new Set<string>();
  for (const { name, type, initial } of globals) {
    if (names.has(name)) problems.push(`the global ${name} is defined twice`);
    names.add(name);
    if (typeof initial !== javascriptTypeOf(type))
      problems.push(`the global ${name} is ${type}, but begins as a ${typeof initial}`);
  }
  return problems;
}

class FunctionVerifier {
  readonly #function: IrFunction;
  readonly #module: IrModule;
  readonly #callees: ReadonlyMap<string, IrFunction>;
  readonly #problems: string[] = [];
  /** By value id: its definition, the block that holds it, and its position there (parameters are at -1). */
  readonly #values = new Map<number, Value>();
  readonly #homes = new Map<number, Block>();
  readonly #positions = new Map<number, number>();
  readonly #members = new Set<Block>();
  readonly #blockIds = new Set<number>();

  constructor(fn: IrFunction, module: IrModule, callees: ReadonlyMap<string, IrFunction>) {
    this.#function = fn;
    this.#module = module;
    this.#callees = callees;
  }

  verify(): string[] {
    const fn = this.#function;
    const entry = fn.blocks.at(0);
    if (entry === undefined) {
      this.#report('has no entry block');
      return this.#problems;
    }
    for (const block of fn.blocks) this.#collect(block);
    for (const block of fn.blocks) this.#structure(block, entry);
    // The graph can be walked only once its edges are known to stay inside the function.
    if (this.#problems.length > 0) return this.#problems;
    const tree = new DominatorTree(fn);
    for (const block of tree.order) this.#dominance(block, tree);
    return this.#problems;
  }

  #collect(block: Block): void {
    const fn = this.#function;
    if (this.#blockIds.has(block.id)) this.#report(`b${block.id} is defined twice`);
    this.#blockIds.add(block.id);
    this.#members.add(block);
    if (!(block.id < fn.blockCount))
      this.#report(`b${block.id} is not below the block counter ${fn.blockCount}`);
    for (const parameter of block.parameters) {
      this.#define(parameter, block, -1);
      if (parameter.op !== undefined) this.#report(`v${parameter.id} is a parameter with an operation`);
    }
    block.instructions.forEach((instruction, position) => {
      this.#define(instruction, block, position);
    });
  }

  #define(value: Value, block: Block, position: number): void {
    const fn = this.#function;
    if (this.#values.has(value.id)) this.#report(`v${value.id} is defined twice`);
    if (!(value.id < fn.valueCount))
      this.#report(`v${value.id} is not below the value counter ${fn.valueCount}`);
    this.#values.set(value.id, value);
    this.#homes.set(value.id, block);
    this.#positions.set(value.id, position);
  }

  #structure(block: Block, entry: Block): void {
    for (const instruction of block.instructions) this.#instruction(instruction);
    const terminator = block.terminator;
    if (terminator === undefined) {
      this.#report(`b${block.id} has no terminator`);
      return;
    }
    if (terminator.kind === 'branch')
      this.#expectType(terminator.condition, 'bool', `the branch of b${block.id}`);
    if (terminator.kind === 'switch') this.#switch(terminator, block);
    if (terminator.kind === 'return') {
      this.#expectType(terminator.value, this.#function.result, `the return of b${block.id}`);
    }
    for (const edge of successors(block)) this.#edge(edge, block, entry);
  }

  #switch({ value, cases }: Switch, block: Block): void {
    const where = `the switch of b${block.id}`;
    this.#expectType(value, 'i64', where);
    const known = new Set<bigint>();
    for (const each of cases) {
      if (typeof each.value !== 'bigint' || each.value !== BigInt.asIntN(64, each.value))
        this.#report(`${where} has a case of ${String(each.value)}, which is no 64-bit integer`);
      if (known.has(each.value)) this.#report(`${where} has two cases of ${each.value}`);
      known.add(each.value);
    }
  }

  #edge({ target, args }: Edge, source: Block, entry: Block): void {
    const where = `the edge b${source.id} → b${target.id}`;
    if (!this.#members.has(target)) {
      this.#report(`${where} leaves the function`);
      return;
    }
    if (target === entry) this.#report(`${where} leads to the entry`);
    if (args.length !== target.parameters.length) {
      this.#report(`${where} passes ${args.length} of ${target.parameters.length} arguments`);
    }
    target.parameters.forEach((parameter, index) => {
      const argument = args.at(index);
      if (argument !== undefined) this.#expectType(argument, parameter.type, where);
    });
  }

  #instruction(value: Value): void {
    const opcode = value.op;
    if (opcode === undefined) {
      this.#report(`${this.#show(value)} stands among the instructions without an operation`);
      return;
    }
    const lanes = lanesOf(value.type);
    if (lanes > 1 && oneLane.has(opcode)) this.#report(`${this.#show(value)} has no lanes`);
    const result = opcode.result === undefined ? value.type : withLanes(opcode.result, lanes);
    if (result !== value.type) this.#report(`${this.#show(value)} gives ${result}, not ${value.type}`);
    const expected = opcode.operands?.map((type) => withLanes(type, lanes)) ?? this.#signature(value);
    if (expected === undefined) return;
    if (expected.length !== value.operands.length) {
      this.#report(`${this.#show(value)} has ${value.operands.length} operands, not ${expected.length}`);
    }
    value.operands.forEach((operand, index) => {
      const type = expected.at(index);
      if (type !== undefined) this.#expectType(operand, type, value);
    });
    const constant = constantTypes.get(opcode);
    if (constant !== undefined && typeof value.immediate !== constant)
      this.#report(`${this.#show(value)} carries no ${constant}`);
  }

  /** Operand types of an instruction whose opcode does not fix them; undefined if they cannot be known. */
  #signature(value: Value): readonly Type[] | undefined {
    switch (value.op) {
      case op.select:
        return [withLanes('bool', lanesOf(value.type)), value.type, value.type];
      case op.give:
      case op.keep:
        return [value.type];
      case op.firstlanes:
        return ['i64'];
      case op.stack:
        if (!(Number(value.immediate) > 0)) this.#report(`${this.#show(value)} has no size`);
        return noOperands;
      case op.load:
      case op.store:
        return this.#memorySignature(value);
      case op.mload:
      case op.mread:
      case op.mstore:
      case op.mwrite:
        return this.#accessSignature(value);
      case op.getglobal:
      case op.setglobal: {
        const global = this.#module.globals.find(({ name }) => name === value.immediate);
        if (global === undefined) this.#report(`${this.#show(value)} names no global of the module`);
        else if (global.type !== value.type)
          this.#report(`${this.#show(value)} has ${value.type} of a global that is ${global.type}`);
        return value.op === op.setglobal ? [value.type] : noOperands;
      }
      case op.splat:
        return [elementOf(value.type)];
      case op.any:
        return [withLanes('bool', lanesOf(value.operands.at(0)?.type ?? 'bool'))];
      case op.callmath:
        return value.operands.map(() => value.type);
      case op.frepair:
        return [withLanes('bool', lanesOf(value.type)), ...value.operands.slice(1).map(() => value.type)];
      case op.ilane:
        return [withLanes('i64', lanesOf(value.operands.at(0)?.type ?? 'i64'))];
      case op.ibit:
        return [withLanes('i64', lanesOf(value.type))];
      case op.pairs:
        return value.operands.map(() => 'i64');
      case op.permute16:
        return ['i64', withLanes('i64', lanesOf(value.type))];
      case op.callhost: {
        const host = maybeAt(this.#module.hosts, Number(value.immediate));
        if (host !== undefined) {
          const result = irTypeOf(hostResult(host));
          if (result !== value.type) this.#report(`${this.#show(value)} gives ${result}, not ${value.type}`);
          return hostParameters(host).map(irTypeOf);
        }
        this.#report(`${this.#show(value)} calls a host that the module does not declare`);
        return undefined;
      }
      case op.call: {
        const callee = this.#callees.get(String(value.immediate));
        if (callee === undefined) {
          this.#report(`${this.#show(value)} calls a function that the module does not define`);
          return undefined;
        }
        if (callee.result !== value.type)
          this.#report(`${this.#show(value)} gives ${callee.result}, not ${value.type}`);
        return callee.blocks.at(0)?.parameters.map((parameter) => parameter.type) ?? noOperands;
      }
      default:
        return noOperands;
    }
  }

  #memorySignature(value: Value): readonly Type[] {
    const isStore = value.op === op.store;
    const stored: readonly Type[] = isStore ? [value.type] : [];
    const isMasked = value.operands.length > (isStore ? 3 : 2);
    const lanes = lanesOf(value.type);
    const type = String(value.immediate);
    const fits = isMemoryType(type) && (isStore ? takes(type, value.type) : gives(type, value.type));
    if (!fits) this.#report(`${this.#show(value)} has ${value.type} of elements of ${type}`);
    return ['i64', 'i64', ...stored, ...(isMasked ? [withLanes('bool', lanes)] : [])];
  }

  #accessSignature(value: Value): readonly Type[] {
    const type = String(value.immediate);
    if (!isAccessType(type))
      this.#report(`${this.#show(value)} accesses memory as ${type}, which is no type`);
    else if (accessedType(type) !== value.type)
      this.#report(`${this.#show(value)} has ${value.type} of memory as ${type}`);
    const isKnown = value.op === op.mread || value.op === op.mwrite;
    const isStore = value.op === op.mstore || value.op === op.mwrite;
    return [...(isKnown ? ['i64' as const] : []), 'i64', ...(isStore ? [value.type] : [])];
  }

  #expectType(value: Value, type: Type, where: string | Value): void {
    if (value.type !== type)
      this.#report(`${this.#show(where)} uses v${value.id} as ${type}, but it is ${value.type}`);
    if (this.#values.get(value.id) !== value)
      this.#report(`${this.#show(where)} uses v${value.id}, which the function does not define`);
  }

  /** A place in the function as problems name it. Only problems need it, so it is not made before there is one. */
  #show(where: string | Value): string {
    return typeof where === 'string' ? where : `'${printInstruction(where, this.#module)}'`;
  }

  #dominance(block: Block, tree: DominatorTree): void {
    block.instructions.forEach((instruction, position) => {
      for (const operand of instruction.operands) this.#reach(operand, block, position, tree);
    });
    const end = block.instructions.length;
    const terminator = block.terminator;
    if (terminator?.kind === 'branch') this.#reach(terminator.condition, block, end, tree);
    if (terminator?.kind === 'switch') this.#reach(terminator.value, block, end, tree);
    if (terminator?.kind === 'return') this.#reach(terminator.value, block, end, tree);
    for (const { args } of successors(block)) for (const arg of args) this.#reach(arg, block, end, tree);
  }

  #reach(value: Value, block: Block, position: number, tree: DominatorTree): void {
    const home = this.#homes.get(value.id);
    const dominated =
      home === block
        ? (this.#positions.get(value.id) ?? 0) < position
        : home !== undefined && tree.reachable(home) && tree.dominates(home, block);
    if (!dominated) this.#report(`b${block.id} uses v${value.id} where its definition does not reach`);
  }

  #report(problem: string): void {
    this.#problems.push(`${this.#function.name}: ${problem}`);
  }
}
