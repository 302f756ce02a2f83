import type { FeatureLevel } from '../../jit/machine/feature-level.ts';
import type { Statistics } from '../../mem/statistics.ts';

/** A snapshot of what an engine holds and has done. */
export interface EngineStatistics {
  /** How this engine runs what it compiles. */
  readonly backend: 'native' | 'wasm' | 'interpreter';
  /** Why an engine that may run machine code does not; undefined if it does, or may not. */
  readonly fallbackReason: string | undefined;
  /** The instruction sets in use; undefined unless code is machine code. */
  readonly cpu: FeatureLevel | undefined;
  /**
   * How code is entered that neither loops nor recurses nor calls functions of the host: by V8's fast calls, or as all other code by
   * Node-API. Undefined unless code is machine code.
   */
  readonly calls: 'fast' | 'node-api' | undefined;
  /** Why calls of machine code are not fast; undefined if they are. */
  readonly slowCallReason: string | undefined;
  /** Sources compiled so far, those that the cache had not counted. */
  readonly compileCount: number;
  /** Callables that are neither released nor collected. */
  readonly functionCount: number;
  readonly cache: {
    /** Sources kept, and how many may be. */
    readonly size: number;
    readonly capacity: number;
    readonly hits: number;
    readonly misses: number;
  };
  /** Executable memory; all zero without machine code. */
  readonly memory: Statistics;
}
