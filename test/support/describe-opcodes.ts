/** Tests that operations of IR compute what their definitions say, for any way of running a module. */
import { expect } from 'chai';
import { IrBuilder } from '../../src/jit/ir/builder.ts';
import { IrModule, type Value } from '../../src/jit/ir/function.ts';
import { type Datum, type Opcode, op, opcodes, type Type } from '../../src/jit/ir/opcode.ts';
import { elementAt } from '../../src/support/element.ts';
import { specialValues } from './special-values.ts';

/** Integers that a double carries exactly: that is how a frame entry takes an `i64`. */
const integers = [
  0,
  1,
  -1,
  2,
  5,
  31,
  32,
  33,
  255,
  -256,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31),
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53,
  -(2 ** 53),
  -(2 ** 63),
];
const floats = specialValues;
/** For operations of three operands, where all combinations would be too many. */
const fewFloats = [
  0,
  -0,
  1,
  -1.5,
  3,
  0.1,
  1 / 3,
  1e300,
  -1e-300,
  5e-324,
  Number.MAX_VALUE,
  Number.POSITIVE_INFINITY,
  Number.NaN,
];

function valuesOf(type: Type, arity: number): readonly number[] {
  if (type === 'f64') return arity > 2 ? fewFloats : floats;
  return type === 'bool' ? [0, 1] : integers;
}

function datum(type: Type, value: number): Datum {
  return type === 'f64' ? value : type === 'bool' ? value !== 0 : BigInt(value);
}

/** A result as it comes out of a frame entry. */
function asNumber(result: Datum): number {
  return Number(result);
}

interface Case {
  readonly name: string;
  readonly types: readonly Type[];
  readonly evaluate: (operands: readonly Datum[]) => Datum;
  readonly build: (builder: IrBuilder, operands: readonly Value[]) => Value;
  readonly result: Type;
}

function caseOf(opcode: Opcode, types: readonly Type[], result: Type): Case {
  const evaluate = opcode.evaluate as (...operands: Datum[]) => Datum;
  return {
    name: opcode.name,
    types,
    result,
    evaluate: (operands) => evaluate(...operands),
    build: (builder, operands) =>
      opcode === op.select
        ? builder.select(elementAt(operands, 0), elementAt(operands, 1), elementAt(operands, 2))
        : builder.emit(opcode, ...operands),
  };
}

/** They are exact, and so alike with and without fused arithmetic, under conditions: `exact-arithmetic.test.ts` keeps these. */
const conditional: ReadonlySet<Opcode> = new Set([
  op.faddproduct,
  op.fsubproduct,
  op.fexactma,
  op.fproducterror,
]);

const cases: Case[] = [];
for (const opcode of opcodes) {
  if (opcode.evaluate === undefined || conditional.has(opcode)) continue;
  if (opcode.operands !== undefined && opcode.result !== undefined) {
    cases.push(caseOf(opcode, opcode.operands, opcode.result));
  }
}
for (const type of ['f64', 'bool', 'i64'] as const) {
  cases.push({ ...caseOf(op.select, ['bool', type, type], type), name: `select.${type}` });
}

function* combinations(types: readonly Type[]): Generator<number[]> {
  const lists = types.map((type) => valuesOf(type, types.length));
  const indices = lists.map(() => 0);
  for (;;) {
    yield indices.map((index, k) => elementAt(elementAt(lists, k), index));
    let k = 0;
    for (; k < lists.length; k++) {
      indices[k] = elementAt(indices, k) + 1;
      if (elementAt(indices, k) < elementAt(lists, k).length) break;
      indices[k] = 0;
    }
    if (k === lists.length) return;
  }
}

function expectSame(actual: number, expected: number, what: () => string): void {
  if (!Object.is(actual, expected)) expect.fail(`${what()} gave ${actual} instead of ${expected}`);
}

function constantOf(builder: IrBuilder, type: Type, value: number): Value {
  if (type === 'f64') return builder.number(value);
  return type === 'bool' ? builder.boolean(value !== 0) : builder.integer(BigInt(value));
}

/** A module that runs: its functions take and give numbers, whatever their types. */
export interface RunnableModule {
  call(name: string, args: readonly number[]): number;
}

/** Declares the tests. What `compile` makes is disposed of by whoever made it. */
export function describeOpcodes(compile: (module: IrModule) => RunnableModule): void {
  for (const { name, types, evaluate, build, result } of cases) {
    it(`${name} computes what its definition says`, () => {
      const module = new IrModule();
      const builder = new IrBuilder(module, 'f', types, result);
      builder.return(build(builder, builder.block.parameters));
      // A caller of its own, so that the function is entered by its registers too.
      const caller = new IrBuilder(module, 'g', types, result);
      caller.return(caller.call('f', result, ...caller.block.parameters));
      const compiled = compile(module);
      let count = 0;
      for (const operands of combinations(types)) {
        const expected = asNumber(evaluate(operands.map((value, k) => datum(elementAt(types, k), value))));
        expectSame(compiled.call('f', operands), expected, () => `${name}(${operands.join(', ')})`);
        if (count++ % 16 === 0) {
          expectSame(compiled.call('g', operands), expected, () => `call of ${name}(${operands.join(', ')})`);
        }
      }
    });

    if (types.length < 2) continue;
    it(`${name} computes it with constants among the operands`, () => {
      const module = new IrModule();
      const tests: { index: number; operands: number[]; position: number }[] = [];
      let seed = 1;
      for (let i = 0; i < 60; i++) {
        const operands = types.map((type) => {
          const values = valuesOf(type, types.length);
          seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
          return elementAt(values, seed % values.length);
        });
        const position = i % types.length;
        const free = types.filter((_, k) => k !== position);
        const builder = new IrBuilder(module, `f${i}`, free, result);
        const parameters = [...builder.block.parameters];
        const all = types.map((type, k) =>
          k === position ? constantOf(builder, type, elementAt(operands, k)) : (parameters.shift() as Value),
        );
        builder.return(build(builder, all));
        tests.push({ index: i, operands, position });
      }
      const compiled = compile(module);
      for (const { index, operands, position } of tests) {
        const expected = asNumber(evaluate(operands.map((value, k) => datum(elementAt(types, k), value))));
        const args = operands.filter((_, k) => k !== position);
        expectSame(compiled.call(`f${index}`, args), expected, () => `${name}(${operands.join(', ')})`);
      }
    });
  }
}
