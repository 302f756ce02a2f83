/**
 * Writes a row's body into a loop: for one row, or for a vector of rows in each of several *strands* side by side.
 *
 * What is the same for all rows is computed once, at the kernel's entry. Columns are loaded where they are first needed. The
 * instructions of the strands of a group stand in turn, so that long chains of operations do not wait for each other; groups
 * stand one after the other, and need no more registers than one.
 */
import { elementAt } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import type { IrBuilder } from '../ir/builder.ts';
import type { Value } from '../ir/function.ts';
import { constantOpcodes, type Opcode, op } from '../ir/opcode.ts';
import { elementOf, withLanes } from '../ir/type.ts';
import { fillBins } from './exact-bins.ts';
import { batchRows } from './exact-reduction.ts';
import type { IterationPlace, KernelInputs } from './kernel-inputs.ts';
import type { ReductionKind } from './kernel-spec.ts';
import type { RowBody, RowReduction, RowStore } from './row-body.ts';

/** By reduction and strand: what it has become. */
export type Accumulators = readonly (readonly Value[])[];

/** Where a parameter of the body comes from, in a strand. */
export type ParameterOf = (position: number, strand: number, place: IterationPlace) => Value;

export class RowEmitter {
  readonly #builder: IrBuilder;
  readonly #body: RowBody;
  readonly #inputs: KernelInputs;
  readonly #parameterOf: ParameterOf;
  /** By constant of the body: what it is in the iteration that is being written. */
  #constants = new Map<Value, Value>();
  /** By result: what the first strand gave that was written last. */
  #given: readonly Value[] = [];
  /** By value of the body that all rows share: what it is. */
  readonly #shared = new Map<Value, Value>();

  /** The builder stands in its entry. Parameters are the kernel's, if nothing else is said. */
  constructor(builder: IrBuilder, body: RowBody, inputs: KernelInputs, parameterOf?: ParameterOf) {
    this.#builder = builder;
    this.#body = body;
    this.#inputs = inputs;
    this.#parameterOf = parameterOf ?? ((position, strand, place) => inputs.value(position, strand, place));
    for (const value of body.instructions) {
      if (body.varying.has(value)) continue;
      const operands = value.operands.map((operand) => this.#sharedOf(operand));
      this.#shared.set(value, builder.append(value.type, value.op as Opcode, operands, value.immediate));
    }
  }

  /** Does the body ask for the parameter at this position? */
  uses(position: number): boolean {
    const parameter = elementAt(this.#body.parameters, position);
    const { instructions, results } = this.#body;
    return (
      instructions.some(({ operands }) => operands.includes(parameter)) ||
      results.some(({ value }) => value === parameter)
    );
  }

  /** What an output was in the first row that was written last, as it is stored. */
  givenTo(output: number): Value {
    return elementAt(this.#given, output);
  }

  /** All strands of an iteration, at the end of the present block. */
  emit(place: IterationPlace, accumulators: Accumulators): Accumulators {
    const after = accumulators.map((strands) => [...strands]);
    this.#constants = new Map();
    for (let first = 0; first < place.strands; first += place.together) {
      const group: Strand[] = [];
      for (let number = first; number < Math.min(first + place.together, place.strands); number++) {
        group.push({ number, values: new Map() });
      }
      this.#group(group, place, after);
    }
    return after;
  }

  #group(group: readonly Strand[], place: IterationPlace, accumulators: Value[][]): void {
    const { instructions, varying, results } = this.#body;
    for (const value of instructions) {
      if (!varying.has(value)) continue;
      for (const strand of group) {
        const operands = value.operands.map((operand) => this.#operand(operand, strand, place));
        const type = withLanes(elementOf(value.type), place.lanes);
        strand.values.set(value, this.#builder.append(type, value.op as Opcode, operands, value.immediate));
      }
    }
    // An output may be one of the columns: what results need of these is loaded before anything is stored.
    for (const { value } of results) for (const strand of group) this.#operand(value, strand, place);
    const [first] = group;
    if (first?.number === 0) {
      this.#given = results.map(({ value }) => this.#operand(value, first, place));
    }
    for (const result of results) {
      for (const strand of group) {
        const value = this.#operand(result.value, strand, place);
        if (result.kind === 'reduce') this.#accumulate(result, value, strand, place, accumulators);
        else this.#store(result, value, strand, place);
      }
    }
  }

  #accumulate(
    result: RowReduction,
    value: Value,
    { number }: Strand,
    place: IterationPlace,
    accumulators: Value[][],
  ): void {
    const strands = elementAt(accumulators, result.number);
    const kind = result.reduce;
    if (kind === 'exact') this.#fillBins(value, number, accumulators);
    strands[number] = combine(
      this.#builder,
      kind,
      elementAt(strands, number),
      this.#taken(kind, value, number, place),
    );
  }

  /** The bins of an exact sum, as many as are filled at once: behind its accumulator one for what is left of values, and theirs. */
  #fillBins(value: Value, strand: number, accumulators: Value[][]): void {
    if (accumulators.length === 1) return;
    const b = this.#builder;
    const place = (number: number): Value[] => elementAt(accumulators, number + 2);
    const left = fillBins(
      b,
      accumulators.length - 2,
      value,
      (number) => elementAt(place(number), strand),
      (number, next) => {
        place(number)[strand] = next;
      },
    );
    const bits = elementAt(accumulators, 1);
    bits[strand] = b.emit(op.fbitor, elementAt(bits, strand), left);
  }

  /** What an accumulator takes of a value. Those of exact sums are kept, and their magnitude is asked for. */
  #taken(kind: ReductionKind, value: Value, strand: number, place: IterationPlace): Value {
    if (kind !== 'exact') return value;
    const b = this.#builder;
    const { memory, layout } = this.#inputs;
    const row = b.emit(op.iand, this.#inputs.rowOf(strand, place), b.integer(BigInt(batchRows - 1)));
    b.store('f64', memory, b.emit(op.iadd, row, b.integer(BigInt(layout.values))), value);
    return b.emit(op.fabs, value);
  }

  #store(result: RowStore, value: Value, { number }: Strand, place: IterationPlace): void {
    const output = this.#inputs.pointer('Outputs', result.number);
    this.#builder.store(result.type, output, this.#inputs.rowOf(number, place), value, place.mask);
  }

  /** A value of the body in a strand. */
  #operand(value: Value, strand: Strand, place: IterationPlace): Value {
    const known = strand.values.get(value);
    if (known !== undefined) return known;
    const position = this.#body.parameters.indexOf(value);
    const made =
      position < 0 ? this.#sharedLanes(value, place) : this.#parameterOf(position, strand.number, place);
    strand.values.set(value, made);
    return made;
  }

  #sharedLanes(value: Value, { lanes }: IterationPlace): Value {
    const { op: opcode, type, immediate } = value;
    if (opcode === undefined || !constantOpcodes.has(opcode)) {
      return this.#inputs.lanesOf(this.#sharedOf(value), lanes);
    }
    let constant = this.#constants.get(value);
    if (constant === undefined) {
      constant = this.#builder.append(withLanes(elementOf(type), lanes), opcode, [], immediate);
      this.#constants.set(value, constant);
    }
    return constant;
  }

  #sharedOf(value: Value): Value {
    const known = this.#shared.get(value);
    if (known !== undefined) return known;
    const position = this.#body.parameters.indexOf(value);
    invariant(position >= 0, `v${value.id} is computed at the entry`);
    return this.#inputs.shared(position);
  }
}

interface Strand {
  readonly number: number;
  /** By value of the body. */
  readonly values: Map<Value, Value>;
}

/** One step of a reduction. Truth values are 1 and 0, whose bits `any` and `all` combine; of exact sums these are magnitudes. */
export function combine(builder: IrBuilder, kind: ReductionKind, x: Value, y: Value): Value {
  // NaN as the second operand would be forgotten with the next value; as the first it is at once.
  return kind === 'exact' ? builder.emit(op.fmore, y, x) : builder.emit(combiners[kind], x, y);
}

const combiners: Readonly<Record<ReductionKind, Opcode>> = {
  sum: op.fadd,
  count: op.fadd,
  prod: op.fmul,
  min: op.fmin,
  max: op.fmax,
  any: op.fbitor,
  all: op.fbitand,
  exact: op.fmore,
};
