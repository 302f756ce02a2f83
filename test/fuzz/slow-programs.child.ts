/** Measures the sources that its parent sends. */
import { compileCost } from '../support/compile-cost.ts';

export interface MeasureRequest {
  readonly source: string;
  readonly parameters: readonly string[];
}

process.on('message', ({ source, parameters }: MeasureRequest) => {
  process.send?.(compileCost(source, parameters));
});
