/**
 * Functions that JavaScript calls become functions of numbers and truth values, which every back end enters alike. Where types ask
 * for a conversion, a function in front of the function does it.
 */
import type { BoundaryType, ValueBoundaryType } from '../ir/boundary-type.ts';
import { IrBuilder } from '../ir/builder.ts';
import type { IrFunction, IrModule, Value } from '../ir/function.ts';
import { op } from '../ir/opcode.ts';
import type { ScalarType } from '../ir/type.ts';
import { emitHalves, emitWhole } from './integer-halves.ts';

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
    type === 'i64' ? ['f64', 'f64'] : [type === 'bool' ? 'bool' : 'f64'],
  );
  const given = result === 'bool' ? 'bool' : 'f64';
  const builder = new IrBuilder(module, name, taken, given, fn.displayName);
  const left = [...builder.parameters];
  const args = parameters.map((type) => argument(builder, type, left));
  const value = builder.call(fn.name, fn.result, ...args);
  builder.return(resultOf(builder, result, value, upper));
}

/** Takes the parameters that an argument is made of. */
function argument(builder: IrBuilder, type: ValueBoundaryType, left: Value[]): Value {
  const given = left.shift() as Value;
  switch (type) {
    case 'f64':
    case 'bool':
      return given;
    case 'f32':
      return builder.emit(op.fdemote, given);
    case 'i32':
      return builder.emit(op.ftoi32, given);
    case 'u32':
      return builder.emit(op.iand, builder.emit(op.ftoi32, given), builder.integer(0xffff_ffffn));
    case 'i64':
      return emitWhole(builder, given, left.shift() as Value);
  }
}

function resultOf(builder: IrBuilder, type: BoundaryType, value: Value, upper: string | undefined): Value {
  switch (type) {
    case 'f64':
    case 'bool':
      return value;
    case 'f32':
      return builder.emit(op.fdemote, value);
    case 'i32':
      return builder.emit(op.itof, builder.emit(op.isext32, value));
    case 'u32':
      return builder.emit(op.itof, builder.emit(op.iand, value, builder.integer(0xffff_ffffn)));
    case 'void':
      return builder.number(0);
    case 'i64': {
      const { low, high } = emitHalves(builder, value);
      builder.setGlobal(upper as string, high);
      return low;
    }
  }
}
