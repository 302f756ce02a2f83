/**
 * A lane program: what a kernel computes for as many rows as a vector has lanes, in straight-line code over values.
 *
 * A value is defined once. What does not depend on the row stands in the prologue, which runs once before the loop; the
 * body is the loop's, without the loop. Equal operations on equal operands are one value, so outputs share what they have in common.
 * Stores come last, after all loads: an output may be one of the columns.
 */
import { elementAt, slots } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import type { ReductionKind } from './kernel-spec.ts';
import {
  type LaneClass,
  type LaneFamily,
  type LaneOperation,
  type LaneOperationName,
  laneOperation,
} from './lane-operations.ts';

export class LaneValue {
  /** Dense in its program. */
  readonly id: number;
  readonly class: LaneClass;
  /** The 64 bits of each lane of a constant. */
  readonly constant: bigint | undefined;
  /** Does not depend on the row: a constant, or defined in the prologue. */
  readonly isInvariant: boolean;

  constructor(id: number, laneClass: LaneClass, isInvariant: boolean, constant?: bigint) {
    this.id = id;
    this.class = laneClass;
    this.isInvariant = isInvariant;
    this.constant = constant;
  }
}

export interface LaneInstruction {
  readonly operation: LaneOperation;
  readonly result: LaneValue | undefined;
  readonly operands: readonly LaneValue[];
  /** An immediate operand, or the number of a column, output, uniform or reduction; -1 if there is none. */
  readonly immediate: number;
}

/** One reduction: the accumulator before the rows, and what it becomes. */
export interface Accumulation {
  readonly kind: ReductionKind;
  readonly before: LaneValue;
  readonly after: LaneValue;
}

export interface LaneProgram {
  readonly family: LaneFamily;
  readonly prologue: readonly LaneInstruction[];
  readonly body: readonly LaneInstruction[];
  readonly accumulations: readonly Accumulation[];
  /** The number of the row of each lane, for the first vector of an iteration; undefined if nobody asks. */
  readonly index: LaneValue | undefined;
  readonly valueCount: number;
}

const words = new BigInt64Array(1);
const doubles = new Float64Array(words.buffer);

/** The bits of a double, signed. */
export function bitsOf(value: number): bigint {
  doubles[0] = value;
  return words[0] as bigint;
}

type LoadName = 'loadDouble' | 'loadWord' | 'loadSmall' | 'loadResult' | 'loadAccumulator' | 'loadUpper';

export class LaneProgramBuilder {
  readonly family: LaneFamily;
  readonly #prologue: LaneInstruction[] = [];
  readonly #body: LaneInstruction[] = [];
  readonly #stores: LaneInstruction[] = [];
  readonly #accumulations: Accumulation[] = [];
  readonly #constants = new Map<bigint, LaneValue>();
  readonly #known = new Map<string, LaneValue>();
  #index: LaneValue | undefined;
  #valueCount = 0;

  constructor(family: LaneFamily) {
    this.family = family;
  }

  get isEvex(): boolean {
    return this.family === 'evex';
  }

  get isSse(): boolean {
    return this.family === 'sse';
  }

  /** 64 bits in every lane, modulo 2^64. */
  bits(pattern: bigint): LaneValue {
    const constant = BigInt.asIntN(64, pattern);
    let value = this.#constants.get(constant);
    if (value === undefined) {
      value = new LaneValue(this.#valueCount++, 'vector', true, constant);
      this.#constants.set(constant, value);
    }
    return value;
  }

  float(value: number): LaneValue {
    return this.bits(bitsOf(value));
  }

  apply(name: LaneOperationName, ...operands: LaneValue[]): LaneValue {
    return this.#append(name, operands, -1);
  }

  applyImmediate(name: LaneOperationName, immediate: number, ...operands: LaneValue[]): LaneValue {
    return this.#append(name, operands, immediate);
  }

  /** What only the run fixes: `uniform` by number, or `length`. */
  parameter(name: 'uniform' | 'length', number: number): LaneValue {
    return this.#append(name, [], number, true);
  }

  load(name: LoadName, number: number): LaneValue {
    return this.#append(name, [], number, false);
  }

  maskConstant(isSet: boolean): LaneValue {
    if (!this.isEvex) return this.bits(isSet ? -1n : 0n);
    return this.#append('maskConstant', [], isSet ? 1 : 0, true);
  }

  index(): LaneValue {
    this.#index ??= new LaneValue(this.#valueCount++, 'vector', false);
    return this.#append('index', [this.#index], -1, false);
  }

  store(name: 'store' | 'storeArgument' | 'storeAccumulator', value: LaneValue, number: number): void {
    this.#stores.push({
      operation: laneOperation(name, this.family),
      result: undefined,
      operands: [value],
      immediate: number,
    });
  }

  /** A new accumulator; `step` makes what it becomes. */
  accumulate(kind: ReductionKind, step: (accumulator: LaneValue) => LaneValue): void {
    const before = new LaneValue(this.#valueCount++, 'vector', false);
    this.#accumulations.push({ kind, before, after: step(before) });
  }

  finish(): LaneProgram {
    return {
      family: this.family,
      prologue: this.#prologue,
      body: [...this.#body, ...this.#stores],
      accumulations: this.#accumulations,
      index: this.#index,
      valueCount: this.#valueCount,
    };
  }

  #append(
    name: LaneOperationName,
    operands: LaneValue[],
    immediate: number,
    isInvariant = operands.every((operand) => operand.isInvariant),
  ): LaneValue {
    const operation = laneOperation(name, this.family);
    invariant(operation.result !== undefined, `${name} has no result`);
    const ids = operands.map(({ id }) => id);
    if (operation.commutative) ids.sort((left, right) => left - right);
    const key = `${name} ${ids.join(' ')} ${immediate}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const result = new LaneValue(this.#valueCount++, operation.result, isInvariant);
    this.#known.set(key, result);
    (isInvariant ? this.#prologue : this.#body).push({ operation, result, operands, immediate });
    return result;
  }
}

/**
 * The same program with accumulators in memory: loaded in front of their first use, stored once they are known.
 * Accumulators in registers are for whole vectors; the remaining rows add to lanes one at a time, in memory.
 */
export function withAccumulatorsInMemory(program: LaneProgram): LaneProgram {
  const { accumulations, body, family } = program;
  if (accumulations.length === 0) return program;
  const load = laneOperation('loadAccumulator', family);
  const store = laneOperation('storeAccumulator', family);
  const isLoaded = new Uint8Array(accumulations.length);
  const result: LaneInstruction[] = [];
  for (const instruction of body) {
    accumulations.forEach(({ before }, number) => {
      if (isLoaded[number] === 1 || !instruction.operands.includes(before)) return;
      isLoaded[number] = 1;
      result.push({ operation: load, result: before, operands: [], immediate: number });
    });
    result.push(instruction);
    accumulations.forEach(({ after }, number) => {
      if (instruction.result !== after) return;
      result.push({ operation: store, result: undefined, operands: [after], immediate: number });
    });
  }
  return { ...program, body: result, accumulations: [] };
}

/** As text, for dumps: `v7 = addpd v3, v5`. */
export function printLaneProgram(program: LaneProgram): string {
  const name = (value: LaneValue): string =>
    value.constant === undefined ? `v${value.id}` : `0x${BigInt.asUintN(64, value.constant).toString(16)}`;
  const line = ({ operation, result, operands, immediate }: LaneInstruction): string => {
    const list = [...operands.map(name), ...(immediate < 0 ? [] : [`${immediate}`])].join(', ');
    return `  ${result === undefined ? '' : `${name(result)} = `}${operation.name} ${list}`.trimEnd();
  };
  const ends = program.accumulations.map(
    ({ kind, before, after }) => `  ${kind}: ${name(before)} becomes ${name(after)}`,
  );
  return ['prologue:', ...program.prologue.map(line), 'body:', ...program.body.map(line), ...ends].join('\n');
}

/** By value: the positions in the code that use it, in order; counts repetitions. */
export function usesOf(code: readonly LaneInstruction[], valueCount: number): number[][] {
  const uses: number[][] = Array.from(slots(valueCount), () => []);
  code.forEach(({ operands }, position) => {
    for (const { id } of operands) elementAt(uses, id).push(position);
  });
  return uses;
}
