/** Functions of numbers as functions of all types: `adapt-entries.ts` says how values are made of numbers. */
import { halvesOf, wholeOf } from '../../jit/boundary/integer-halves.ts';
import { type BoundaryType, javascriptTypeOf, type ValueBoundaryType } from '../../jit/ir/boundary-type.ts';
import { ReleasedError } from '../../jit/runtime/released-error.ts';
import { describeValue } from '../../support/describe-value.ts';
import { elementAt, maybeAt } from '../../support/element.ts';
import type { CallMemory } from '../backends/call-memory.ts';
import { callMemory } from './jit-memory.ts';

type ScalarFunction = (...args: number[]) => number;
export type TypedFunction = (...args: never[]) => unknown;

export interface TypedEntry {
  readonly parameters: readonly ValueBoundaryType[];
  readonly result: BoundaryType;
  readonly takesMemory: boolean;
  /** The upper half of the last result. */
  readonly upper: () => number;
  /** Whether it may still be called. */
  readonly released: () => boolean;
  /** The function of numbers, on a memory if it takes one. Throws TypeError for a memory that its code does not reach. */
  readonly on: (memory: CallMemory | undefined) => ScalarFunction;
}

/**
 * A function of values of the entry's types; of a memory first, if it takes one.
 *
 * Numbers and truth values are what code takes anyway, so a function of those alone is the function itself.
 */
export function typedFunction(entry: TypedEntry): TypedFunction {
  const { takesMemory, parameters, on } = entry;
  if (!takesMemory) return withResult(withArguments(on(undefined), parameters, 0), entry);
  /** By memory, as long as that lives. */
  const known = new WeakMap<object, TypedFunction>();
  const onMemory = (memory: unknown): TypedFunction => {
    if (entry.released()) throw new ReleasedError();
    const made = withResult(withArguments(on(callMemory(memory)), parameters, 1), entry);
    known.set(memory as object, made);
    return made;
  };
  const of = (memory: unknown): TypedFunction => known.get(memory as object) ?? onMemory(memory);
  return (memory: unknown, ...args: never[]) => of(memory)(...args);
}

/** Checks what the function itself does not, and brings integers of 64 bits into two numbers. So many arguments stand in front. */
function withArguments(
  run: ScalarFunction,
  parameters: readonly ValueBoundaryType[],
  before: number,
): ScalarFunction {
  if (before === 0 && !parameters.includes('i64') && !parameters.includes('bool')) return run;
  const kinds = parameters.map(javascriptTypeOf);
  return (...args: unknown[]) => {
    const numbers: number[] = [];
    for (let index = 0; index < kinds.length; index++) {
      const value = maybeAt(args, index);
      requireKind(value, elementAt(kinds, index), index + before + 1);
      if (typeof value === 'bigint') numbers.push(...halvesOf(value));
      else numbers.push(Number(value));
    }
    return run(...numbers);
  };
}

/** @throws TypeError for an argument, the `position`th, of another kind, as `typeof` says it. */
export function requireKind(value: unknown, kind: string, position: number): void {
  if (typeof value !== kind)
    throw new TypeError(`argument ${position} must be a ${kind}, not ${describeValue(value)}`);
}

function withResult(run: ScalarFunction, { result, upper }: TypedEntry): TypedFunction {
  switch (result) {
    case 'bool':
      return (...args: number[]) => run(...args) !== 0;
    case 'void':
      return (...args: number[]) => {
        run(...args);
      };
    case 'i64':
      return (...args: number[]) => {
        const low = run(...args);
        return wholeOf(low, upper());
      };
    default:
      return run as TypedFunction;
  }
}
