/**
 * What code calls besides functions of its module: the math library, `%`, the repair of lanes, and what looks after fuel where
 * nobody else does. Code of the library depends on nothing around it, so each function is made once.
 */

import { Trap } from '../../native/frame.ts';
import { InvariantError } from '../../support/invariant.ts';
import type { IrFunction } from '../ir/function.ts';
import { op } from '../ir/opcode.ts';
import { mathFunction } from '../math/library.ts';
import { tableColumn } from '../math/tables.ts';
import { legalise } from '../opt/legalise/legalise.ts';
import { mathBody } from '../opt/legalise/math-body.ts';
import { remainder } from '../opt/vectorise/remainder.ts';
import { ByteSink } from './byte-sink.ts';
import { encodeFunction } from './function-encoder.ts';
import { FunctionSink } from './function-sink.ts';
import { slotAddress } from './memory-layout.ts';
import { type DefinedFunction, doublesSignature, finishedFunction, type Signature } from './module-writer.ts';
import { ValueType } from './value-type.ts';
import { wasmTarget } from './wasm-target.ts';

export interface EncodedMath {
  readonly function: DefinedFunction;
  /** Names of the tables that must be in memory. */
  readonly tables: readonly string[];
}

/** `%`, as IR calls it. */
const remainderName = 'rem';

/** Rounded once, which takes integers of any length: the host does it. */
export const hostMath: ReadonlySet<string> = new Set(['fma']);

/** How many numbers a function takes that IR calls by this name. */
export function mathArity(name: string): number {
  if (name === remainderName) return 2;
  return hostMath.has(name) ? 3 : mathFunction(name).arity;
}

const encoded = new Map<string, EncodedMath>();

/** A function of the math library, or `%`. */
export function encodeMath(name: string): EncodedMath {
  const known = encoded.get(name);
  if (known !== undefined) return known;
  const body =
    name === remainderName
      ? legalise(remainder(name, wasmTarget.hasFma), wasmTarget)
      : mathBody(name, wasmTarget);
  const nowhere = (): never => {
    throw new InvariantError('the math library calls nothing outside');
  };
  const fn = encodeFunction(
    body,
    {
      name,
      signature: doublesSignature(mathArity(name)),
      functionIndex: 0,
      cost: undefined,
      isRecursive: false,
      isKernel: false,
      calleeOf: nowhere,
      hostNumber: nowhere,
      mathNumber: nowhere,
      repairNumber: nowhere,
      refuelNumber: nowhere,
      globalNumber: nowhere,
      lookNumber: nowhere,
    },
    new ByteSink(),
  );
  const result = { function: fn, tables: tablesOf(body) };
  encoded.set(name, result);
  return result;
}

/** Names of the tables that a function reads. */
export function tablesOf({ blocks }: IrFunction): string[] {
  const names = new Set<string>();
  for (const { instructions } of blocks) {
    for (const { op: opcode, immediate } of instructions) {
      if (opcode === op.tableaddress) names.add(String(immediate));
      else if (opcode === op.ftable) names.add(tableColumn(String(immediate)).table.name);
    }
  }
  return [...names];
}

/** Takes lanes, which of them are right, and the arguments of all: gives lanes that are all right. */
export function encodeRepair(name: string, mathNumber: number): DefinedFunction {
  const arity = mathArity(name);
  const parameters = new Array<ValueType>(2 + arity).fill(ValueType.v128);
  const sink = new FunctionSink(new ByteSink(), parameters.length);
  const [result, isUsual, firstArgument] = [0, 1, 2];
  for (const lane of [0, 1]) {
    sink.get(isUsual);
    sink.lane('i64x2.extract_lane', lane);
    sink.op('i64.eqz');
    sink.opens('if');
    sink.get(result);
    for (let argument = 0; argument < arity; argument++) {
      sink.get(firstArgument + argument);
      sink.lane('f64x2.extract_lane', lane);
    }
    sink.opWith('call', mathNumber);
    sink.lane('f64x2.replace_lane', lane);
    sink.set(result);
    sink.op('end');
  }
  sink.get(result);
  return finishedFunction(`repair ${name}`, { parameters, results: [ValueType.v128] }, sink);
}

export const refuelSignature: Signature = { parameters: [ValueType.i32], results: [ValueType.i32] };
export const lookSignature: Signature = { parameters: [ValueType.i32], results: [] };

/** Without slices there is no more than what was given: sets the trap. */
export function encodeRefuel(): DefinedFunction {
  const sink = new FunctionSink(new ByteSink(), 1);
  sink.storeAt('i32.store', slotAddress('Trap') + 4, () => sink.get(0));
  sink.storeAt('i32.store', slotAddress('Trap'), () => sink.int(Trap.Fuel));
  sink.int(1);
  return finishedFunction('refuel', refuelSignature, sink);
}

/** Nobody stops rows: they may go on for long. */
export function encodeLook(): DefinedFunction {
  const sink = new FunctionSink(new ByteSink(), 1);
  sink.storeAt('i64.store', slotAddress('RowFuel'), () => sink.long(2n ** 62n));
  return finishedFunction('look', lookSignature, sink);
}
