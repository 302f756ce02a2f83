/** What functions of a module take from JavaScript, and give. */
import { numberCount } from '../../jit/boundary/conversions.ts';
import {
  type BoundaryType,
  irTypeOf,
  isBoundaryType,
  type ValueBoundaryType,
} from '../../jit/ir/boundary-type.ts';
import { callGraph, withCallers } from '../../jit/ir/call-graph.ts';
import { type IrFunction, type IrModule, uses } from '../../jit/ir/function.ts';
import { IrError } from '../../jit/ir/ir-error.ts';
import { op } from '../../jit/ir/opcode.ts';
import { maxArguments } from '../../native/frame.ts';
import { describeValue } from '../../support/describe-value.ts';
import { knownNames, readOptions } from '../../support/options.ts';
import { isObject } from '../../support/own.ts';
import type { JitMemory } from './jit-memory.ts';

/** What a function takes: a memory, if it accesses one, then its arguments. */
export interface Signature {
  readonly parameters: readonly ('memory' | ValueBoundaryType)[];
  readonly result: BoundaryType;
}

interface Values {
  f64: number;
  f32: number;
  i32: number;
  u32: number;
  i64: bigint;
  bool: boolean;
  memory: JitMemory | SharedArrayBuffer;
  void: undefined;
}

type Arguments<Parameters extends readonly unknown[]> = {
  -readonly [Index in keyof Parameters]: Values[Parameters[Index] & keyof Values];
};

/** The function of JavaScript that a signature describes. */
export type SignatureFunction<S extends Signature> = (
  ...args: Arguments<S['parameters']>
) => S['result'] extends 'void' ? void : Values[S['result']];

/** An exported function, with what is known of it. */
export interface ExportedIr {
  readonly name: string;
  readonly fn: IrFunction;
  readonly takesMemory: boolean;
  readonly parameters: readonly ValueBoundaryType[];
  readonly result: BoundaryType;
}

/**
 * The functions that JavaScript is to see, by their names; all of the module with the types that they have in IR if left out.
 *
 * @throws IrError if they do not fit the module; TypeError for what is no signature.
 */
export function exportedFunctions(
  module: IrModule,
  signatures: Readonly<Record<string, Signature>> | undefined,
): ExportedIr[] {
  if (signatures !== undefined && !isObject(signatures))
    throw new TypeError(`exports must be an object of signatures, not ${describeValue(signatures)}`);
  const accessing = accessesMemory(module);
  const problems: string[] = [];
  const byName = new Map(module.functions.map((fn) => [fn.name, fn]));
  const wanted =
    signatures === undefined
      ? [...byName].map(([name, fn]) => [name, natural(fn, accessing.has(fn))] as const)
      : Object.keys(signatures).map((name) => [name, signatureIn(signatures, name)] as const);
  const exported = wanted.flatMap(([name, { parameters, result }]): ExportedIr[] => {
    const fn = byName.get(name);
    if (fn === undefined) {
      problems.push(
        `the module has no function '${name}' to export; ${knownNames(name, [...byName.keys()])}`,
      );
      return [];
    }
    const takesMemory = parameters.at(0) === 'memory';
    const own = (takesMemory ? parameters.slice(1) : parameters) as readonly ValueBoundaryType[];
    problems.push(...misfits(fn, own, result).map((problem) => `${name}: ${problem}`));
    if (accessing.has(fn) && !takesMemory)
      problems.push(`${name}: accesses memory, so 'memory' must be its first parameter`);
    return [{ name, fn, takesMemory, parameters: own, result }];
  });
  if (problems.length > 0) throw new IrError(problems, 'exports do not fit the module');
  return exported;
}

function signatureIn(signatures: Readonly<Record<string, Signature>>, name: string): Signature {
  const what = `exports.${name}`;
  const { parameters, result } = readOptions<Signature>(signatures[name], ['parameters', 'result'], what);
  if (!Array.isArray(parameters))
    throw new TypeError(`${what}.parameters must be a list of types, not ${describeValue(parameters)}`);
  const types: readonly unknown[] = [...(parameters as unknown[])];
  types.forEach((type, index) => {
    const isValue = isBoundaryType(type) && type !== 'void';
    if (!isValue && !(type === 'memory' && index === 0))
      throw new TypeError(`${what}.parameters has ${describeValue(type)}, which is no type there`);
  });
  if (!isBoundaryType(result))
    throw new TypeError(`${what}.result is ${describeValue(result)}, which is no type`);
  return { parameters: types as Signature['parameters'], result };
}

function natural(fn: IrFunction, takesMemory: boolean): Signature {
  const parameters = parameterTypes(fn);
  return {
    parameters: takesMemory ? ['memory', ...parameters] : parameters,
    result: fn.result as ValueBoundaryType,
  };
}

/** Without lanes, the names of types in IR are names here. */
export function parameterTypes(fn: IrFunction): ValueBoundaryType[] {
  return (fn.blocks.at(0)?.parameters ?? []).map(({ type }) => type as ValueBoundaryType);
}

function misfits(fn: IrFunction, parameters: readonly ValueBoundaryType[], result: BoundaryType): string[] {
  const own = parameterTypes(fn);
  if (own.length !== parameters.length)
    return [`takes ${own.length} arguments in IR, and ${parameters.length} in exports`];
  const numbers = parameters.reduce((sum, type) => sum + numberCount(type), 0);
  if (numbers > maxArguments) return [`takes ${parameters.length} arguments, which are too many`];
  const problems = parameters.flatMap((type, index) =>
    irTypeOf(type) === own.at(index)
      ? []
      : [`its parameter ${index} is ${own.at(index)} in IR, and ${type} in exports`],
  );
  if (result !== 'void' && irTypeOf(result) !== fn.result)
    problems.push(`its result is ${fn.result} in IR, and ${result} in exports`);
  return problems;
}

/** The functions that access memory, and all that come to call them. */
export function accessesMemory(module: IrModule): ReadonlySet<IrFunction> {
  const own = module.functions.flatMap((fn, index) =>
    uses(fn, op.mload, op.mstore, op.msize) ? [index] : [],
  );
  if (own.length === 0) return new Set();
  const all = withCallers(callGraph(module), own);
  return new Set(module.functions.filter((_, index) => all.has(index)));
}
