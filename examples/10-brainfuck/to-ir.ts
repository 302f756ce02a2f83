import { type Block, IrBuilder, IrModule, op, type Value } from 'exprjit/ir';
import { cellsToKeep, changedCells, isStill } from './cells.ts';
import { addOutput, names } from './output.ts';
import { type Loop, type Spread, type Step, weightOf } from './steps.ts';

/** What `,` stores when the input is at its end. Programs differ in what they expect; most do with 0. */
export type EndOfInput = 0 | 255 | 'unchanged';

/** Most steps of a function. Compile times grow faster than functions, so long programs are cut into several. */
const longest = 500;

/** A module whose `main(): i64` runs the steps from cell 0 of its memory, with `output.ts` and the host `getchar(): i32`. */
export function toIr(steps: readonly Step[], endOfInput: EndOfInput): IrModule {
  const module = new IrModule();
  module.hosts.push({ name: 'getchar', parameters: [], result: 'i32' });
  addOutput(module);
  const main = new IrBuilder(module, 'main', [], 'i64');
  new Lowering(module, main, main.integer(0n), endOfInput).run(steps);
  main.call(names.flush, 'i64');
  main.return(main.integer(0n));
  return module;
}

class Lowering {
  readonly #module: IrModule;
  readonly #builder: IrBuilder;
  readonly #endOfInput: EndOfInput;
  /** Cells that are values here and not on the tape, by their offset. Of all values of cells the low 8 bits count. */
  readonly #kept = new Map<number, Value>();
  /** What is in others, as far as this is known here. */
  readonly #known = new Map<number, Value>();
  #pointer: Value;

  constructor(module: IrModule, builder: IrBuilder, pointer: Value, endOfInput: EndOfInput) {
    this.#module = module;
    this.#builder = builder;
    this.#pointer = pointer;
    this.#endOfInput = endOfInput;
  }

  /** Does the steps; gives the pointer behind them. */
  run(steps: readonly Step[]): Value {
    this.#all(steps);
    return this.#pointer;
  }

  #all(steps: readonly Step[]): void {
    const isLong = weightOf(steps) > longest;
    const part: Step[] = [];
    for (const step of steps) {
      const weight = weightOf([step]);
      if (isLong && weightOf(part) + weight > longest) this.#callPart(part.splice(0));
      if (isLong && weight > longest) this.#step(step);
      else part.push(step);
    }
    if (isLong) this.#callPart(part);
    else this.#some(part);
  }

  /** Steps that are a function of their own: from one pointer to the next. */
  #callPart(steps: readonly Step[]): void {
    if (steps.length === 0) return;
    const name = `part${this.#module.functions.length}`;
    const part = new IrBuilder(this.#module, name, ['i64'], 'i64');
    part.return(new Lowering(this.#module, part, part.parameters[0], this.#endOfInput).run(steps));
    this.#pointer = this.#builder.call(name, 'i64', this.#pointer);
    this.#known.clear();
  }

  #some(steps: readonly Step[]): void {
    const moving = steps.findIndex((step) => !isStill(step));
    const still = moving < 0 ? steps : steps.slice(0, moving);
    this.#keeping(this.#cellsToKeep(still), still, () => {
      for (const step of still) this.#step(step);
    });
    if (moving < 0) return;
    for (const step of steps.slice(moving, moving + 1)) this.#step(step);
    this.#some(steps.slice(moving + 1));
  }

  #cellsToKeep(steps: readonly Step[], repeatedBy?: number): readonly number[] {
    return this.#kept.size > 0 || weightOf(steps) > longest ? [] : cellsToKeep(steps, repeatedBy);
  }

  /** Does the steps with these cells as values. */
  #keeping(cells: readonly number[], steps: readonly Step[], lower: () => void): void {
    for (const at of cells) this.#kept.set(at, this.#load(at));
    lower();
    const kept = cells.map((at) => [at, this.#load(at)] as const);
    for (const at of cells) this.#kept.delete(at);
    const changed = changedCells(steps);
    for (const [at, value] of kept) if (changed.has(at)) this.#store(at, value);
  }

  #step(step: Step): void {
    const b = this.#builder;
    switch (step.kind) {
      case 'add':
        this.#store(step.at, b.emit(op.iadd, this.#load(step.at), b.integer(BigInt(step.value))));
        break;
      case 'set':
        this.#store(step.at, b.integer(BigInt(step.value)));
        break;
      case 'write':
        b.call(names.put, 'i64', this.#byte(step.at));
        break;
      case 'read':
        this.#read(step.at);
        break;
      case 'move':
        this.#pointer = b.emit(op.iadd, this.#pointer, b.integer(BigInt(step.by)));
        this.#know([...this.#known].map(([at, value]) => [at - step.by, value]));
        break;
      case 'spread':
        this.#spread(step);
        break;
      case 'loop':
        if (step.steady) this.#steadyLoop(step);
        else this.#wanderingLoop(step);
    }
  }

  #read(at: number): void {
    const b = this.#builder;
    b.call(names.flush, 'i64');
    const given = b.callHost('getchar');
    const isEnd = b.emit(op.ilt, given, b.integer(0n));
    const end = this.#endOfInput === 'unchanged' ? this.#load(at) : b.integer(BigInt(this.#endOfInput));
    this.#store(at, b.select(isEnd, end, given));
  }

  /** Adds 0 to cells that are values where the cell is 0; those on the tape may not be there then. */
  #spread({ at, targets }: Spread): void {
    const b = this.#builder;
    const cell = this.#byte(at);
    const add = (target: (typeof targets)[number]) => {
      const product = b.emit(op.imul, cell, b.integer(BigInt(target.factor)));
      this.#store(target.at, b.emit(op.iadd, this.#load(target.at), product));
    };
    for (const target of targets) if (this.#kept.has(target.at)) add(target);
    const onTape = targets.filter((target) => !this.#kept.has(target.at));
    if (onTape.length > 0) {
      const body = b.createBlock();
      const next = b.createBlock();
      const before = [...this.#known];
      b.branch(b.emit(op.ine, cell, b.integer(0n)), body, next);
      b.moveTo(body);
      for (const target of onTape) add(target);
      b.jump(next);
      b.moveTo(next);
      this.#know(before);
      for (const target of onTape) this.#known.delete(target.at);
    }
    this.#store(at, b.integer(0n));
  }

  /** The pointer is the same in every round, so offsets stay what they are. */
  #steadyLoop({ at, body }: Loop): void {
    const b = this.#builder;
    const cells = this.#cellsToKeep(body, at);
    if (cells.length === 0) {
      this.#rounds(at, body);
    } else {
      const [inside, next] = [b.createBlock(), b.createBlock()];
      b.branch(b.emit(op.ine, this.#byte(at), b.integer(0n)), inside, next);
      b.moveTo(inside);
      this.#keeping(cells, body, () => this.#rounds(at, body));
      b.jump(next);
      b.moveTo(next);
      this.#known.clear();
    }
    if (!this.#kept.has(at)) this.#known.set(at, b.integer(0n));
  }

  #rounds(at: number, steps: readonly Step[]): void {
    const b = this.#builder;
    const changed = changedCells(steps);
    const passed = [...this.#kept.keys()].filter((cell) => changed.has(cell));
    const body = b.createBlock(passed.map(() => 'i64'));
    const next = b.createBlock(passed.map(() => 'i64'));
    const again = () => {
      const values = passed.map((cell) => this.#load(cell));
      b.branch(b.emit(op.ine, this.#byte(at), b.integer(0n)), body, next, values, values);
    };
    const pointer = this.#pointer;
    const enter = (block: Block) => {
      b.moveTo(block);
      // Parts that were called give it back, as another value.
      this.#pointer = pointer;
      this.#known.clear();
      for (const [index, value] of block.parameters.entries()) this.#kept.set(passed[index] as number, value);
    };
    again();
    enter(body);
    this.#all(steps);
    again();
    enter(next);
    if (this.#kept.has(at)) this.#kept.set(at, b.integer(0n));
  }

  #wanderingLoop({ body: steps }: Loop): void {
    const b = this.#builder;
    const body = b.createBlock(['i64']);
    const next = b.createBlock(['i64']);
    const again = () => {
      const goes = b.emit(op.ine, this.#byte(0), b.integer(0n));
      b.branch(goes, body, next, [this.#pointer], [this.#pointer]);
    };
    const enter = (block: typeof body) => {
      b.moveTo(block);
      this.#pointer = block.parameters[0];
      this.#known.clear();
    };
    again();
    enter(body);
    this.#all(steps);
    again();
    enter(next);
    this.#known.set(0, b.integer(0n));
  }

  #know(cells: readonly (readonly [at: number, value: Value])[]): void {
    this.#known.clear();
    for (const [at, value] of cells) this.#known.set(at, value);
  }

  #load(at: number): Value {
    const kept = this.#kept.get(at);
    if (kept !== undefined) return kept;
    const known = this.#known.get(at) ?? this.#builder.loadMemory('u8', this.#address(at));
    this.#known.set(at, known);
    return known;
  }

  #byte(at: number): Value {
    return this.#builder.emit(op.iand, this.#load(at), this.#builder.integer(255n));
  }

  #store(at: number, value: Value): void {
    if (this.#kept.has(at)) {
      this.#kept.set(at, value);
    } else {
      this.#builder.storeMemory('u8', this.#address(at), value);
      this.#known.set(at, value);
    }
  }

  #address(at: number): Value {
    const b = this.#builder;
    return at === 0 ? this.#pointer : b.emit(op.iadd, this.#pointer, b.integer(BigInt(at)));
  }
}
