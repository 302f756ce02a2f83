/**
 * What a kernel computes for one row, as one straight line: the functions of all outputs together, with what they call and both
 * sides of their conditionals, and how results become elements. Loops and calls that stay calls have no such form.
 */
import { elementAt } from '../../support/element.ts';
import { hasOwn } from '../../support/own.ts';
import { callsAny } from '../ir/call-graph.ts';
import { type Block, type Immediate, IrFunction, type IrModule, type Value } from '../ir/function.ts';
import type { MemoryType } from '../ir/memory-type.ts';
import { type Opcode, op, type Type } from '../ir/opcode.ts';
import { numberValues } from '../opt/number-values.ts';
import { removeDeadCode } from '../opt/remove-dead-code.ts';
import { inlineAll, mostInstructions } from '../opt/vectorise/inline-all.ts';
import { integersFit } from '../opt/vectorise/integer-widths.ts';
import { laneSize } from '../opt/vectorise/lane-size.ts';
import { predicate } from '../opt/vectorise/predicate.ts';
import { isCall, varyingValues } from '../opt/vectorise/widen.ts';
import {
  functionNamed,
  isVarying,
  type KernelOutput,
  type KernelSpec,
  type ReductionKind,
} from './kernel-spec.ts';

/** An array that is stored to, or an accumulator, by its number among those of its sort. */
export type RowResult = RowStore | RowReduction;

export interface RowStore {
  readonly kind: 'store';
  readonly type: MemoryType;
  readonly number: number;
  readonly value: Value;
}

export interface RowReduction {
  readonly kind: 'reduce';
  readonly reduce: ReductionKind;
  readonly number: number;
  readonly value: Value;
}

export interface RowBody {
  /** Numbers, one for each parameter of the kernel. */
  readonly parameters: readonly Value[];
  /** In order of execution. */
  readonly instructions: readonly Value[];
  readonly results: readonly RowResult[];
  /** What differs from row to row. */
  readonly varying: ReadonlySet<Value>;
}

/** Undefined if there is none, or if some operation of it has no lanes; `hasFma` says whether these have fused multiplication. */
export function rowBody(module: IrModule, spec: KernelSpec, hasFma: boolean): RowBody | undefined {
  const varies = spec.parameters.map(({ kind }) => isVarying(kind));
  const { row, block, emit } = newRow(spec.parameters.length);
  const { parameters } = block;
  const made = new Map<string, Value>();
  for (const [position, output] of spec.outputs.entries()) {
    const name = output.function;
    const result = made.get(name) ?? appendFunction(module, name, varies, parameters, emit);
    if (result === undefined) return undefined;
    made.set(name, result);
    give(output, position, result, emit);
  }
  const none = emit('f64', op.fconst, [], 0);
  block.terminator = { kind: 'return', value: none };
  numberValues(row);
  removeDeadCode(row);
  const body = block.instructions.filter((value) => value !== none);
  const size = body.reduce((sum, value) => sum + laneSize(value), 0);
  if (size > mostInstructions || !integersFit(body)) return undefined;
  if (body.some((value) => value.op !== op.give && isCall(value, hasFma))) return undefined;
  return bodyOf(row, body, spec, varies);
}

/** How the results of functions become elements: a body whose parameters they are, by position in `names`, as doubles. */
export function conversions(spec: KernelSpec, names: readonly string[]): RowBody {
  const { row, block, emit } = newRow(names.length);
  spec.outputs.forEach((output, position) => {
    give(output, position, elementAt(block.parameters, names.indexOf(output.function)), emit);
  });
  const varies = names.map(() => true);
  return bodyOf(row, block.instructions, spec, varies);
}

/** A function of one block without instructions, which takes so many numbers. */
function newRow(parameterCount: number): { row: IrFunction; block: Block; emit: Emit } {
  const row = new IrFunction('$row', 'f64');
  const block = row.newBlock(new Array<Type>(parameterCount).fill('f64'));
  row.blocks.push(block);
  const emit: Emit = (type, opcode, operands, immediate) => {
    const value = row.newValue(type, opcode, operands, immediate);
    block.instructions.push(value);
    return value;
  };
  return { row, block, emit };
}

type Emit = (type: Type, opcode: Opcode, operands: Value[], immediate?: Immediate) => Value;

/** The function's own straight line on these parameters; gives its result. */
function appendFunction(
  module: IrModule,
  name: string,
  varies: readonly boolean[],
  parameters: readonly Value[],
  emit: Emit,
): Value | undefined {
  const fn = functionNamed(module, name);
  const whole = callsAny(fn) ? inlineAll(module, fn)?.function : fn;
  const straight = whole && predicate(whole, varies)?.function;
  const only = straight?.blocks.length === 1 ? straight.blocks[0] : undefined;
  if (only?.terminator?.kind !== 'return') return undefined;
  const copies = new Map<Value, Value>();
  only.parameters.forEach((parameter, index) => {
    copies.set(parameter, elementAt(parameters, index));
  });
  const copyOf = (value: Value): Value => copies.get(value) ?? value;
  for (const value of only.instructions) {
    const copy = emit(value.type, value.op as Opcode, value.operands.map(copyOf), value.immediate);
    copies.set(value, copy);
  }
  return copyOf(only.terminator.value);
}

/** Marks what is stored or accumulated of a result. */
function give(output: KernelOutput, position: number, result: Value, emit: Emit): void {
  const element = stored(output, result, emit);
  emit(element.type, op.give, [element], position);
}

/** What is stored or accumulated of a result. */
function stored(output: KernelOutput, result: Value, emit: Emit): Value {
  const number = (): Value => {
    if (result.type === 'bool') return emit('f64', op.btof, [result]);
    return result.type === 'i64' ? emit('f64', op.itof, [result]) : result;
  };
  /** Neither zero nor NaN. */
  const truth = (): Value => {
    if (result.type === 'bool') return result;
    const magnitude = emit('f64', op.fabs, [number()]);
    return emit('bool', op.flt, [emit('f64', op.fconst, [], 0), magnitude]);
  };
  if (hasOwn(output, 'reduce')) {
    const isLogical = output.reduce === 'count' || output.reduce === 'any' || output.reduce === 'all';
    return isLogical ? emit('f64', op.btof, [truth()]) : number();
  }
  switch (output.type) {
    case 'f64':
    case 'f32':
      return number();
    case 'mask':
      return truth();
    case 'u8c': {
      // NaN loses against zero.
      const positive = emit('f64', op.fmore, [number(), emit('f64', op.fconst, [], 0)]);
      return emit('f64', op.fless, [positive, emit('f64', op.fconst, [], 255)]);
    }
    default:
      return emit('i64', op.ftoi32, [number()]);
  }
}

/** The row's instructions, some of which give results, one for each output and in their order. */
function bodyOf(
  row: IrFunction,
  instructions: readonly Value[],
  spec: KernelSpec,
  varies: readonly boolean[],
): RowBody {
  const given = instructions.filter((value) => value.op === op.give);
  return {
    parameters: elementAt(row.blocks, 0).parameters,
    instructions: instructions.filter((value) => value.op !== op.give),
    results: resultsOf(
      spec,
      given.map(({ operands }) => elementAt(operands, 0)),
    ),
    // A function of the math library is inlined on lanes. What is the same for all rows leaves the loop again.
    varying: varyingValues(row, varies, (value) => value.op === op.callmath),
  };
}

function resultsOf({ outputs }: KernelSpec, values: readonly Value[]): RowResult[] {
  let arrays = 0;
  let reductions = 0;
  return outputs.map((output, position): RowResult => {
    const value = elementAt(values, position);
    return hasOwn(output, 'reduce')
      ? { kind: 'reduce', reduce: output.reduce, number: reductions++, value }
      : { kind: 'store', type: output.type, number: arrays++, value };
  });
}
