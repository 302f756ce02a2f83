import type { Addon } from '../../native/addon.ts';
import { noOptions, settings } from '../../support/settings.ts';
import { sysv, win64 } from './convention.ts';
import { levelsOf } from './feature-level.ts';
import type { Target } from './generate.ts';
import { unplacedMath } from './math-code.ts';

/**
 * This process's CPU and platform. `level` defaults to the highest that the CPU has. Code that calls the math library is to be looked
 * at, unless `math` says where that is: see `runtime/placed-math.ts`.
 */
export function hostTarget(addon: Addon, overrides: Partial<Target> = noOptions): Target {
  const given = settings(overrides);
  const levels = levelsOf(addon.cpuInfo().features);
  const level = given.level ?? levels.at(-1) ?? 'sse2';
  const convention = given.convention ?? (process.platform === 'win32' ? win64 : sysv);
  const math = unplacedMath(level, convention);
  return { arithmetic: addon.arithmetic(), math, fuel: true, ...given, level, convention };
}
