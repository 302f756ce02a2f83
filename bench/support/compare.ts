/**
 * Measures ways of doing the same thing against each other. Absolute times move with the machine and its
 * neighbours, so the ways take turns in short samples (A B C A B C …), each round gives one ratio to the
 * baseline, and the median of those is what counts.
 */
import { median, medianRatio } from './statistics.ts';

export interface Candidate {
  readonly name: string;
  /** Does the work `iterations` times. */
  readonly run: (iterations: number) => void;
}

export interface Measurement {
  readonly name: string;
  /** Median over the rounds, in nanoseconds per iteration. */
  readonly nanoseconds: number;
  /** Median over the rounds of this candidate's time divided by the baseline's in the same round. */
  readonly ratio: number;
}

export interface CompareOptions {
  /** Name of the candidate to which ratios are taken; the first if left out. */
  readonly baseline?: string;
  readonly rounds?: number;
  /** Target length of one sample in milliseconds. */
  readonly sample?: number;
  /** Milliseconds of work before anything is measured, for V8 to optimise it: a compiler takes longer than a formula. */
  readonly warmUp?: number;
}

export function compare(candidates: readonly Candidate[], options: CompareOptions = {}): Measurement[] {
  const { rounds = 21, sample = 12, warmUp = 200 } = options;
  for (const candidate of candidates) warm(candidate, warmUp);
  const iterations = candidates.map((candidate) => calibrate(candidate, sample));
  const times = candidates.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    candidates.forEach((candidate, index) => {
      const count = iterations[index] as number;
      (times[index] as number[]).push(time(candidate, count) / count);
    });
  }
  const baseline = Math.max(
    0,
    candidates.findIndex((candidate) => candidate.name === options.baseline),
  );
  const reference = times[baseline] as number[];
  return candidates.map((candidate, index) => {
    const own = times[index] as number[];
    return { name: candidate.name, nanoseconds: median(own), ratio: medianRatio(own, reference) };
  });
}

function warm(candidate: Candidate, milliseconds: number): void {
  let spent = 0;
  for (let count = 1; spent < milliseconds * 1e6; count = Math.min(count * 2, 1 << 16)) {
    spent += time(candidate, count);
  }
}

/** How often to iterate so that a sample takes `sample` milliseconds. */
function calibrate(candidate: Candidate, sample: number): number {
  let count = 1;
  for (;;) {
    const milliseconds = time(candidate, count) / 1e6;
    if (milliseconds >= sample) return count;
    count = Math.ceil(count * Math.min(10, Math.max(1.5, (1.2 * sample) / Math.max(milliseconds, 1e-3))));
  }
}

/** Nanoseconds that `count` iterations take. */
function time(candidate: Candidate, count: number): number {
  const start = process.hrtime.bigint();
  candidate.run(count);
  return Number(process.hrtime.bigint() - start);
}
