import type { JitRuntime } from '../jit/jit-runtime.ts';
import { writeJitDump } from '../jit/jitdump.ts';
import { writePerfMap } from '../jit/perf-map.ts';

/**
 * Lets Linux's `perf` name the code of `runtime` if the environment variable `EXPRJIT_PERF` says how: `dump` writes a jitdump
 * file into the working directory, `map` a perf map. Returns what ends this.
 */
export function profileAsAsked(runtime: JitRuntime): () => void {
  const { EXPRJIT_PERF: way } = process.env;
  if (way === undefined || way === '') return () => {};
  if (way === 'dump') return writeJitDump(runtime);
  if (way === 'map') return writePerfMap(runtime);
  process.emitWarning(`EXPRJIT_PERF must be dump or map, not ${way}`, { code: 'EXPRJIT_PERF' });
  return () => {};
}
