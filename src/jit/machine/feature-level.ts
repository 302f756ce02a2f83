/** What code generation may use of the CPU, in steps that real CPUs have. */

import type { LaneCount } from '../ir/type.ts';
import type { LegalTarget } from '../opt/legalise/expander.ts';
import type { VectorTarget } from '../opt/vectorise/vectorise.ts';

/** The levels, lowest first. */
export const featureLevels = Object.freeze(['sse2', 'sse4.1', 'avx2', 'avx512'] as const);

/** One of {@link featureLevels}: each includes those before it. `avx2` includes FMA. */
export type FeatureLevel = (typeof featureLevels)[number];

/** Rounding is `roundsd`; masks are EVEX: vectors of 512 bits, 32 of them, and mask registers. */
export interface LevelTraits extends LegalTarget {
  /** Three-operand VEX encodings, a blend by mask in any register, and fused multiply-add. */
  readonly hasVex: boolean;
}

const baseline = { hasRound: false, hasVex: false, hasFma: false, hasSelect: false, hasNumbers: false };
const vex = { hasRound: true, hasVex: true, hasFma: true, hasSelect: true, hasNumbers: false };

const traits: Readonly<Record<FeatureLevel, LevelTraits>> = Object.freeze({
  sse2: { ...baseline, hasMasks: false },
  'sse4.1': { ...baseline, hasRound: true, hasMasks: false },
  avx2: { ...vex, hasMasks: false },
  avx512: { ...vex, hasMasks: true },
});

export function traitsOf(level: FeatureLevel): LevelTraits {
  return traits[level];
}

/** Lanes of the widest vectors of a level. */
export function lanesOfLevel(level: FeatureLevel): LaneCount {
  const { hasMasks, hasVex } = traits[level];
  return hasMasks ? 8 : hasVex ? 4 : 2;
}

/** Registers that vectors may have: what is left of sixteen, or of thirty-two. */
const [vectorRegisters, vectorRegistersWithMasks] = [14, 30];

/** What a level has for kernels. */
export function vectorTargetOf(level: FeatureLevel): VectorTarget {
  const own = traits[level];
  const registers = own.hasMasks ? vectorRegistersWithMasks : vectorRegisters;
  return { ...own, lanes: lanesOfLevel(level), registers };
}

/** CPUID names that each level needs beyond the level before it. */
const needs: Readonly<Record<FeatureLevel, readonly string[]>> = Object.freeze({
  sse2: ['sse2'],
  'sse4.1': ['sse4.1'],
  avx2: ['avx', 'avx2', 'fma'],
  avx512: ['avx512f', 'avx512bw', 'avx512cd', 'avx512dq', 'avx512vl'],
});

/** The levels that a CPU with these features has, lowest first. */
export function levelsOf(features: readonly string[]): FeatureLevel[] {
  const available = new Set(features);
  const levels: FeatureLevel[] = [];
  for (const level of featureLevels) {
    if (!needs[level].every((feature) => available.has(feature))) break;
    levels.push(level);
  }
  return levels;
}
