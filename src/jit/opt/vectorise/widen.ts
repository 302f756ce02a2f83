/**
 * From one row to many: what differs from row to row becomes lanes, in several *strands* side by side, so that long chains
 * of operations do not wait for each other; what is the same for all rows stays one value.
 *
 *     v1 = fmul v0, v0        becomes        v1: f64x4 = fmul …    v2: f64x4 = fmul …
 *
 * The function must be predicated: its branches then ask what all rows share.
 */
import { elementAt, slots } from '../../../support/element.ts';
import { invariant } from '../../../support/invariant.ts';
import {
  type Block,
  type Edge,
  type Immediate,
  IrFunction,
  successors,
  type Value,
} from '../../ir/function.ts';
import { constantOpcodes, type Opcode, op, type Type } from '../../ir/opcode.ts';
import { elementOf, type LaneCount, withLanes } from '../../ir/type.ts';
import { integersFit } from './integer-widths.ts';

export interface Width {
  readonly lanes: LaneCount;
  /** Vectors of rows side by side. */
  readonly strands: number;
}

export interface Widened {
  /** Takes each varying parameter as so many vectors as there are strands, one after the other, and gives as many results. */
  readonly function: IrFunction;
  /** By block of the result that stands for it: the block of the source. */
  readonly sources: ReadonlyMap<Block, Block>;
}

/** `hasFma` says whether lanes have fused multiply-add. Undefined if some operation has no lanes. */
export function widen(
  fn: IrFunction,
  varies: readonly boolean[],
  width: Width,
  hasFma: boolean,
): Widened | undefined {
  const varying = varyingValues(fn, varies);
  for (const { instructions, terminator } of fn.blocks) {
    if (terminator?.kind === 'branch' && varying.has(terminator.condition)) return undefined;
    for (const value of instructions) {
      if (isCall(value, hasFma)) return undefined;
    }
  }
  const instructions = fn.blocks.flatMap((block) => block.instructions);
  if (!integersFit(instructions, (value) => varying.has(value))) return undefined;
  if (fn.result === 'i64') return undefined;
  return new Widener(fn, varying, width).run();
}

/** What is or becomes a call, which lanes would not survive. */
export function isCall({ op: opcode }: Value, hasFma: boolean): boolean {
  if (opcode?.pure !== true || opcode === op.frem) return true;
  return opcode === op.ffma && !hasFma;
}

/** What depends on a parameter that varies, straight or by way of a block's parameter, or on what is `taken` for such. */
export function varyingValues(
  fn: IrFunction,
  varies: readonly boolean[],
  taken: (value: Value) => boolean = () => false,
): ReadonlySet<Value> {
  const varying = new Set<Value>();
  elementAt(fn.blocks, 0).parameters.forEach((parameter, index) => {
    if (elementAt(varies, index)) varying.add(parameter);
  });
  for (let before = -1; before !== varying.size; ) {
    before = varying.size;
    for (const block of fn.blocks) {
      for (const value of block.instructions) {
        if (value.op === op.any) continue;
        if (taken(value) || value.operands.some((operand) => varying.has(operand))) varying.add(value);
      }
      for (const { target, args } of successors(block)) {
        target.parameters.forEach((parameter, index) => {
          if (varying.has(elementAt(args, index))) varying.add(parameter);
        });
      }
    }
  }
  return varying;
}

class Widener {
  readonly #source: IrFunction;
  readonly #varying: ReadonlySet<Value>;
  readonly #width: Width;
  readonly #result: IrFunction;
  readonly #blocks = new Map<Block, Block>();
  /** By value of the source: itself, or one value for each strand. */
  readonly #values = new Map<Value, readonly Value[]>();
  /** Lanes of what all rows share, made in the present block. */
  #splats = new Map<Value, Value>();
  #current: Block;

  constructor(fn: IrFunction, varying: ReadonlySet<Value>, width: Width) {
    this.#source = fn;
    this.#varying = varying;
    this.#width = width;
    this.#result = new IrFunction(`${fn.name}$lanes`, 'f64');
    this.#current = this.#result.newBlock();
  }

  run(): Widened {
    this.#source.blocks.forEach((block, position) => {
      const copy = position === 0 ? this.#current : this.#result.newBlock();
      this.#blocks.set(block, copy);
      this.#result.blocks.push(copy);
      for (const parameter of block.parameters) copy.parameters.push(...this.#declare(parameter));
    });
    for (const block of this.#source.blocks) this.#block(block);
    return {
      function: this.#result,
      sources: new Map([...this.#blocks].map(([source, copy]) => [copy, source])),
    };
  }

  #block(block: Block): void {
    this.#current = this.#blockOf(block);
    this.#splats = new Map();
    for (const value of block.instructions) this.#instruction(value);
    const { terminator } = block;
    invariant(terminator !== undefined, `b${block.id} has no terminator`);
    switch (terminator.kind) {
      case 'jump':
        this.#current.terminator = { kind: 'jump', edge: this.#edge(terminator.edge) };
        return;
      case 'branch':
        this.#current.terminator = {
          kind: 'branch',
          condition: this.#shared(terminator.condition),
          whenTrue: this.#edge(terminator.whenTrue),
          whenFalse: this.#edge(terminator.whenFalse),
        };
        return;
      case 'return':
        this.#give(terminator.value);
    }
  }

  #give(value: Value): void {
    const { lanes, strands } = this.#width;
    const type = withLanes('f64', lanes);
    for (let strand = 0; strand < strands; strand++) {
      const result = this.#strand(value, strand);
      const number = value.type === 'bool' ? this.#emit(op.btof, type, [result]) : result;
      this.#emit(op.give, type, [number], strand);
    }
    this.#current.terminator = { kind: 'return', value: this.#emit(op.fconst, 'f64', [], 0) };
  }

  #edge({ target, args }: Edge): Edge {
    const passed = target.parameters.flatMap((parameter, index) => {
      const argument = elementAt(args, index);
      return this.#varying.has(parameter) ? this.#strands(argument) : [this.#shared(argument)];
    });
    return { target: this.#blockOf(target), args: passed };
  }

  #instruction(value: Value): void {
    const { op: opcode, type, operands, immediate } = value;
    invariant(opcode !== undefined, 'instructions have operations');
    if (opcode === op.any) {
      this.#values.set(value, [this.#any(elementAt(operands, 0))]);
      return;
    }
    if (!this.#varying.has(value)) {
      const shared = operands.map((operand) => this.#shared(operand));
      this.#values.set(value, [this.#emit(opcode, type, shared, immediate)]);
      return;
    }
    const strands: Value[] = [];
    for (let strand = 0; strand < this.#width.strands; strand++) {
      const own = operands.map((operand) => this.#strand(operand, strand));
      strands.push(this.#emit(opcode, this.#laned(type), own, immediate));
    }
    this.#values.set(value, strands);
  }

  /** In any lane of any strand. */
  #any(value: Value): Value {
    if (!this.#varying.has(value)) return this.#shared(value);
    const mask = this.#strands(value).reduce((x, y) => this.#emit(op.bor, x.type, [x, y]));
    return this.#emit(op.any, 'bool', [mask]);
  }

  /** All strands of a value. */
  #strands(value: Value): Value[] {
    return Array.from(slots(this.#width.strands), (_, strand) => this.#strand(value, strand));
  }

  #strand(value: Value, strand: number): Value {
    const own = this.#values.get(value);
    invariant(own !== undefined, `v${value.id} is computed before it is used`);
    return this.#varying.has(value) ? elementAt(own, strand) : this.#splat(value, elementAt(own, 0));
  }

  #splat(value: Value, shared: Value): Value {
    const known = this.#splats.get(value);
    if (known !== undefined) return known;
    const type = this.#laned(value.type);
    const isConstant = constantOpcodes.has(value.op);
    const splat = isConstant
      ? this.#emit(value.op as Opcode, type, [], value.immediate)
      : this.#emit(op.splat, type, [shared]);
    this.#splats.set(value, splat);
    return splat;
  }

  #shared(value: Value): Value {
    const own = this.#values.get(value);
    invariant(own !== undefined && !this.#varying.has(value), `v${value.id} is the same for all rows`);
    return elementAt(own, 0);
  }

  #declare(parameter: Value): Value[] {
    const count = this.#varying.has(parameter) ? this.#width.strands : 1;
    const type = this.#varying.has(parameter) ? this.#laned(parameter.type) : parameter.type;
    const values = Array.from(slots(count), () => this.#result.newValue(type));
    this.#values.set(parameter, values);
    return values;
  }

  #laned(type: Type): Type {
    return withLanes(elementOf(type), this.#width.lanes);
  }

  #blockOf(block: Block): Block {
    const copy = this.#blocks.get(block);
    invariant(copy !== undefined, `b${block.id} is a block of ${this.#source.name}`);
    return copy;
  }

  #emit(opcode: Opcode, type: Type, operands: Value[], immediate?: Immediate): Value {
    const value = this.#result.newValue(type, opcode, operands, immediate);
    this.#current.instructions.push(value);
    return value;
  }
}
