/**
 * Functions that JavaScript calls become functions of numbers and truth values, which every back end enters alike. Where types ask
 * for a conversion, a function in front of the function does it.
 */
import { elementAt } from '../../support/element.ts';
import type { BoundaryType, ValueBoundaryType } from '../ir/boundary-type.ts';
import { IrBuilder } from '../ir/builder.ts';
import type { IrFunction, IrModule, Value } from '../ir/function.ts';
import type { ScalarType } from '../ir/type.ts';
import { emitNumbers, emitValue, numberCount } from './conversions.ts';

export interface EntryTypes {
  readonly parameters: readonly ValueBoundaryType[];
  readonly result: BoundaryType;
}

/** The names of what is entered, one for each entry; and of the variable in which upper halves of results stand. */
export interface AdaptedEntries {
  readonly names: readonly string[];
  /** Undefined if there are none. */
  readonly upper: string | undefined;
}

/** Adds to the module what its entries need. Each is a function of the module and the types that it has outside. */
export function adaptEntries(
  module: IrModule,
  entries: readonly { readonly fn: IrFunction; readonly types: EntryTypes }[],
): AdaptedEntries {
  let upper: string | undefined;
  if (entries.some(({ types }) => types.result === 'i64')) {
    upper = unused(
      'result$upper',
      module.globals.map(({ name }) => name),
    );
    module.globals.push({ name: upper, type: 'f64', initial: 0 });
  }
  const names = entries.map(({ fn, types }) => {
    if (isPlain(types)) return fn.name;
    const name = unused(
      `${fn.name}$entry`,
      module.functions.map((each) => each.name),
    );
    buildEntry(module, name, fn, types, upper);
    return name;
  });
  return { names, upper };
}

function isPlain({ parameters, result }: EntryTypes): boolean {
  return [...parameters, result].every((type) => type === 'f64' || type === 'bool');
}

function unused(name: string, taken: readonly string[]): string {
  return taken.includes(name) ? unused(`${name}$`, taken) : name;
}

function buildEntry(
  module: IrModule,
  name: string,
  fn: IrFunction,
  { parameters, result }: EntryTypes,
  upper: string | undefined,
): void {
  const taken = parameters.flatMap((type): ScalarType[] =>
    type === 'bool' ? ['bool'] : new Array<ScalarType>(numberCount(type)).fill('f64'),
  );
  const builder = new IrBuilder(module, name, taken, result === 'bool' ? 'bool' : 'f64', fn.displayName);
  let next = 0;
  const args = parameters.map((type) => {
    const first = next;
    next += numberCount(type);
    const numbers = builder.parameters.slice(first, next);
    return type === 'bool' ? elementAt(numbers, 0) : emitValue(builder, type, numbers);
  });
  const value = builder.call(fn.name, fn.result, ...args);
  if (result === 'void' || result === 'bool') {
    builder.return(result === 'void' ? builder.number(0) : value);
    return;
  }
  const [given, high] = emitNumbers(builder, result, value) as [Value, Value | undefined];
  if (high !== undefined) builder.setGlobal(upper as string, high);
  builder.return(given);
}
