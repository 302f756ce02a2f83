import type { Executable, ExecutableFunction } from '../backends/executable.ts';
import type { FormulaNulls } from '../columns/null-kernels.ts';
import { CallTarget, type GradientMaker, SharedCode } from './shared-code.ts';

/** Code with one user, who made it; see {@link SharedCode}. */
export function shareCode(
  executable: Executable,
  nulls: (fn: ExecutableFunction) => FormulaNulls,
): SharedCode {
  return new SharedCode(executable, nulls);
}

/** Takes over one use of `code`; the target is in `live` until it is released. */
export function createTarget(
  fn: ExecutableFunction,
  code: SharedCode,
  live: Set<CallTarget>,
  makeGradient: GradientMaker,
): CallTarget {
  return new CallTarget(fn, code, live, makeGradient);
}
