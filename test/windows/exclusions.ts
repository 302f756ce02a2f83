/** Tests that cannot pass under wine. */
export interface Exclusion {
  readonly file: string;
  /** Parts of their titles; undefined: the whole file, which is not run. */
  readonly tests?: readonly string[];
  readonly reason: string;
}

export const exclusions: readonly Exclusion[] = [
  {
    file: 'test/engine/callables/code.test.ts',
    tests: ['can be read as a listing'],
    reason: "it holds the listing against System V's; on Windows the entry for the frame does not come first",
  },
  {
    file: 'test/native/profile-marker.test.ts',
    tests: ['map a page of a file as code', 'take descriptors of open files only'],
    reason: 'markers are for perf, which is of Linux; the addon says ENOTSUP',
  },
  {
    file: 'test/mem/virt-mem-faults.test.ts',
    reason: 'it compiles a filter of system calls of Linux',
  },
  {
    file: 'test/jit/profiling/jitdump.test.ts',
    reason: 'perf, /proc and markers are of Linux',
  },
  {
    file: 'test/jit/profiling/perf-map.test.ts',
    reason: 'perf and /proc are of Linux',
  },
  {
    file: 'test/package/consumer.test.ts',
    reason:
      "TypeScript's compiler is a program for Linux here; test/package/runtimes.spec.ts installs the package under wine",
  },
];
