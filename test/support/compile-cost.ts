/** What it costs to compile a source and its first kernel. */
import { Engine } from '../../src/engine/engine.ts';
import { CompileError } from '../../src/lang/compile-error.ts';

export interface CompileCost {
  /** Milliseconds of this process's time, of all its threads. */
  readonly time: number;
  /** Bytes that the process has had resident, at most. */
  readonly memory: number;
  /** Why the source was refused, if it was. */
  readonly refusal: string | undefined;
}

/** Under default limits. No row is computed: what it costs to run is the business of fuel. */
export function compileCost(source: string, parameters: readonly string[]): CompileCost {
  using engine = new Engine();
  const start = process.cpuUsage();
  let refusal: string | undefined;
  try {
    const f = engine.compile(source, parameters);
    f.map(Object.fromEntries(parameters.map((name) => [name, new Float64Array(0)])));
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    refusal = error.code;
  }
  const { user, system } = process.cpuUsage(start);
  return { time: (user + system) / 1000, memory: process.resourceUsage().maxRSS * 1024, refusal };
}
