/**
 * What a kernel is given, as IR: columns, uniforms, the number of the row, and where outputs go.
 *
 * What is the same for all rows is read once, at the kernel's entry; there it also becomes lanes.
 */
import { KernelFrameSlot } from '../../native/kernel-frame.ts';
import { elementAt } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import type { IrBuilder } from '../ir/builder.ts';
import type { Block, Immediate, Value } from '../ir/function.ts';
import { type Opcode, op, type Type } from '../ir/opcode.ts';
import { elementOf, type LaneCount, withLanes } from '../ir/type.ts';
import { isColumn, isUniform, type KernelSpec } from './kernel-spec.ts';
import { type ReductionMemory, reductionMemory } from './reduction-memory.ts';

/** Where an iteration is. */
export interface IterationPlace {
  /** The first row, an integer. */
  readonly row: Value;
  /** The number of the row in each lane, as doubles; undefined if nobody asks. */
  readonly index: Value | undefined;
  /** The rows that exist; undefined: all of them. */
  readonly mask: Value | undefined;
  readonly lanes: 1 | LaneCount;
  readonly strands: number;
  /** Strands whose instructions stand in turn. */
  readonly together: number;
}

export class KernelInputs {
  readonly #builder: IrBuilder;
  readonly #spec: KernelSpec;
  readonly #entry: Block;
  /** The address of the kernel frame. */
  readonly frame: Value;
  #memory: Value | undefined;
  /** The iteration that was asked for last, and the first rows of its strands. */
  #place: IterationPlace | undefined;
  readonly #rows = new Map<number, Value>();
  readonly #words = new Map<keyof typeof KernelFrameSlot, Value>();
  /** Addresses of arrays, by slot of the kernel frame and number. */
  readonly #pointers = new Map<string, Value>();
  readonly #shared = new Map<number, Value>();
  readonly #splats = new Map<Value, Value>();

  /** The builder stands in its entry, whose parameter is the address of the kernel frame. */
  constructor(builder: IrBuilder, spec: KernelSpec) {
    this.#builder = builder;
    this.#spec = spec;
    this.#entry = builder.block;
    this.frame = elementAt(builder.block.parameters, 0);
  }

  /** The address of the memory that reductions have, see {@link reductionMemory}. */
  get memory(): Value {
    this.#memory ??= this.#atEntry('i64', op.stack, [], this.layout.words);
    return this.#memory;
  }

  /** What is where in that. */
  get layout(): ReductionMemory {
    return reductionMemory(this.#spec);
  }

  /** A word of the kernel frame. */
  word(slot: keyof typeof KernelFrameSlot): Value {
    let word = this.#words.get(slot);
    if (word === undefined) {
      word = this.#atEntry('i64', op.load, [this.frame, this.#integer(KernelFrameSlot[slot])], 'i64');
      this.#words.set(slot, word);
    }
    return word;
  }

  /** The parameter at this position, a double for each lane of a strand. */
  value(position: number, strand: number, place: IterationPlace): Value {
    const builder = this.#builder;
    const parameter = elementAt(this.#spec.parameters, position);
    const type = withLanes('f64', place.lanes);
    if (parameter.kind === 'column') {
      const column = this.pointer('Columns', this.#numberOf(position));
      return builder.load(type, parameter.type, column, this.rowOf(strand, place), place.mask);
    }
    if (parameter.kind !== 'index') return this.lanesOf(this.shared(position), place.lanes);
    const { index } = place;
    invariant(index !== undefined, 'who asks for the number of the row gets it');
    const distance = strand * place.lanes;
    if (distance === 0) return index;
    return builder.append(type, op.fadd, [index, builder.append(type, op.fconst, [], distance)]);
  }

  /** A parameter that is the same for all rows, and what a carried one is in the first of them. */
  shared(position: number): Value {
    let value = this.#shared.get(position);
    if (value === undefined) {
      value = this.#sharedAtEntry(position);
      this.#shared.set(position, value);
    }
    return value;
  }

  #sharedAtEntry(position: number): Value {
    switch (elementAt(this.#spec.parameters, position).kind) {
      case 'length':
        return this.#atEntry('f64', op.itof, [this.word('Length')]);
      case 'elements':
        return this.#atEntry('f64', op.iasf, [this.pointer('Columns', this.#numberOf(position))]);
      default: {
        const place = [this.word('Uniforms'), this.#integer(this.#numberOf(position))];
        return this.#atEntry('f64', op.load, place, 'f64');
      }
    }
  }

  /** What all rows share, in each lane. */
  lanesOf(value: Value, lanes: 1 | LaneCount): Value {
    if (lanes === 1) return value;
    let splat = this.#splats.get(value);
    if (splat === undefined) {
      splat = this.#atEntry(withLanes(elementOf(value.type), lanes), op.splat, [value]);
      this.#splats.set(value, splat);
    }
    return splat;
  }

  /** The number of the row in each lane, from an integer on. */
  numbersFrom(row: Value, lanes: LaneCount): Value {
    const b = this.#builder;
    const first = b.splat(b.emit(op.itof, row), lanes);
    return b.emit(op.fadd, first, b.append(withLanes('f64', lanes), op.iota, []));
  }

  /** The first row of a strand. */
  rowOf(strand: number, place: IterationPlace): Value {
    if (strand === 0) return place.row;
    if (this.#place !== place) {
      this.#place = place;
      this.#rows.clear();
    }
    let row = this.#rows.get(strand);
    if (row === undefined) {
      row = this.#builder.emit(op.iadd, place.row, this.#builder.integer(BigInt(strand * place.lanes)));
      this.#rows.set(strand, row);
    }
    return row;
  }

  /** The address of a column or of an output. */
  pointer(slot: 'Columns' | 'Outputs', number: number): Value {
    const key = `${slot} ${number}`;
    let pointer = this.#pointers.get(key);
    if (pointer === undefined) {
      pointer = this.#atEntry('i64', op.load, [this.word(slot), this.#integer(number)], 'i64');
      this.#pointers.set(key, pointer);
    }
    return pointer;
  }

  /** Among the parameters of its sort. */
  #numberOf(position: number): number {
    const { kind } = elementAt(this.#spec.parameters, position);
    const isOfSort = isUniform(kind) ? isUniform : isColumn;
    return this.#spec.parameters.slice(0, position).filter((other) => isOfSort(other.kind)).length;
  }

  #integer(value: number): Value {
    return this.#atEntry('i64', op.iconst, [], BigInt(value));
  }

  /** At the end of the entry, wherever the builder is. */
  #atEntry(type: Type, opcode: Opcode, operands: Value[], immediate?: Immediate): Value {
    const value = this.#builder.function.newValue(type, opcode, operands, immediate);
    this.#entry.instructions.push(value);
    return value;
  }
}
