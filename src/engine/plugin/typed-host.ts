/** Host functions of all types, as functions of numbers: `adapt-hosts.ts` says how values are made of these. */
import type { AdaptedHost } from '../../jit/boundary/adapt-hosts.ts';
import { halvesOf, wholeOf } from '../../jit/boundary/integer-halves.ts';
import { type BoundaryType, javascriptTypeOf, type ValueBoundaryType } from '../../jit/ir/boundary-type.ts';
import type { IrModule } from '../../jit/ir/function.ts';
import { cutText } from '../../support/cut-text.ts';
import { describeKind, describeValue } from '../../support/describe-value.ts';
import { apply } from '../../support/intrinsics.ts';
import { readOptions } from '../../support/options.ts';
import type { HostImplementation } from '../backends/host-call.ts';

/** What a host function takes and gives. */
type HostValue = number | bigint | boolean;
/** A host function. Arguments may be declared as the types that the module says they have. */
export type TypedHost = {
  /** Gives what the module says that it gives. */
  call(...args: HostValue[]): unknown;
}['call'];

/** What stands behind the adapted hosts, in their order; `call` finds what the caller has given for a name. */
export function typedHosts(
  adapted: readonly AdaptedHost[],
  callOf: (name: string) => TypedHost,
): HostImplementation[] {
  /** By name: the upper half of what the host gave last. Nobody else runs before it is asked for. */
  const uppers = new Map<string, number>();
  return adapted.map(({ name, parameters, result, part }): HostImplementation => {
    if (part === 'upper') return { name, run: () => uppers.get(name), toNumber: Number };
    const call = callOf(name) as (...args: HostValue[]) => unknown;
    const hasNumbersOnly = parameters.every((type) => type !== 'i64' && type !== 'bool');
    return {
      name,
      run: hasNumbersOnly ? call : (...numbers) => apply(call, undefined, valuesOf(parameters, numbers)),
      toNumber: toNumberFrom(result, (upper) => uppers.set(name, upper)),
    };
  });
}

function valuesOf(parameters: readonly ValueBoundaryType[], numbers: readonly number[]): HostValue[] {
  let next = 0;
  const take = (): number => (next < numbers.length ? (numbers[next++] as number) : 0);
  return parameters.map((type) => {
    const number = take();
    if (type === 'bool') return number !== 0;
    return type === 'i64' ? wholeOf(number, take()) : number;
  });
}

/** How a host function's results of the type become numbers. */
function toNumberFrom(type: BoundaryType, setUpper: (upper: number) => void): HostImplementation['toNumber'] {
  switch (type) {
    case 'void':
      return () => 0;
    case 'bool':
      return (value, name) => Number(typeof value === 'boolean' ? value : refuse(value, name, type));
    case 'i64':
      return (value, name) => {
        const [low, high] = halvesOf(typeof value === 'bigint' ? value : refuse(value, name, type));
        setUpper(high);
        return low;
      };
    default:
      return (value, name) => (typeof value === 'number' ? value : refuse(value, name, type));
  }
}

function refuse(value: unknown, name: string, type: ValueBoundaryType): never {
  throw new TypeError(
    `the host function '${cutText(name)}' returned ${describeKind(value)}; it must return a ${javascriptTypeOf(type)}`,
  );
}

/** By name, what stands behind the hosts of a module. */
export function hostCalls(
  { hosts }: IrModule,
  given: Readonly<Record<string, TypedHost>> | undefined,
): ReadonlyMap<string, TypedHost> {
  const declared = [...new Set(hosts.map(({ name }) => name))];
  const calls = readOptions<Record<string, TypedHost>>(given, declared, 'hosts');
  return new Map(
    declared.map((name) => {
      const call: unknown = calls[name];
      if (typeof call === 'function') return [name, call as TypedHost];
      throw new TypeError(
        `hosts.${name} must be a function, since the module declares it, not ${describeValue(call)}`,
      );
    }),
  );
}
