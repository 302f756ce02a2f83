/**
 * Which values from outside each function needs, its callees' included, so that calls can pass them along.
 */
import type { FunctionUnderCheck, LocalVariable } from './definitions.ts';

/**
 * Spreads captures from callees to callers until nothing changes. A function with more than `limit` is returned
 * instead of growing further.
 */
export function spreadCaptures(
  functions: readonly FunctionUnderCheck[],
  limit: number,
): FunctionUnderCheck | undefined {
  const callers = new Map<FunctionUnderCheck, FunctionUnderCheck[]>();
  const known = new Map<FunctionUnderCheck, Set<LocalVariable>>();
  for (const fn of functions) {
    known.set(fn, new Set(fn.captures));
    for (const callee of fn.callees) {
      const list = callers.get(callee);
      if (list === undefined) callers.set(callee, [fn]);
      else list.push(fn);
    }
  }
  const changed = functions.filter((fn) => fn.captures.length > 0);
  for (let callee = changed.pop(); callee !== undefined; callee = changed.pop()) {
    for (const caller of callers.get(callee) ?? []) {
      const captures = known.get(caller);
      if (captures === undefined) continue;
      const before = captures.size;
      for (const variable of callee.captures) captures.add(variable);
      if (captures.size === before) continue;
      caller.captures = [...captures];
      if (caller.parameters.length + captures.size > limit) return caller;
      changed.push(caller);
    }
  }
  return undefined;
}
