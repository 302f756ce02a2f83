import { invariant } from '../../support/invariant.ts';

/** The CPU features that encodings ask for, by the names that `CpuInfo.features` uses. */
const names = [
  'sse2',
  'sse3',
  'ssse3',
  'sse4.1',
  'sse4.2',
  'popcnt',
  'movbe',
  'cmpxchg16b',
  'adx',
  'lzcnt',
  'bmi1',
  'bmi2',
  'rdtscp',
  'prfchw',
  'avx',
  'avx2',
  'f16c',
  'fma',
  'avx512f',
  'avx512cd',
  'avx512bw',
  'avx512dq',
  'avx512vl',
] as const;

/** The CPUID features that instructions may need, by their lower-case names. */
export type CpuFeature = (typeof names)[number];

const bits: ReadonlyMap<string, number> = new Map(names.map((name, index) => [name, 1 << index]));

/** The bit of one feature of the encoding table; none for `''`, what every x86-64 CPU has. */
export function cpuFeatureBit(name: string): number {
  if (name === '') return 0;
  const bit = bits.get(name);
  invariant(bit !== undefined, `unknown CPU feature ${name}`);
  return bit;
}

/** The bits of those features that encodings ask for; names of others are ignored. */
export function cpuFeatureBits(features: Iterable<string>): number {
  let set = 0;
  for (const name of features) set |= bits.get(name) ?? 0;
  return set;
}

/** The names of a set of bits. */
export function cpuFeatureNames(set: number): CpuFeature[] {
  return names.filter((_, index) => (set & (1 << index)) !== 0);
}
