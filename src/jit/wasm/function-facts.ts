/** What callers need to know of the functions of a module, before any code is there. */
import { invariant } from '../../support/invariant.ts';
import { callGraph, withCallers } from '../ir/call-graph.ts';
import type { FuelCosts, FunctionCost, StandIn } from '../ir/cost.ts';
import { type IrFunction, type IrModule, uses } from '../ir/function.ts';
import { op } from '../ir/opcode.ts';

export interface FunctionFacts {
  /** Number of the function that its traps name. */
  readonly index: number;
  /** What it charges; undefined: nothing. */
  readonly cost: FunctionCost | undefined;
  readonly isRecursive: boolean;
  /** Can it end by a trap: at a limit, or by an exception of the host? */
  readonly mayTrap: boolean;
  /** Does it call functions of the host, or what it calls? */
  readonly callsHost: boolean;
}

export interface FactsOptions {
  readonly costs: FuelCosts | undefined;
  readonly standIns: ReadonlyMap<IrFunction, StandIn> | undefined;
  readonly kernel: IrFunction | undefined;
}

export function functionFacts(
  module: IrModule,
  { costs, standIns, kernel }: FactsOptions,
): ReadonlyMap<IrFunction, FunctionFacts> {
  const { functions } = module;
  const graph = callGraph(module);
  const charged = functions.map((fn) => {
    const cost = fn === kernel ? undefined : (standIns?.get(fn)?.cost ?? costs?.of(fn));
    return cost !== undefined && cost.entry > 0 ? cost : undefined;
  });
  const hosting = withCallers(
    graph,
    functions.flatMap((fn, index) => (uses(fn, op.callhost) ? index : [])),
  );
  const trapping = withCallers(
    graph,
    functions.flatMap((fn, index) =>
      charged[index] !== undefined || graph.recursive.has(fn) || hosting.has(index) || uses(fn, op.bound)
        ? index
        : [],
    ),
  );
  return new Map(
    functions.map((fn, index) => [
      fn,
      {
        index: standIns?.get(fn)?.index ?? index,
        cost: charged[index],
        isRecursive: graph.recursive.has(fn),
        mayTrap: trapping.has(index),
        callsHost: hosting.has(index),
      },
    ]),
  );
}

/** The facts of a function that is known to have some. */
export function factsOf(facts: ReadonlyMap<IrFunction, FunctionFacts>, fn: IrFunction): FunctionFacts {
  const own = facts.get(fn);
  invariant(own !== undefined, `${fn.name} is a function of the module`);
  return own;
}
