/**
 * Host functions of all types become functions of numbers, which every back end calls alike: in front of each call the
 * arguments are converted, and behind it the result. An integer of 64 bits is two numbers; of a result that is one, the upper
 * half is asked for by a call of its own.
 */

import { elementAt } from '../../support/element.ts';
import { hasOwn } from '../../support/own.ts';
import type { BoundaryType, ValueBoundaryType } from '../ir/boundary-type.ts';
import {
  type HostFunction,
  hostParameters,
  hostResult,
  type IrFunction,
  type IrModule,
  type TypedHostFunction,
  type Value,
} from '../ir/function.ts';
import { type Opcode, op, type Type } from '../ir/opcode.ts';
import { type Emitter, emitHalves, emitWhole } from './integer-halves.ts';

/** What a function of numbers stands for. */
export interface AdaptedHost {
  readonly name: string;
  readonly parameters: readonly ValueBoundaryType[];
  readonly result: BoundaryType;
  /** `upper` gives the upper half of what `call` gave last. */
  readonly part: 'call' | 'upper';
}

/** Rewrites the module in place; gives what its hosts stand for from now on, in their order. */
export function adaptHosts(module: IrModule): AdaptedHost[] {
  const declared = [...module.hosts];
  const adapted = declared.map((host): AdaptedHost => describe(host, 'call'));
  /** By number of a host: that of its upper half. */
  const uppers = new Map<number, number>();
  declared.forEach((host, index) => {
    if (hostResult(host) !== 'i64') return;
    uppers.set(index, adapted.length);
    adapted.push(describe(host, 'upper'));
  });
  module.hosts.length = 0;
  for (const { name, parameters, part } of adapted)
    module.hosts.push({ name, arity: part === 'call' ? parameters.length + count64(parameters) : 0 });
  if (declared.every((host) => hasOwn(host, 'arity'))) return adapted;
  for (const fn of module.functions) adaptCalls(fn, declared, uppers);
  return adapted;
}

function describe(host: HostFunction | TypedHostFunction, part: AdaptedHost['part']): AdaptedHost {
  return { name: host.name, parameters: hostParameters(host), result: hostResult(host), part };
}

function count64(parameters: readonly ValueBoundaryType[]): number {
  return parameters.filter((type) => type === 'i64').length;
}

function adaptCalls(
  fn: IrFunction,
  declared: readonly (HostFunction | TypedHostFunction)[],
  uppers: ReadonlyMap<number, number>,
): void {
  for (const block of fn.blocks) {
    if (!block.instructions.some((value) => value.op === op.callhost)) continue;
    const emitter = new ListEmitter(fn);
    for (const value of block.instructions) {
      const number = Number(value.immediate);
      if (value.op === op.callhost)
        adaptCall(value, elementAt(declared, number), uppers.get(number), emitter);
      else emitter.instructions.push(value);
    }
    block.instructions = emitter.instructions;
  }
}

/** The value that was the call becomes what its result is converted to. */
function adaptCall(
  value: Value,
  host: HostFunction | TypedHostFunction,
  upper: number | undefined,
  emitter: ListEmitter,
): void {
  const parameters = hostParameters(host);
  const args = value.operands.flatMap((operand, index) =>
    argumentsOf(elementAt(parameters, index), operand, emitter),
  );
  const result = hostResult(host);
  if (result === 'f64') {
    value.operands = args;
    emitter.instructions.push(value);
    return;
  }
  const given = emitter.append('f64', op.callhost, args, value.immediate);
  switch (result) {
    case 'f32':
      emitter.become(value, op.fdemote, [given]);
      return;
    case 'i32':
      emitter.become(value, op.ftoi32, [given]);
      return;
    case 'u32':
      emitter.become(value, op.iand, [emitter.emit(op.ftoi32, given), emitter.integer(0xffff_ffffn)]);
      return;
    case 'bool':
      emitter.become(value, op.fne, [given, emitter.append('f64', op.fconst, [], 0)]);
      return;
    case 'void':
      emitter.become(value, op.iconst, [], 0n);
      return;
    default: {
      const high = emitter.append('f64', op.callhost, [], upper);
      const whole = emitWhole(emitter, given, high);
      emitter.become(value, op.ior, [whole, whole]);
    }
  }
}

/** The numbers that an argument is. */
function argumentsOf(type: ValueBoundaryType, value: Value, emitter: ListEmitter): Value[] {
  switch (type) {
    case 'f64':
      return [value];
    case 'f32':
      return [emitter.emit(op.fdemote, value)];
    case 'i32':
      return [emitter.emit(op.itof, emitter.emit(op.isext32, value))];
    case 'u32':
      return [emitter.emit(op.itof, emitter.emit(op.iand, value, emitter.integer(0xffff_ffffn)))];
    case 'bool':
      return [emitter.emit(op.btof, value)];
    case 'i64': {
      const { low, high } = emitHalves(emitter, value);
      return [low, high];
    }
  }
}

/** Puts operations at the end of a list. */
class ListEmitter implements Emitter {
  readonly instructions: Value[] = [];
  readonly #function: IrFunction;

  constructor(fn: IrFunction) {
    this.#function = fn;
  }

  emit(opcode: Opcode, ...operands: Value[]): Value {
    return this.append(opcode.result ?? 'f64', opcode, operands);
  }

  integer(value: bigint): Value {
    return this.append('i64', op.iconst, [], value);
  }

  append(type: Type, opcode: Opcode, operands: Value[], immediate?: Value['immediate']): Value {
    const value = this.#function.newValue(type, opcode, operands, immediate);
    this.instructions.push(value);
    return value;
  }

  /** A value that is there already is computed like this. */
  become(value: Value, opcode: Opcode, operands: Value[], immediate?: Value['immediate']): void {
    value.op = opcode;
    value.operands = operands;
    value.immediate = immediate;
    this.instructions.push(value);
  }
}
