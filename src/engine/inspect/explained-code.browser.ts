/** Where there is no machine code, explanations have none: see `explained-code.ts`. */
import type { FeatureLevel } from '../../jit/machine/feature-level.ts';

export function bestLevel(): FeatureLevel {
  return 'sse2';
}

export function explainedCode(): undefined {
  return undefined;
}
