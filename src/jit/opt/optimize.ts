import { noOptions, settings } from '../../support/settings.ts';
import { callGraph, callsAny, reachableFrom } from '../ir/call-graph.ts';
import type { IrFunction, IrModule } from '../ir/function.ts';
import { assertVerified } from '../ir/verifier.ts';
import { isSmall } from './inline-calls.ts';
import { lowerSwitches } from './lower-switches.ts';
import type { Pass, PassContext, PassOptions } from './pass.ts';
import { passes } from './passes.ts';

export interface OptimizeOptions extends Partial<PassOptions> {
  /** 0: what the language promises and code generation needs (tail calls, block order); 1: everything. */
  readonly level?: 0 | 1;
  /** Called after each pass that changed the function, with the pass's name in `passes.ts`. */
  readonly trace?: ((pass: string, fn: IrFunction) => void) | undefined;
  /** The functions that the caller wants; the others go once nothing calls them. All stay if left out. */
  readonly roots?: readonly string[];
  /** Check the whole module before the first pass and after each. */
  readonly verify?: boolean;
}

/**
 * Rewrites a correct module in place: same results, bit for bit unless `fastMath`, in less time. At either level, the
 * blocks of each function stand in reverse postorder afterwards and all are reachable.
 */
export function optimize(module: IrModule, given: OptimizeOptions = noOptions): void {
  const options = settings(given);
  const { level = 1, roots } = options;
  if (options.verify === true) assertVerified(module, 'before optimisation');
  lowerSwitches(module, (fn) => {
    options.trace?.('lower-switches', fn);
    if (options.verify === true) assertVerified(module, `after lower-switches of ${fn.name}`);
  });
  const inlinable = new Map<string, IrFunction>();
  const context: PassContext = { module, inlinable, options: passOptions(options) };
  for (const pass of passes) {
    if (!pass.early || pass.level > level) continue;
    for (const fn of module.functions) runPass(pass, fn, context, options);
  }
  const graph =
    module.functions.length > 1 && module.functions.some(callsAny) ? callGraph(module) : undefined;
  for (const fn of graph?.calleesFirst ?? module.functions) {
    let changedBy: string[] | undefined;
    for (const pass of passes) {
      if (pass.early || pass.level > level) continue;
      if (pass.follows?.some((name) => changedBy?.includes(name)) === false) continue;
      if (!runPass(pass, fn, context, options)) continue;
      if (changedBy === undefined) changedBy = [pass.name];
      else changedBy.push(pass.name);
    }
    if (level > 0 && graph?.recursive.has(fn) === false && isSmall(fn)) inlinable.set(fn.name, fn);
  }
  if (roots !== undefined) keepReachable(module, roots);
}

function passOptions(options: OptimizeOptions): PassOptions {
  return {
    fastMath: options.fastMath ?? false,
    fma: options.fma ?? false,
    wideIntegers: options.wideIntegers ?? false,
    speculation: options.speculation ?? 'cheap',
  };
}

function runPass(pass: Pass, fn: IrFunction, context: PassContext, options: OptimizeOptions): boolean {
  const changed = pass.run(fn, context);
  if (changed) options.trace?.(pass.name, fn);
  if (options.verify === true) assertVerified(context.module, `after ${pass.name} of ${fn.name}`);
  return changed;
}

function keepReachable(module: IrModule, roots: readonly string[]): void {
  if (module.functions.length === roots.length) return;
  const kept = reachableFrom(module, roots);
  const functions = module.functions.filter((fn) => kept.has(fn));
  module.functions.length = 0;
  for (const fn of functions) module.functions.push(fn);
}
