import type { ReductionKind } from '../../jit/kernel/kernel-spec.ts';
import { maxKnownColumns } from '../../native/kernel-request.ts';
import { elementAt, maybeAt } from '../../support/element.ts';
import type { ShortRun } from '../backends/short-run.ts';

/** The kernels of a function with few parameters that were used last, as far as they have a short way (see `short-run.ts`). */
export class ShortKernels {
  /** Names of the parameters. */
  readonly first: string;
  readonly second: string | undefined;
  readonly third: string | undefined;
  readonly count: number;
  /** Of the kernel that mapped last. */
  mapping: ShortRun | undefined;
  /** Of the kernel that reduced last. */
  reduction: ShortRun | undefined;
  reductionKind: ReductionKind | undefined;

  /** Undefined where there are more parameters than a short way takes. */
  static of(parameters: readonly string[]): ShortKernels | undefined {
    const isFew = parameters.length > 0 && parameters.length <= maxKnownColumns;
    return isFew ? new ShortKernels(parameters) : undefined;
  }

  private constructor(parameters: readonly string[]) {
    this.first = elementAt(parameters, 0);
    this.second = maybeAt(parameters, 1);
    this.third = maybeAt(parameters, 2);
    this.count = parameters.length;
  }

  forget(): void {
    this.mapping = undefined;
    this.reduction = undefined;
  }
}
