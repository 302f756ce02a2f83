import type { IrFunction, IrModule } from '../ir/function.ts';

/** What every pass may know beyond the function it works on. */
export interface PassContext {
  readonly module: IrModule;
  readonly options: PassOptions;
  /** By name: the functions, complete by now, that may be copied into their callers. */
  readonly inlinable: ReadonlyMap<string, IrFunction>;
}

export interface PassOptions {
  /** Allow results that differ from JavaScript's in rounding, in the sign of zero and where NaN or infinities occur. */
  readonly fastMath: boolean;
  /** The target has fused multiply-add, so `fastMath` may contract to it. */
  readonly fma: boolean;
  /** Code is for one lane, where integers of 64 bits cost what those of 32 do. */
  readonly wideIntegers: boolean;
  /** Which conditionals become selects: those that cost less than a mispredicted branch, or all that are pure. */
  readonly speculation: 'cheap' | 'all';
}

export interface Pass {
  readonly name: string;
  /** The least optimisation level at which it runs. */
  readonly level: 0 | 1;
  /** Rewrites the function in place; says whether it changed anything. */
  readonly run: (fn: IrFunction, context: PassContext) => boolean;
  /** Works on every function of the module before any later pass works on one. */
  readonly early: boolean;
  /** Runs only where one of these has changed something. */
  readonly follows: readonly string[] | undefined;
}

/** `before` must stand before `after` in the table, and why. */
export interface Ordering {
  readonly before: string;
  readonly after: string;
  readonly reason: string;
}
