import { IrBuilder } from '../../src/jit/ir/builder.ts';
import { IrModule, type Value } from '../../src/jit/ir/function.ts';
import { type Opcode, op, opcodes, type Type } from '../../src/jit/ir/opcode.ts';
import { elementAt } from '../../src/support/element.ts';
import type { Random } from './random.ts';

/** How large a random module is. */
export interface RandomIrSize {
  readonly functions: number;
  /** Roughly how many instructions each function has. */
  readonly instructions: number;
  /** Are there switches, which code generators leave to the optimiser? */
  readonly switches?: boolean;
  /** Do functions access memory, within and without bounds, and variables? */
  readonly memory?: boolean;
}

/** The memory that most accesses are within. */
export const randomMemoryBytes = 64;

const accessTypes = ['i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'i64', 'f32', 'f64'] as const;

const pureOpcodes = opcodes.filter(
  (opcode) =>
    opcode.pure && !opcode.primitive && opcode.operands !== undefined && opcode.evaluate !== undefined,
);
const mathNames = ['sin', 'exp', 'pow', 'atan2'] as const;
const integers = [
  0n,
  1n,
  -1n,
  7n,
  31n,
  32n,
  -128n,
  1n << 31n,
  -(1n << 31n),
  1n << 40n,
  -(1n << 63n),
] as const;
const mostParameters = 3;

/**
 * A correct module that always ends: functions call only those before them, and loops count down from a small number.
 * Values of all types, diamonds, nested loops, calls, host calls, tail calls with a counter, and plenty of constants
 * that rules match.
 */
export function randomModule(random: Random, size: RandomIrSize): IrModule {
  const module = new IrModule();
  module.hosts.push({ name: 'host', arity: 2 });
  if (size.memory === true) {
    module.globals.push(
      { name: 'number', type: 'f64', initial: 0.5 },
      { name: 'count', type: 'i64', initial: -3n },
      { name: 'flag', type: 'bool', initial: true },
    );
  }
  for (let i = 0; i < size.functions; i++)
    new FunctionGenerator(random, module, `f${i}`, size).generate(size.instructions);
  return module;
}

class FunctionGenerator {
  readonly #random: Random;
  readonly #builder: IrBuilder;
  readonly #module: IrModule;
  readonly #name: string;
  readonly #hasSwitches: boolean;
  readonly #hasMemory: boolean;
  /** What reaches the current block, by type. */
  #scope: Value[];

  constructor(random: Random, module: IrModule, name: string, { switches, memory }: RandomIrSize) {
    this.#hasSwitches = switches ?? false;
    this.#hasMemory = memory ?? false;
    this.#random = random;
    this.#module = module;
    this.#name = name;
    const parameters = Array.from({ length: random.integer(1, mostParameters) }, (): Type => 'f64');
    this.#builder = new IrBuilder(module, name, parameters, 'f64');
    this.#scope = [...this.#builder.block.parameters];
  }

  generate(instructions: number): void {
    if (this.#random.chance(0.25)) this.#tailLoop(instructions);
    else this.#builder.return(this.#body(instructions, 0));
  }

  /** `f(n, …) = n > 0 ? f(n - 1, …) : body`, guarded so that it ends for any argument. */
  #tailLoop(instructions: number): void {
    const builder = this.#builder;
    const [counter, ...others] = builder.block.parameters;
    if (counter === undefined) return;
    const bounded = builder.emit(op.fmin, counter, builder.number(this.#random.integer(0, 6)));
    const more = builder.emit(op.fgt, bounded, builder.number(0));
    const [again, stop] = [builder.createBlock(), builder.createBlock()];
    builder.branch(more, again, stop);
    const before = [...this.#scope];
    builder.moveTo(again);
    const next = builder.emit(op.fsub, bounded, builder.number(1));
    const args = others.map(() => this.#body(4, 2));
    builder.return(builder.call(this.#name, 'f64', next, ...args));
    this.#scope = before;
    builder.moveTo(stop);
    builder.return(this.#body(instructions, 0));
  }

  /** Some instructions from the current block on; returns one number among them. */
  #body(instructions: number, depth: number): Value {
    for (let left = instructions; left > 0; ) left -= this.#step(left, depth);
    return this.#pick('f64');
  }

  #step(left: number, depth: number): number {
    const shape = this.#random.weighted({
      plain: 12,
      constant: 4,
      select: 2,
      math: 1,
      call: 1,
      host: 0.3,
      diamond: 1,
      loop: 0.6,
      switch: this.#hasSwitches ? 1 : 0,
      load: this.#hasMemory ? 2 : 0,
      store: this.#hasMemory ? 2 : 0,
      global: this.#hasMemory ? 1 : 0,
    });
    switch (shape) {
      case 'diamond':
        return depth < 4 && left > 4 ? this.#diamond(Math.min(left >> 1, 12), depth) : this.#plain();
      case 'loop':
        return depth < 2 && left > 8 ? this.#loop(Math.min(left >> 1, 12), depth) : this.#plain();
      case 'switch':
        return depth < 4 && left > 4 ? this.#switch(Math.min(left >> 1, 12), depth) : this.#plain();
      case 'load': {
        const builder = this.#builder;
        if (this.#random.chance(0.1)) return this.#add(builder.memorySize());
        return this.#add(builder.loadMemory(this.#random.pick(accessTypes), this.#offset()));
      }
      case 'store': {
        const type = this.#random.pick(accessTypes);
        const isNumber = type === 'f64' || type === 'f32';
        // What bits a NaN has is unspecified.
        const value = isNumber ? this.#withoutNaN(this.#pick('f64')) : this.#pick('i64');
        return this.#add(this.#builder.storeMemory(type, this.#offset(), value));
      }
      case 'global': {
        const { name, type } = this.#random.pick(this.#module.globals);
        const builder = this.#builder;
        if (this.#random.chance(0.5)) return this.#add(builder.getGlobal(name));
        return this.#add(builder.setGlobal(name, this.#pick(type)));
      }
      case 'call':
        return this.#call();
      case 'host':
        return this.#add(this.#builder.callHost(0, this.#pick('f64'), this.#pick('f64')));
      case 'math':
        return this.#math();
      case 'constant':
        return this.#add(this.#constant(this.#random.pick<Type>(['f64', 'f64', 'f64', 'bool', 'i64'])));
      case 'select': {
        const type = this.#random.pick<Type>(['f64', 'f64', 'bool', 'i64']);
        return this.#add(this.#builder.select(this.#pick('bool'), this.#pick(type), this.#pick(type)));
      }
      default:
        return this.#plain();
    }
  }

  #plain(): number {
    const opcode: Opcode = this.#random.pick(pureOpcodes);
    if (opcode.operands === undefined || opcode.operands.length === 0) return 0.5;
    const operands = opcode.operands.map((type) => this.#pick(type));
    // What bits a NaN has is unspecified.
    const position = opcode === op.fcopysign ? 1 : opcode === op.fasi ? 0 : -1;
    const observed = operands[position];
    if (observed !== undefined) operands[position] = this.#withoutNaN(observed);
    return this.#add(this.#builder.emit(opcode, ...operands));
  }

  #withoutNaN(value: Value): Value {
    const ordered = this.#builder.emit(op.feq, value, value);
    return this.#builder.select(ordered, value, this.#builder.number(0));
  }

  /** Mostly inside of memory, at few places, so that checks are shared and loads see stores. */
  #offset(): Value {
    const builder = this.#builder;
    const value = this.#pick('i64');
    if (this.#random.chance(0.03)) return value;
    if (this.#random.chance(0.5))
      return builder.integer(BigInt(this.#random.integer(0, randomMemoryBytes - 8)));
    return builder.emit(op.iand, value, builder.integer(this.#random.pick([7n, 31n, 56n, 63n])));
  }

  #math(): number {
    const name = this.#random.pick(mathNames);
    const operands = name === 'pow' || name === 'atan2' ? 2 : 1;
    return this.#add(
      this.#builder.callMath(name, ...Array.from({ length: operands }, () => this.#pick('f64'))),
    );
  }

  #call(): number {
    const callees = this.#module.functions.filter((fn) => fn.name !== this.#name);
    if (callees.length === 0) return this.#plain();
    const callee = this.#random.pick(callees);
    const args = elementAt(callee.blocks, 0).parameters.map(() => this.#pick('f64'));
    return this.#add(this.#builder.call(callee.name, 'f64', ...args));
  }

  #diamond(instructions: number, depth: number): number {
    const builder = this.#builder;
    const type = this.#random.pick<Type>(['f64', 'f64', 'bool']);
    const condition = this.#pick('bool');
    const [first, second, join] = [builder.createBlock(), builder.createBlock(), builder.createBlock([type])];
    builder.branch(condition, first, second);
    const outside = [...this.#scope];
    for (const side of [first, second]) {
      builder.moveTo(side);
      this.#scope = [...outside];
      this.#body(this.#random.integer(0, instructions), depth + 1);
      builder.jump(join, this.#pick(type));
    }
    builder.moveTo(join);
    this.#scope = [...outside, ...join.parameters];
    return instructions;
  }

  /** Some ways to a join, each of several cases, and some cases that go there straight. */
  #switch(instructions: number, depth: number): number {
    const builder = this.#builder;
    const random = this.#random;
    const wanted = this.#pick('i64');
    const value = random.chance(0.7) ? builder.emit(op.iand, wanted, builder.integer(7n)) : wanted;
    const join = builder.createBlock(['f64']);
    const sides = Array.from({ length: random.integer(1, 4) }, () => builder.createBlock());
    const values = new Set<bigint>();
    for (let i = random.integer(0, 12); i > 0; i--) {
      values.add(random.chance(0.8) ? BigInt(random.integer(0, 9)) : random.pick(integers));
    }
    const cases = [...values].map((each) =>
      random.chance(0.2)
        ? ([each, join, [this.#pick('f64')]] as const)
        : ([each, random.pick(sides)] as const),
    );
    const last = random.pick(sides);
    builder.switch(value, cases, last);
    const outside = [...this.#scope];
    for (const side of sides) {
      builder.moveTo(side);
      this.#scope = [...outside];
      this.#body(random.integer(0, instructions >> 1), depth + 1);
      builder.jump(join, this.#pick('f64'));
    }
    builder.moveTo(join);
    this.#scope = [...outside, ...join.parameters];
    return instructions;
  }

  /** A loop of up to four rounds around a body; it carries a counter and one number. */
  #loop(instructions: number, depth: number): number {
    const builder = this.#builder;
    const head = builder.createBlock(['f64', 'f64']);
    const [body, after] = [builder.createBlock(), builder.createBlock()];
    const [counter, carried] = head.parameters;
    if (counter === undefined || carried === undefined) return 0;
    builder.jump(head, builder.number(this.#random.integer(0, 4)), this.#pick('f64'));
    builder.moveTo(head);
    this.#scope.push(counter, carried);
    const outside = [...this.#scope];
    builder.branch(builder.emit(op.fgt, counter, builder.number(0)), body, after);
    builder.moveTo(body);
    const result = this.#body(instructions, depth + 1);
    builder.jump(head, builder.emit(op.fsub, counter, builder.number(1)), result);
    builder.moveTo(after);
    this.#scope = outside;
    return instructions * 2;
  }

  #pick(type: Type): Value {
    const fitting = this.#scope.filter((value) => value.type === type);
    if (fitting.length > 0 && this.#random.chance(0.85)) {
      // Recent values more often, so that expressions grow deep.
      return elementAt(
        fitting,
        fitting.length - 1 - Math.floor(this.#random.fraction() ** 2 * fitting.length),
      );
    }
    const constant = this.#constant(type);
    this.#scope.push(constant);
    return constant;
  }

  #constant(type: Type): Value {
    if (type === 'bool') return this.#builder.boolean(this.#random.chance(0.5));
    if (type === 'i64') return this.#builder.integer(this.#random.pick(integers));
    const simple = [0, -0, 1, -1, 2, 0.5, 4, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN];
    return this.#builder.number(this.#random.chance(0.6) ? this.#random.pick(simple) : this.#random.double());
  }

  #add(value: Value): number {
    this.#scope.push(value);
    return 1;
  }
}
