/** Functions of numbers as functions of all types: `adapt-entries.ts` says how values are made of numbers. */
import { halvesOf, wholeOf } from '../../jit/boundary/integer-halves.ts';
import type { BoundaryType, ValueBoundaryType } from '../../jit/ir/boundary-type.ts';
import { ReleasedError } from '../../jit/runtime/released-error.ts';
import { elementAt, maybeAt } from '../../support/element.ts';
import { apply } from '../../support/intrinsics.ts';
import { numberArgument } from '../../support/number-argument.ts';
import { requireKind } from '../../support/require-kind.ts';
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
 * A function of values of the entry's types; of a memory first, if it takes one. Numbers are taken as formulas take them: a boolean is 1
 * or 0.
 *
 * There is one closure for each small arity, as in `native-calls.ts`, and what code takes and gives anyway is the function itself.
 */
export function typedFunction(entry: TypedEntry): TypedFunction {
  if (!entry.takesMemory) return typed(entry, entry.on(undefined), 0);
  /** By memory, as long as that lives. */
  const known = new WeakMap<object, (...args: unknown[]) => unknown>();
  const onMemory = (memory: unknown): ((...args: unknown[]) => unknown) => {
    if (entry.released()) throw new ReleasedError();
    const made = typed(entry, entry.on(callMemory(memory)), 1) as (...args: unknown[]) => unknown;
    known.set(memory as object, made);
    return made;
  };
  const of = (memory: unknown): ((...args: unknown[]) => unknown) =>
    known.get(memory as object) ?? onMemory(memory);
  switch (entry.parameters.length) {
    case 0:
      return (memory: unknown) => of(memory)();
    case 1:
      return (memory: unknown, a: unknown) => of(memory)(a);
    case 2:
      return (memory: unknown, a: unknown, b: unknown) => of(memory)(a, b);
    case 3:
      return (memory: unknown, a: unknown, b: unknown, c: unknown) => of(memory)(a, b, c);
    default:
      return (memory: unknown, ...args: unknown[]) => of(memory)(...args);
  }
}

/** So many arguments stand in front of those of `run`, for messages. */
function typed(
  { parameters, result, upper }: TypedEntry,
  run: ScalarFunction,
  before: number,
): TypedFunction {
  const resultOf = resultFrom(result, upper);
  if (parameters.includes('i64')) return ofList(parameters, run, before, resultOf);
  const [isTruthA = false, isTruthB = false, isTruthC = false] = parameters.map((type) => type === 'bool');
  if (before === 0 && resultOf === plain && !parameters.includes('bool')) return run;
  const first = before + 1;
  switch (parameters.length) {
    case 0:
      return () => resultOf(run());
    case 1:
      return (a: unknown) => resultOf(run(numberOf(a, isTruthA, first)));
    case 2:
      return (a: unknown, b: unknown) =>
        resultOf(run(numberOf(a, isTruthA, first), numberOf(b, isTruthB, first + 1)));
    case 3:
      return (a: unknown, b: unknown, c: unknown) =>
        resultOf(
          run(
            numberOf(a, isTruthA, first),
            numberOf(b, isTruthB, first + 1),
            numberOf(c, isTruthC, first + 2),
          ),
        );
    default:
      return ofList(parameters, run, before, resultOf);
  }
}

/** Of any parameters, also integers of 64 bits, which are two numbers. */
function ofList(
  parameters: readonly ValueBoundaryType[],
  run: ScalarFunction,
  before: number,
  resultOf: (number: number) => unknown,
): TypedFunction {
  // Nobody else runs between the first number and the call, which reads them all before anything else.
  const numbers = parameters.flatMap((type) => (type === 'i64' ? [0, 0] : [0]));
  return (...args: unknown[]) => {
    let next = 0;
    for (let index = 0; index < parameters.length; index++) {
      const type = elementAt(parameters, index);
      const value = maybeAt(args, index);
      const position = before + index + 1;
      if (type !== 'i64') {
        numbers[next++] = numberOf(value, type === 'bool', position);
        continue;
      }
      const [low, high] = halvesOf(requireKind(value, 'bigint', position));
      numbers[next++] = low;
      numbers[next++] = high;
    }
    return resultOf(apply(run, undefined, numbers));
  };
}

function numberOf(value: unknown, isTruth: boolean, position: number): number {
  if (!isTruth) return numberArgument(value, position - 1, undefined);
  return requireKind(value, 'boolean', position) ? 1 : 0;
}

const plain = (number: number): unknown => number;

/** What JavaScript gets for the number that code gives. */
function resultFrom(type: BoundaryType, upper: () => number): (number: number) => unknown {
  switch (type) {
    case 'bool':
      return (number) => number !== 0;
    case 'void':
      return () => undefined;
    case 'i64':
      return (low) => wholeOf(low, upper());
    default:
      return plain;
  }
}
