/** What callers need to know of the functions of a module, before any code is there. */
import { invariant } from '../../support/invariant.ts';
import { callGraph } from '../ir/call-graph.ts';
import type { FuelCosts, FunctionCost, StandIn } from '../ir/cost.ts';
import type { IrFunction, IrModule } from '../ir/function.ts';
import { op } from '../ir/opcode.ts';

export interface FunctionFacts {
  /** Number of the function that its traps name. */
  readonly index: number;
  /** What it charges; undefined: nothing. */
  readonly cost: FunctionCost | undefined;
  readonly isRecursive: boolean;
  /** Can it end by a trap: at a limit, or by an exception of the host? */
  mayTrap: boolean;
  /** Does it call functions of the host, or what it calls? */
  callsHost: boolean;
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
  const facts = new Map<IrFunction, FunctionFacts>();
  const { calleesFirst, recursive } = callGraph(module);
  const byName = new Map(module.functions.map((fn) => [fn.name, fn]));
  const callers = new Map<IrFunction, IrFunction[]>();
  for (const fn of calleesFirst) {
    const standIn = standIns?.get(fn);
    const cost = fn === kernel ? undefined : (standIn?.cost ?? costs?.of(fn));
    const charges = cost !== undefined && cost.entry > 0;
    const isRecursive = recursive.has(fn);
    let callsHost = false;
    for (const { instructions } of fn.blocks) {
      for (const { op: opcode, immediate } of instructions) {
        if (opcode === op.callhost) callsHost = true;
        if (opcode !== op.call) continue;
        const callee = byName.get(String(immediate));
        invariant(callee !== undefined, `the module has no function ${immediate}`);
        const list = callers.get(callee);
        if (list === undefined) callers.set(callee, [fn]);
        else list.push(fn);
      }
    }
    const index = standIn?.index ?? module.functions.indexOf(fn);
    const mayTrap = charges || isRecursive || callsHost;
    facts.set(fn, { index, cost: charges ? cost : undefined, isRecursive, mayTrap, callsHost });
  }
  inherit(facts, callers);
  return facts;
}

/** What a function does, its callers do. */
function inherit(
  facts: ReadonlyMap<IrFunction, FunctionFacts>,
  callers: ReadonlyMap<IrFunction, readonly IrFunction[]>,
): void {
  const pending = [...facts.keys()];
  for (let fn = pending.pop(); fn !== undefined; fn = pending.pop()) {
    const own = facts.get(fn);
    for (const caller of callers.get(fn) ?? []) {
      const theirs = facts.get(caller);
      if (own === undefined || theirs === undefined) continue;
      const isNew = (own.mayTrap && !theirs.mayTrap) || (own.callsHost && !theirs.callsHost);
      if (!isNew) continue;
      theirs.mayTrap ||= own.mayTrap;
      theirs.callsHost ||= own.callsHost;
      pending.push(caller);
    }
  }
}

/** The facts of a function that is known to have some. */
export function factsOf(facts: ReadonlyMap<IrFunction, FunctionFacts>, fn: IrFunction): FunctionFacts {
  const own = facts.get(fn);
  invariant(own !== undefined, `${fn.name} is a function of the module`);
  return own;
}
