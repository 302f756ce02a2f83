/**
 * Host functions of all types become functions of numbers, which every back end calls alike: in front of each call the
 * arguments are converted, and behind it the result. An integer of 64 bits is two numbers; of a result that is one, the upper
 * half is asked for by a call of its own.
 */

import { elementAt, lastOf } from '../../support/element.ts';
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
import { type Emitter, emitNumbers, emitValue, numberCount } from './conversions.ts';

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
    module.hosts.push({ name, arity: part === 'call' ? sum(parameters.map(numberCount)) : 0 });
  if (declared.every((host) => hasOwn(host, 'arity'))) return adapted;
  for (const fn of module.functions) adaptCalls(fn, declared, uppers);
  return adapted;
}

function describe(host: HostFunction | TypedHostFunction, part: AdaptedHost['part']): AdaptedHost {
  return { name: host.name, parameters: hostParameters(host), result: hostResult(host), part };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
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
    emitNumbers(emitter, elementAt(parameters, index), operand),
  );
  const result = hostResult(host);
  const numbers = [emitter.append('f64', op.callhost, args, value.immediate)];
  if (upper !== undefined) numbers.push(emitter.append('f64', op.callhost, [], upper));
  if (result === 'void') emitter.integer(0n);
  else emitValue(emitter, result, numbers);
  emitter.endWith(value);
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

  number(value: number): Value {
    return this.append('f64', op.fconst, [], value);
  }

  integer(value: bigint): Value {
    return this.append('i64', op.iconst, [], value);
  }

  append(type: Type, opcode: Opcode, operands: Value[], immediate?: Value['immediate']): Value {
    const value = this.#function.newValue(type, opcode, operands, immediate);
    this.instructions.push(value);
    return value;
  }

  /** The value, which is used already, takes the place of the last one. */
  endWith(value: Value): void {
    const last = lastOf(this.instructions);
    value.op = last.op;
    value.operands = last.operands;
    value.immediate = last.immediate;
    this.instructions[this.instructions.length - 1] = value;
  }
}
