import { writeJitDump } from '../../jit/profiling/jitdump.ts';
import { writePerfMap } from '../../jit/profiling/perf-map.ts';
import type { JitRuntime } from '../../jit/runtime/jit-runtime.ts';
import { environmentVariable } from '../../support/environment-variable.ts';

/**
 * Lets Linux's `perf` name the code of `runtime` if the environment variable `EXPRJIT_PERF` says how: `dump` writes a jitdump
 * file into the working directory, `map` a perf map. Returns what ends this.
 */
export function profileAsAsked(runtime: JitRuntime): () => void {
  const way = environmentVariable('EXPRJIT_PERF');
  if (way === '') return () => {};
  if (way === 'dump') return writeJitDump(runtime);
  if (way === 'map') return writePerfMap(runtime);
  process.emitWarning(`EXPRJIT_PERF must be dump or map, not ${way}`, { code: 'EXPRJIT_PERF' });
  return () => {};
}
