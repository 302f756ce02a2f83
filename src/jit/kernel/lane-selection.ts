/**
 * From IR to a lane program: every operation of a function without loops and calls becomes operations on vectors.
 *
 * Values are made when something that is stored or accumulated needs them, so what only other outputs would need does not
 * exist. A function with an operation that no vector instruction does gives no program, and runs row by row.
 */
import { elementAt, slots } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import { hasOwn } from '../../support/own.ts';
import type { IrFunction, IrModule, Value } from '../ir/function.ts';
import { type Opcode, op, type Type } from '../ir/opcode.ts';
import { type FeatureLevel, traitsOf } from '../machine/feature-level.ts';
import { type FlatFunction, flatten } from './flatten.ts';
import type { KernelOutput, KernelParameter, KernelSpec, ReductionKind } from './kernel-spec.ts';
import { loadColumn, storeColumn, storeMask } from './lane-columns.ts';
import { type IntegerComparison, integerWidth, LaneIntegers, widest } from './lane-integers.ts';
import { Predicate, Rounding } from './lane-math.ts';
import type { LaneFamily } from './lane-operations.ts';
import type { LaneProgram, LaneValue } from './lane-program.ts';

function laneFamilyOf(level: FeatureLevel): LaneFamily {
  return level === 'avx512' ? 'evex' : level === 'avx2' ? 'vex' : 'sse';
}

/**
 * Longer programs run row by row: their constants and spilled values no longer fit the caches next to the rows, and to
 * plan them takes many times as long as to compile the scalar code.
 */
const mostInstructions = 8192;

/** The program that computes `spec` on vectors; undefined if there is none. */
export function selectLanes(
  module: IrModule,
  spec: KernelSpec,
  level: FeatureLevel,
): LaneProgram | undefined {
  const family = laneFamilyOf(level);
  const lanes = new LaneIntegers(family, traitsOf(level).hasRound);
  const inputs = new KernelInputs(lanes, spec.parameters);
  const numbers = outputNumbers(spec.outputs);
  const flattened = new Map<string, FunctionSelector>();
  for (const [position, output] of spec.outputs.entries()) {
    let selector = flattened.get(output.function);
    if (selector === undefined) {
      const fn = functionNamed(module, output.function);
      const flat = flatten(fn);
      if (flat === undefined || !flat.instructions.every((value) => isVectorizable(value, family))) {
        return undefined;
      }
      selector = new FunctionSelector(lanes, flat, inputs);
      flattened.set(output.function, selector);
    }
    if (!selector.run()) return undefined;
    storeResult(lanes, output, elementAt(numbers, position), selector.result, selector.type);
  }
  return lanes.finish();
}

export function functionNamed(module: IrModule, name: string): IrFunction {
  const fn = module.functions.find((candidate) => candidate.name === name);
  invariant(fn !== undefined, `the module has no function ${name}`);
  return fn;
}

/** Each output's number among those of its sort, arrays or reductions. */
export function outputNumbers(outputs: readonly KernelOutput[]): number[] {
  let arrays = 0;
  let reductions = 0;
  return outputs.map((output) => (hasOwn(output, 'reduce') ? reductions++ : arrays++));
}

/** The parameters of the functions as lanes of doubles, each made when it is first asked for. */
class KernelInputs {
  readonly #lanes: LaneIntegers;
  readonly #parameters: readonly KernelParameter[];
  readonly #known: (LaneValue | undefined)[];

  constructor(lanes: LaneIntegers, parameters: readonly KernelParameter[]) {
    this.#lanes = lanes;
    this.#parameters = parameters;
    this.#known = slots(parameters.length);
  }

  get(position: number): LaneValue {
    const known = this.#known[position];
    if (known !== undefined) return known;
    const value = this.#make(elementAt(this.#parameters, position), position);
    this.#known[position] = value;
    return value;
  }

  #make(parameter: KernelParameter, position: number): LaneValue {
    const number = this.#parameters.slice(0, position).filter(({ kind }) => kind === parameter.kind).length;
    switch (parameter.kind) {
      case 'column':
        return loadColumn(this.#lanes, parameter.type, number);
      case 'uniform':
        return this.#lanes.parameter('uniform', number);
      case 'length':
        return this.#lanes.parameter('length', 0);
      default:
        return this.#lanes.index();
    }
  }
}

/** Stores or accumulates the result of a function: doubles, a mask or integers, as `type` says. */
export function storeResult(
  lanes: LaneIntegers,
  output: KernelOutput,
  number: number,
  result: LaneValue,
  type: Type,
): void {
  const asMask = (): LaneValue => (type === 'bool' ? result : lanes.isTrue(asDouble()));
  const asDouble = (): LaneValue => {
    if (type === 'bool') return lanes.keep(result, lanes.float(1));
    return type === 'i64' ? lanes.toDouble(result) : result;
  };
  if (hasOwn(output, 'reduce')) {
    const { reduce } = output;
    const isLogical = reduce === 'count' || reduce === 'any' || reduce === 'all';
    const value = isLogical ? lanes.keep(asMask(), lanes.float(1)) : asDouble();
    lanes.accumulate(reduce, (accumulator) => combine(lanes, reduce, accumulator, value));
  } else if (output.type === 'mask') {
    storeMask(lanes, asMask(), number);
  } else {
    storeColumn(lanes, output.type, asDouble(), number);
  }
}

/** One step of a reduction, on lanes. Truth values are 1 and 0, whose bits `any` and `all` combine. */
export function combine(lanes: LaneIntegers, kind: ReductionKind, x: LaneValue, y: LaneValue): LaneValue {
  switch (kind) {
    case 'prod':
      return lanes.apply('mul', x, y);
    case 'min':
      return lanes.min(x, y);
    case 'max':
      return lanes.max(x, y);
    case 'any':
      return lanes.apply('or', x, y);
    case 'all':
      return lanes.apply('and', x, y);
    default:
      return lanes.apply('add', x, y);
  }
}

const never: ReadonlySet<Opcode> = new Set([op.frem, op.callmath, op.call, op.callhost]);

function isVectorizable({ op: opcode }: Value, family: LaneFamily): boolean {
  if (opcode === undefined || never.has(opcode)) return false;
  return opcode !== op.ffma || family !== 'sse';
}

const floatComparisons: ReadonlyMap<Opcode, IntegerComparison> = new Map([
  [op.feq, { predicate: Predicate.Equal, swap: false }],
  [op.fne, { predicate: Predicate.NotEqual, swap: false }],
  [op.flt, { predicate: Predicate.Less, swap: false }],
  [op.fle, { predicate: Predicate.LessOrEqual, swap: false }],
  [op.fgt, { predicate: Predicate.Less, swap: true }],
  [op.fge, { predicate: Predicate.LessOrEqual, swap: true }],
]);
const integerComparisons: ReadonlyMap<Opcode, IntegerComparison> = new Map([
  [op.ieq, { predicate: Predicate.Equal, swap: false }],
  [op.ine, { predicate: Predicate.NotEqual, swap: false }],
  [op.ilt, { predicate: Predicate.Less, swap: false }],
  [op.ile, { predicate: Predicate.LessOrEqual, swap: false }],
  [op.igt, { predicate: Predicate.Less, swap: true }],
  [op.ige, { predicate: Predicate.LessOrEqual, swap: true }],
]);

/** One function's values on lanes. */
class FunctionSelector {
  readonly #lanes: LaneIntegers;
  readonly #flat: FlatFunction;
  readonly #inputs: KernelInputs;
  readonly #values = new Map<Value, LaneValue>();
  /** Bits that an integer takes at most. */
  readonly #widths = new Map<Value, number>();
  #isDone = false;

  constructor(lanes: LaneIntegers, flat: FlatFunction, inputs: KernelInputs) {
    this.#lanes = lanes;
    this.#flat = flat;
    this.#inputs = inputs;
  }

  get result(): LaneValue {
    return this.#lane(this.#flat.result);
  }

  get type(): Type {
    return this.#flat.result.type;
  }

  /** Makes the result; false if some integer would need too many bits, or if the program gets too long. */
  run(): boolean {
    if (this.#isDone) return true;
    this.#isDone = true;
    const { instructions, resolve, result } = this.#flat;
    const needed = new Set<Value>([result]);
    for (let i = instructions.length - 1; i >= 0; i--) {
      const value = elementAt(instructions, i);
      if (needed.has(value)) for (const operand of value.operands) needed.add(resolve(operand));
    }
    for (const value of instructions) {
      if (!needed.has(value)) continue;
      if (value.type === 'i64' && !this.#measure(value)) return false;
      if (this.#lanes.size > mostInstructions) return false;
      const operands = value.operands.map((operand) => this.#lane(resolve(operand)));
      this.#values.set(value, this.#apply(value, operands));
    }
    return true;
  }

  #lane(value: Value): LaneValue {
    const known = this.#values.get(value);
    if (known !== undefined) return known;
    const position = this.#flat.parameters.indexOf(value);
    invariant(position >= 0 && value.type === 'f64', `v${value.id} is no number and no parameter`);
    const input = this.#inputs.get(position);
    this.#values.set(value, input);
    return input;
  }

  /** Notes how many bits an integer takes; false if they are too many. */
  #measure(value: Value): boolean {
    const operands = value.operands.map((operand) => {
      const source = this.#flat.resolve(operand);
      return source.type === 'i64' ? (this.#widths.get(source) as number) : 0;
    });
    const width = widthOf(value, operands);
    this.#widths.set(value, width);
    return width <= widest;
  }

  #width(value: Value, operand: number): number {
    return this.#widths.get(this.#flat.resolve(elementAt(value.operands, operand))) as number;
  }

  #apply(value: Value, operands: LaneValue[]): LaneValue {
    const lanes = this.#lanes;
    const opcode = value.op as Opcode;
    const floats = floatComparisons.get(opcode);
    const integers = integerComparisons.get(opcode);
    const [x, y, z] = operands as [LaneValue, LaneValue, LaneValue];
    if (floats !== undefined) {
      return floats.swap ? lanes.compare(floats.predicate, y, x) : lanes.compare(floats.predicate, x, y);
    }
    if (integers !== undefined) return lanes.compareIntegers(x, y, integers);
    switch (opcode) {
      case op.fconst:
        return lanes.float(value.immediate as number);
      case op.bconst:
        return lanes.maskConstant(value.immediate === true);
      case op.iconst:
        return lanes.bits(value.immediate as bigint);
      case op.fadd:
        return lanes.apply('add', x, y);
      case op.fsub:
        return lanes.apply('sub', x, y);
      case op.fmul:
        return lanes.apply('mul', x, y);
      case op.fdiv:
        return lanes.apply('div', x, y);
      case op.ffma:
        return lanes.apply('fma', x, y, z);
      case op.fneg:
        return lanes.negate(x);
      case op.fabs:
        return lanes.magnitude(x);
      case op.fsqrt:
        return lanes.apply('sqrt', x);
      case op.ffloor:
        return lanes.round(x, Rounding.Down);
      case op.fceil:
        return lanes.round(x, Rounding.Up);
      case op.ftrunc:
        return lanes.round(x, Rounding.Zero);
      case op.fround:
        return lanes.roundHalfUp(x);
      case op.fsign:
        return lanes.sign(x);
      case op.fmin:
        return lanes.min(x, y);
      case op.fmax:
        return lanes.max(x, y);
      case op.fcopysign:
        return lanes.copySign(x, y);
      case op.fdemote:
        return lanes.apply('floatToDouble', lanes.apply('doubleToFloat', x));
      case op.band:
        return lanes.both(x, y);
      case op.bor:
        return lanes.either(x, y);
      case op.bxor:
        return lanes.differ(x, y);
      case op.bnot:
        return lanes.not(x);
      case op.btof:
        return lanes.keep(x, lanes.float(1));
      case op.select:
        return value.type === 'bool' ? lanes.selectMask(x, y, z) : lanes.select(x, y, z);
      default:
        return this.#integer(value, opcode, x, y);
    }
  }

  #integer(value: Value, opcode: Opcode, x: LaneValue, y: LaneValue): LaneValue {
    const lanes = this.#lanes;
    switch (opcode) {
      case op.iadd:
        return lanes.apply('addInteger', x, y);
      case op.isub:
        return lanes.apply('subInteger', x, y);
      case op.imul:
        return lanes.multiply(x, y);
      case op.iand:
        return lanes.apply('and', x, y);
      case op.ior:
        return lanes.apply('or', x, y);
      case op.ixor:
        return lanes.apply('xor', x, y);
      case op.ishl32:
        return lanes.shiftLeft32(x, y);
      case op.ishr32:
        return lanes.shiftRight32(x, y);
      case op.isar32: {
        const word = this.#width(value, 0) <= 32 ? x : lanes.signExtend(x);
        return lanes.shiftRightSigned32(word, y);
      }
      case op.imul32:
        return lanes.signExtend(lanes.apply('mulInteger', x, y));
      case op.iclz32:
        return lanes.leadingZeros32(x);
      case op.ftoi32:
        return lanes.toInt32(x);
      case op.itof:
        return lanes.toDouble(x);
      default:
        invariant(false, `no lane operation for ${opcode.name}`);
    }
  }
}

/** Bits, sign included, that the result of an operation on integers takes at most. */
function widthOf(value: Value, operands: readonly number[]): number {
  const [x = 0, y = 0, z = 0] = operands;
  switch (value.op) {
    case op.iconst:
      return integerWidth(value.immediate as bigint);
    case op.iadd:
    case op.isub:
      return Math.max(x, y) + 1;
    case op.imul:
      return x + y;
    case op.iand:
    case op.ior:
    case op.ixor:
      return Math.max(x, y);
    case op.select:
      return Math.max(y, z);
    case op.ishr32:
      return 33;
    default:
      return 32;
  }
}
