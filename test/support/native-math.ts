import type { Convention } from '../../src/jit/machine/convention.ts';
import type { FeatureLevel } from '../../src/jit/machine/feature-level.ts';
import type { Target } from '../../src/jit/machine/generate.ts';
import { hostTarget } from '../../src/jit/machine/host-target.ts';
import { JitRuntime } from '../../src/jit/runtime/jit-runtime.ts';
import { PlacedMath } from '../../src/jit/runtime/placed-math.ts';
import { requireAddon } from '../../src/native/loader.ts';
import { lazy } from './lazy.ts';

const runtime = lazy(() => new JitRuntime());
const placed = new Map<string, PlacedMath>();

/** The math library in memory, once for each kind of target. */
function placedMath(level: FeatureLevel, convention: Convention): PlacedMath {
  const key = `${level} ${convention.name}`;
  const known = placed.get(key) ?? new PlacedMath(runtime(), level, convention);
  placed.set(key, known);
  return known;
}

/** This process's CPU and platform, for code that runs. */
export function runnableTarget(overrides: Partial<Target> = {}): Target {
  const target = hostTarget(requireAddon(), overrides);
  return { ...target, math: placedMath(target.level, target.convention) };
}
