/**
 * A module of somebody else as a correct one of our own: all of it is copied, checked for its shape on the way, and then
 * verified. So nothing that its maker does to it later, or has done to it against its types, reaches a compiler.
 */
import { maxArguments } from '../../native/frame.ts';
import { describeValue } from '../../support/describe-value.ts';
import { isObject } from '../../support/own.ts';
import { mathFunctions } from '../math/library.ts';
import { isBoundaryType } from './boundary-type.ts';
import { leadsBack } from './control-flow.ts';
import { DominatorTree } from './dominators.ts';
import {
  Block,
  type Edge,
  type HostFunction,
  type Immediate,
  IrFunction,
  IrModule,
  mostId,
  type Terminator,
  type TypedHostFunction,
  Value,
} from './function.ts';
import { IrError } from './ir-error.ts';
import { findLoops } from './loops.ts';
import { type Opcode, op, opcodes } from './opcode.ts';
import { isType, lanesOf, type Type } from './type.ts';
import { verifyModule } from './verifier.ts';

/** What instructions carry besides their operands; others carry nothing. */
const immediateKinds: ReadonlyMap<Opcode, 'number' | 'boolean' | 'bigint' | 'string'> = new Map([
  [op.fconst, 'number'],
  [op.bconst, 'boolean'],
  [op.iconst, 'bigint'],
  [op.callhost, 'number'],
  [op.call, 'string'],
  [op.callmath, 'string'],
  [op.getglobal, 'string'],
  [op.setglobal, 'string'],
  [op.mload, 'string'],
  [op.mstore, 'string'],
]);

/** A list that is no list of what it should be has one for each of its elements. */
const mostProblems = 1000;

/** The most that so many things may be numbered to. */
function sparse(count: number): number {
  return 10_000 + count * 16;
}

/** @throws IrError with everything that is wrong. */
export function sealModule(module: unknown): IrModule {
  const sealer = new Sealer();
  const copy = sealer.module(module);
  if (sealer.problems.length > 0) throw new IrError(sealer.problems);
  // An operand that is wrong twice is one problem.
  const problems = [...new Set([...verifyModule(copy), ...unfitFor(copy)])];
  if (problems.length > 0) throw new IrError(problems);
  const tangled = copy.functions.filter(isTangled);
  if (tangled.length > 0)
    throw new IrError(tangled.map(({ name }) => `${name}: has a loop that is entered at several blocks`));
  return copy;
}

/** Has it loops without one head that all ways into them pass? Code is laid out, and fuel taken, by heads. */
function isTangled(fn: IrFunction): boolean {
  return leadsBack(fn.blocks, fn.blockCount) && !findLoops(new DominatorTree(fn)).isReducible;
}

class Sealer {
  readonly problems: string[] = [];
  /** What problems are of. */
  #where = 'the module';

  module(given: unknown): IrModule {
    const copy = new IrModule();
    if (!(given instanceof IrModule)) {
      this.#report(`is ${describeValue(given)}, and no IrModule of this package`);
      return copy;
    }
    const { hosts, globals, functions } = given;
    for (const host of this.#list(hosts, 'hosts')) this.#host(host, copy);
    for (const global of this.#list(globals, 'globals')) this.#global(global, copy);
    for (const fn of this.#list(functions, 'functions')) this.#function(fn, copy);
    return copy;
  }

  #host(given: unknown, copy: IrModule): void {
    const { name, arity, parameters, result } = record(given);
    const shown = `the host ${describeValue(name)}`;
    if (typeof name !== 'string') {
      this.#report(`has a host that is called ${describeValue(name)}`);
      return;
    }
    this.#requireText(name, 'the name of a host');
    if (parameters === undefined && result === undefined) {
      const isCount = Number.isInteger(arity) && Number(arity) >= 0 && Number(arity) <= maxArguments;
      if (!isCount) this.#report(`${shown} takes ${describeValue(arity)} arguments`);
      copy.hosts.push({ name, arity: Number(arity) } satisfies HostFunction);
      return;
    }
    const types = this.#list(parameters, `parameters of ${shown}`).map((type) => {
      if (isBoundaryType(type) && type !== 'void') return type;
      this.#report(`${shown} takes ${describeValue(type)}, which is no type`);
      return 'f64';
    });
    // An integer of 64 bits goes as two numbers.
    if (types.length * 2 > maxArguments) this.#report(`${shown} takes ${types.length} arguments`);
    if (!isBoundaryType(result)) this.#report(`${shown} gives ${describeValue(result)}, which is no type`);
    const type = isBoundaryType(result) ? result : 'f64';
    copy.hosts.push({ name, parameters: types, result: type } satisfies TypedHostFunction);
  }

  #global(given: unknown, copy: IrModule): void {
    const { name, type, initial } = record(given);
    const shown = `the global ${describeValue(name)}`;
    if (typeof name !== 'string') {
      this.#report(`has a global that is called ${describeValue(name)}`);
      return;
    }
    this.#requireText(name, 'the name of a global');
    if (type !== 'f64' && type !== 'i64' && type !== 'bool') {
      this.#report(`${shown} is ${describeValue(type)}, which is no type of a global`);
      return;
    }
    const value = typeof initial === 'bigint' ? BigInt.asIntN(64, initial) : (initial as number | boolean);
    if (typeof initial === 'bigint' && value !== initial) this.#report(`${shown} begins beyond 64 bits`);
    copy.globals.push({ name, type, initial: value });
  }

  #function(given: unknown, copy: IrModule): void {
    if (!(given instanceof IrFunction)) {
      this.#report(`has ${describeValue(given)} among its functions`);
      return;
    }
    const { name, result, displayName, blocks } = given;
    this.#where = typeof name === 'string' ? name : describeValue(name);
    if (typeof name !== 'string' || typeof displayName !== 'string') {
      this.#report('is not called by a string');
      return;
    }
    this.#requireText(name, 'its name');
    this.#requireText(displayName, 'its displayed name');
    const fn = new IrFunction(name, this.#type(result), displayName);
    const sources = this.#list(blocks, 'blocks').flatMap((block) => {
      if (block instanceof Block) return [block];
      this.#report(`has ${describeValue(block)} among its blocks`);
      return [];
    });
    this.#blocks(sources, fn);
    // Whatever is made for each value is made for each number of one.
    const count = fn.blocks.reduce((sum, each) => sum + each.parameters.length + each.instructions.length, 0);
    if (fn.valueCount > sparse(count) || fn.blockCount > sparse(fn.blocks.length))
      this.#report(`numbers ${count} values and ${fn.blocks.length} blocks, and skips too many numbers`);
    copy.functions.push(fn);
    this.#where = 'the module';
  }

  #blocks(sources: readonly Block[], fn: IrFunction): void {
    const blocks = new Map<unknown, Block>();
    const values = new Map<unknown, Value>();
    /** What can be found only when all values are known. */
    const later: (() => void)[] = [];
    const declare = (given: unknown, isParameter: boolean): Value[] => {
      if (!(given instanceof Value)) {
        this.#report(`has ${describeValue(given)} where a value should be`);
        return [];
      }
      const { id, type, op: opcode, operands, immediate } = given;
      const known = isParameter ? undefined : this.#opcode(opcode, id);
      const value = new Value(
        this.#id(id, 'v'),
        this.#type(type),
        known,
        [],
        this.#immediate(known, immediate, id),
      );
      if (values.has(given)) this.#report(`v${value.id} stands in two places`);
      values.set(given, value);
      fn.valueCount = Math.max(fn.valueCount, value.id + 1);
      later.push(() => {
        value.operands = this.#list(operands, `operands of v${value.id}`).flatMap((each) =>
          find(each, `v${value.id}`),
        );
      });
      return [value];
    };
    const find = (given: unknown, user: string): Value[] => {
      const value = values.get(given);
      if (value !== undefined) return [value];
      const shown = given instanceof Value ? `v${describeId(given.id)}` : describeValue(given);
      this.#report(`${user} uses ${shown}, which the function does not define`);
      return [];
    };
    const edgeOf = (given: unknown, source: Block): Edge[] => {
      const { target, args } = record(given);
      const block = blocks.get(target);
      const operands = this.#list(args, `arguments of a jump from b${source.id}`).flatMap((each) =>
        find(each, `b${source.id}`),
      );
      if (block === undefined) this.#report(`jumps from b${source.id} to what is no block of it`);
      return block === undefined ? [] : [{ target: block, args: operands }];
    };
    for (const source of sources) {
      const { id, parameters, instructions, terminator } = source;
      const block = new Block(this.#id(id, 'b'));
      if (blocks.has(source)) this.#report(`b${block.id} stands in two places`);
      blocks.set(source, block);
      fn.blocks.push(block);
      fn.blockCount = Math.max(fn.blockCount, block.id + 1);
      const shown = `of b${block.id}`;
      for (const each of this.#list(parameters, `parameters ${shown}`))
        block.parameters.push(...declare(each, true));
      for (const each of this.#list(instructions, `instructions ${shown}`))
        block.instructions.push(...declare(each, false));
      later.push(() => {
        block.terminator = this.#terminator(terminator, block, find, edgeOf);
      });
    }
    for (const resolve of later) resolve();
  }

  #terminator(
    given: unknown,
    block: Block,
    find: (given: unknown, user: string) => Value[],
    edgeOf: (given: unknown, source: Block) => Edge[],
  ): Terminator | undefined {
    const { kind, ...rest } = record(given);
    const user = `b${block.id}`;
    switch (kind) {
      case 'jump': {
        const [edge] = edgeOf(rest['edge'], block);
        return edge && { kind, edge };
      }
      case 'branch': {
        const [condition] = find(rest['condition'], user);
        const [whenTrue] = edgeOf(rest['whenTrue'], block);
        const [whenFalse] = edgeOf(rest['whenFalse'], block);
        return condition && whenTrue && whenFalse && { kind, condition, whenTrue, whenFalse };
      }
      case 'switch': {
        const [value] = find(rest['value'], user);
        const [otherwise] = edgeOf(rest['otherwise'], block);
        const cases = this.#list(rest['cases'], `cases of b${block.id}`).flatMap((each) => {
          const { value: label, edge } = record(each);
          const [target] = edgeOf(edge, block);
          if (typeof label !== 'bigint')
            this.#report(`b${block.id} has a case for ${describeValue(label)}, which is no integer`);
          return target && typeof label === 'bigint' ? [{ value: label, edge: target }] : [];
        });
        return value && otherwise && { kind, value, cases, otherwise };
      }
      case 'return': {
        const [value] = find(rest['value'], user);
        return value && { kind, value };
      }
      default:
        this.#report(`b${block.id} has no terminator`);
        return undefined;
    }
  }

  #opcode(given: unknown, id: unknown): Opcode | undefined {
    const index: unknown = isObject(given) ? Reflect.get(given, 'index') : undefined;
    const known = typeof index === 'number' ? opcodes.at(index) : undefined;
    if (known !== undefined && known === given) return known;
    this.#report(`v${describeId(id)} has no operation of this package`);
    return undefined;
  }

  #immediate(opcode: Opcode | undefined, given: unknown, id: unknown): Immediate | undefined {
    const kind = opcode === undefined ? 'undefined' : (immediateKinds.get(opcode) ?? 'undefined');
    const fits =
      typeof given === kind &&
      (opcode !== op.callhost || Number.isInteger(given)) &&
      (typeof given !== 'bigint' || BigInt.asIntN(64, given) === given);
    // Verified by itself: the kinds of primitive operations, which are refused, are nobody's business here.
    if (fits) return given as Immediate | undefined;
    if (opcode?.primitive !== true)
      this.#report(`v${describeId(id)} is ${opcode?.name ?? 'a parameter'} of ${describeValue(given)}`);
    return undefined;
  }

  #type(given: unknown): Type {
    if (typeof given === 'string' && isType(given)) return given;
    this.#report(`has the type ${describeValue(given)}, which is none`);
    return 'f64';
  }

  #id(given: unknown, letter: 'v' | 'b'): number {
    if (typeof given === 'number' && Number.isInteger(given) && given >= 0 && given <= mostId) return given;
    this.#report(`numbers a ${letter === 'v' ? 'value' : 'block'} ${describeValue(given)}`);
    return 0;
  }

  /** A copy, so that it is read once, by index and not further than it says it is long. */
  #list(given: unknown, what: string): unknown[] {
    if (!Array.isArray(given)) {
      this.#report(`has ${describeValue(given)} for the list of ${what}`);
      return [];
    }
    const { length } = given;
    if (length > mostId) {
      this.#report(`has a list of ${length} ${what}`);
      return [];
    }
    const copy: unknown[] = [];
    for (let index = 0; index < length; index++) copy.push(given[index]);
    return copy;
  }

  /** A name goes through UTF-8 on its way to some back ends. */
  #requireText(name: string, what: string): void {
    if (/\p{Surrogate}/u.test(name)) this.#report(`${what} ${describeValue(name)} is no well-formed text`);
  }

  /** @throws IrError where there are too many to go on. */
  #report(problem: string): void {
    this.problems.push(`${this.#where}: ${problem}`);
    if (this.problems.length === mostProblems) throw new IrError(this.problems);
  }
}

/** Runs nobody's code. */
function describeId(id: unknown): string {
  return typeof id === 'number' ? String(id) : describeValue(id);
}

function record(given: unknown): Readonly<Record<string, unknown>> {
  return isObject(given) ? { __proto__: null, ...given } : { __proto__: null };
}

/** What is correct, and yet not for modules from outside. */
function unfitFor(module: IrModule): string[] {
  const problems: string[] = [];
  for (const { name, blocks } of module.functions) {
    const parameters = blocks.at(0)?.parameters ?? [];
    if (parameters.length > maxArguments)
      problems.push(`${name}: takes ${parameters.length} arguments; at most ${maxArguments} can be`);
    for (const block of blocks) {
      for (const value of [...block.parameters, ...block.instructions]) {
        const problem = unfit(value);
        if (problem !== undefined) problems.push(`${name}: v${value.id} ${problem}`);
      }
    }
  }
  return problems;
}

function unfit({ op: opcode, type, operands, immediate }: Value): string | undefined {
  if (lanesOf(type) > 1) return `has lanes (${type}), which are for the compiler's own code`;
  if (opcode === undefined) return undefined;
  if (opcode.primitive) return `is ${opcode.name}, which is for the compiler's own code`;
  if (opcode !== op.callmath) return undefined;
  const fn = mathFunctions.get(String(immediate));
  if (fn === undefined) return `calls ${describeValue(immediate)}, which the math library has not`;
  const fits =
    fn.name === 'hypot'
      ? operands.length >= 2 && operands.length <= maxArguments
      : operands.length === fn.arity;
  return fits ? undefined : `passes ${operands.length} arguments to ${fn.name}`;
}
