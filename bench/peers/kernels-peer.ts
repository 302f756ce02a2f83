import { columnValue, type KernelWorkload, pictureValue } from '../kernels.workloads.ts';

/** One way to compute workloads. */
export interface KernelPeer<Workload = KernelWorkload> {
  readonly name: string;
  /** It can express loops within a row. */
  readonly takesLoops?: true;
  /** Why it cannot take part on this machine, or undefined; called once, before all else. */
  unavailable(): string | undefined | Promise<string | undefined>;
  /** Gets a workload ready for columns of a length; undefined if this peer cannot express it. */
  prepare(
    workload: Workload,
    length: number,
  ): PreparedKernel | undefined | Promise<PreparedKernel | undefined>;
  /** Called once, after all else. */
  close?(): void;
}

export interface PreparedKernel {
  /** Nanoseconds of processor time that `iterations` runs over the whole columns take. */
  measure(iterations: number): number | Promise<number>;
  /** What the last run gave: each output's first {@link probeCount} elements, or the reduced number. */
  probe(): readonly number[] | Promise<readonly number[]>;
  release?(): void;
}

/** How many elements of each output are compared between peers. */
export const probeCount = 64;

export type Column = Float64Array | Float32Array;

export function createColumns(workload: KernelWorkload, length: number): Record<string, Column> {
  const kind = workload.columnType === 'f32' ? Float32Array : Float64Array;
  const entries = Object.entries(workload.columns).map(([name, range], column): [string, Column] => {
    const values = new kind(length);
    const valueAt = workload.picture === true ? pictureValue : columnValue;
    for (let index = 0; index < length; index++) values[index] = valueAt(index, column, range);
    return [name, values];
  });
  return Object.fromEntries(entries);
}

/** Nanoseconds of processor time that the work takes in this process; time on the clock would count the neighbours'. */
export function measureHere(iterations: number, run: () => void): number {
  const start = process.cpuUsage();
  for (let iteration = 0; iteration < iterations; iteration++) run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) * 1000;
}
