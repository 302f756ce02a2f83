/** What code generation may use of the CPU, in steps that real CPUs have. */

import type { LaneCount } from '../ir/type.ts';

/** The levels, lowest first. */
export const featureLevels = Object.freeze(['sse2', 'sse4.1', 'avx2', 'avx512'] as const);

/** One of {@link featureLevels}: each includes those before it. `avx2` includes FMA. */
export type FeatureLevel = (typeof featureLevels)[number];

export interface LevelTraits {
  /** `roundsd`. */
  readonly hasRound: boolean;
  /** Three-operand VEX encodings, a blend by mask in any register, and fused multiply-add. */
  readonly hasVex: boolean;
  /** EVEX: vectors of 512 bits, 32 of them, and mask registers. */
  readonly hasMasks: boolean;
}

const traits: Readonly<Record<FeatureLevel, LevelTraits>> = Object.freeze({
  sse2: { hasRound: false, hasVex: false, hasMasks: false },
  'sse4.1': { hasRound: true, hasVex: false, hasMasks: false },
  avx2: { hasRound: true, hasVex: true, hasMasks: false },
  avx512: { hasRound: true, hasVex: true, hasMasks: true },
});

export function traitsOf(level: FeatureLevel): LevelTraits {
  return traits[level];
}

/** Lanes of the widest vectors of a level. */
export function lanesOfLevel(level: FeatureLevel): LaneCount {
  const { hasMasks, hasVex } = traits[level];
  return hasMasks ? 8 : hasVex ? 4 : 2;
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
