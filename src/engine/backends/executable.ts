import type { IrModule } from '../../jit/ir/function.ts';
import type { KernelSpec } from '../../jit/kernel/kernel-spec.ts';
import type { Edges } from '../../lang/row-functions.ts';
import type { ValueType } from '../../lang/typed-ast.ts';
import type { Address } from '../../native/address.ts';
import type { AheadPlan } from '../front/ahead-plan.ts';
import type { RowPlan } from '../front/row-plan.ts';
import type { CallMemory } from './call-memory.ts';
import type { GlobalStore } from './global-store.ts';
import type { LoadedKernel } from './loaded-kernel.ts';

/** What a source evaluates to; a boolean comes back from a call as 1 or 0. */
export type ResultType = 'number' | 'boolean';

/** The type of the language's that stands for a type of the IR's. */
export function resultTypeOf(type: ValueType): ResultType {
  return type === 'bool' ? 'boolean' : 'number';
}

/** The machine code of a compiled function. */
export interface CompiledCode {
  /** Where the code is, as long as the function is not released. */
  readonly address: Address;
  /** Bytes, constants included. */
  readonly size: number;
  /** A copy of the machine code. Throws `ReleasedError` after release. */
  bytes(): Uint8Array;
  /** The instructions with offsets and bytes, for people. */
  listing(): string;
}

/** One use of code, as what runs it sees it: read right before the code is entered. */
export interface Releasable {
  readonly released: boolean;
}

/** What a backend made of one source: one or more functions in one piece of memory. */
export interface Executable {
  readonly code: CompiledCode | undefined;
  readonly source: string;
  readonly functions: readonly ExecutableFunction[];
  /** Milliseconds that one call may take. */
  readonly timeout: number | undefined;
  /** The optimised IR, as it was compiled. */
  readonly ir: IrModule;
  /** Values of the module's variables. */
  readonly globals: GlobalStore;
  /** Its machine code with what each line is for; undefined where there is none. */
  readonly listed: (() => ListedCode) | undefined;
  /** A kernel of its functions. */
  loadKernel(spec: KernelSpec): LoadedKernel;
  /** Gives the memory back, when the last activation has ended. */
  release(): void;
}

/** A function that looks at other rows than its own. */
export interface RowFunction {
  readonly plan: RowPlan;
  /** Undefined if all of a row is computed when its turn comes. */
  readonly ahead: AheadPlan | undefined;
  loadKernel(spec: KernelSpec): LoadedKernel;
}

/** A function of an {@link Executable}. */
export interface ExecutableFunction {
  readonly name: string;
  /** Name of the IR function behind it. */
  readonly irName: string;
  readonly parameters: readonly string[];
  readonly resultType: ResultType;
  /** Of a function that looks at other rows than its own: what runs it, by what elements beyond the rows are. */
  readonly ofRows?: (edges: Edges) => RowFunction;
  /**
   * A function of numbers that runs this one as long as `target` is not released; code that accesses memory accesses `memory`, which has
   * to lie where this backend's code can reach it.
   */
  callable(target: Releasable, memory?: CallMemory): (...args: number[]) => number;
}

/** Machine code for people, made again: to keep it would cost more than the code. */
export interface ListedCode {
  /** Of a kernel the loop, as IR. */
  readonly loop: string | undefined;
  readonly lines: readonly { readonly text: string; readonly value: string | undefined }[];
}

/** Code of a backend that is no executable's own. */
export interface CodePiece {
  /** A loop over the rows of arrays, or a piece of the math library. */
  readonly kind: 'kernel' | 'library';
  /** Of a kernel the source. */
  readonly name: string;
  readonly address: number;
  /** Bytes, constants included. */
  readonly size: number;
  /** What it is as long as it is there; of a kernel the {@link LoadedKernel}. */
  readonly key: object;
  /** Of a kernel the types of columns and results, and what its code is; undefined for what is no kernel. */
  readonly kernel: { readonly signature: string; readonly listed: () => ListedCode } | undefined;
}
