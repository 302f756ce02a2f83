/** Who calls whom in a module: which functions can call themselves, and an order in which callees come first. */
import { componentsOf, isCycle } from '../../support/components.ts';
import { elementAt } from '../../support/element.ts';
import { type IrFunction, type IrModule, uses } from './function.ts';
import { op } from './opcode.ts';

/** What `callGraph` finds. */
export interface CallGraph {
  /** By index of a function in the module: the indices of those that it calls, each once. */
  readonly callees: readonly (readonly number[])[];
  /** Callees before callers, but inside a cycle, where no such order exists. */
  readonly calleesFirst: readonly IrFunction[];
  /** The functions that can come to call themselves, directly or through others. */
  readonly recursive: ReadonlySet<IrFunction>;
}

/** The graph of the calls in a module. */
export function callGraph(module: IrModule): CallGraph {
  const functions = module.functions;
  const callees = calleeLists(functions);
  const calleesFirst: IrFunction[] = [];
  const recursive = new Set<IrFunction>();
  for (const members of componentsOf(callees)) {
    const isRecursive = isCycle(members, callees);
    for (const member of members) {
      const fn = elementAt(functions, member);
      calleesFirst.push(fn);
      if (isRecursive) recursive.add(fn);
    }
  }
  return { callees, calleesFirst, recursive };
}

/** By the caller's index, the indices of its callees, each once. */
function calleeLists(functions: readonly IrFunction[]): number[][] {
  const indices = new Map(functions.map((fn, index) => [fn.name, index]));
  return functions.map((fn) => {
    const list = new Set<number>();
    for (const block of fn.blocks) {
      for (const instruction of block.instructions) {
        if (instruction.op !== op.call) continue;
        const callee = indices.get(String(instruction.immediate));
        if (callee !== undefined) list.add(callee);
      }
    }
    return [...list];
  });
}

/** Indices of functions: those given, and all that come to call them. */
export function withCallers({ callees }: CallGraph, given: Iterable<number>): ReadonlySet<number> {
  const callers = callees.map((): number[] => []);
  callees.forEach((list, caller) => {
    for (const callee of list) elementAt(callers, callee).push(caller);
  });
  // Those that are added while it goes on are visited as well.
  const found = new Set(given);
  for (const index of found) for (const caller of elementAt(callers, index)) found.add(caller);
  return found;
}

/** Does the function call any of its module? */
export function callsAny(fn: IrFunction): boolean {
  return uses(fn, op.call);
}

/** The functions of the given names, and all that they come to call. */
export function reachableFrom(module: IrModule, roots: readonly string[]): ReadonlySet<IrFunction> {
  const indices = new Map(module.functions.map((fn, index) => [fn.name, index]));
  const callees = calleeLists(module.functions);
  const reached = new Set<number>();
  const work: number[] = roots.flatMap((name) => indices.get(name) ?? []);
  for (let index = work.pop(); index !== undefined; index = work.pop()) {
    if (reached.has(index)) continue;
    reached.add(index);
    for (const callee of elementAt(callees, index)) work.push(callee);
  }
  return new Set([...reached].map((index) => elementAt(module.functions, index)));
}
