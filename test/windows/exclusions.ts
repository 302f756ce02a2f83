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
    file: 'test/jit/machine/facts.test.ts',
    tests: [
      'tell what can do nothing but return',
      'are no worse for calls of such functions',
      'give every export a frame entry',
    ],
    reason: 'on Windows every function has an entry beside that for the frame, which saves registers',
  },
  {
    file: 'test/jit/machine/generate.test.ts',
    tests: ['makes what nobody calls and what cannot trap its own frame entry'],
    reason: 'on Windows every function has an entry beside that for the frame, which saves registers',
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
    file: 'test/mem/virt-mem.test.ts',
    tests: [
      'takes flags as `|` gives them',
      'probes every strategy',
      'alloc maps ',
      'takes large pages where they are set aside',
      'reports what the OS refuses',
      'shows the same memory twice',
      'prefers a temporary file',
      'obey the protection of each page',
    ],
    reason:
      'it looks into /proc/self/maps, and knows the strategies and errors of Linux; test:native:windows has others',
  },
  {
    file: 'test/jit/runtime/jit-runtime.test.ts',
    tests: ['go through memory to what is out of reach'],
    reason: 'what it takes to be out of reach is near where wine maps memory',
  },
  {
    file: 'test/jit/profiling/jitdump.test.ts',
    tests: ['holds each symbol of all code', 'is what an engine writes if EXPRJIT_PERF asks for it'],
    reason: 'dumps are for perf, which is of Linux; the addon says ENOTSUP',
  },
  {
    file: 'test/jit/profiling/perf-map.test.ts',
    tests: ['goes where perf looks for it'],
    reason: 'perf is of Linux',
  },
  {
    file: 'test/engine/columns/documentation.test.ts',
    tests: ['lists every error code'],
    reason: 'it reads sources as they are written, and here stands what was compiled of them',
  },
  {
    file: 'test/package/consumer.test.ts',
    reason:
      "TypeScript's compiler is a program for Linux here; test/package/runtimes.spec.ts installs the package under wine",
  },
];
