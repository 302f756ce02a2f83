/** Tests that cannot pass under wine. */
export interface Exclusion {
  readonly file: string;
  /** Parts of their titles; undefined: the whole file, which is not run. */
  readonly tests?: readonly string[];
  readonly reason: string;
}

const systemV =
  "it holds the code against System V's; on Windows functions have two entries, and other registers are saved";
const noProc = 'it looks into /proc';
const noConnection = 'under wine the connections that `fetch` makes to this process fail with UNKNOWN';

export const exclusions: readonly Exclusion[] = [
  {
    file: 'test/cli/code-commands.test.ts',
    tests: ['prints offsets, bytes and instructions', 'contracts with --fast-math, and hides bytes'],
    reason: systemV,
  },
  {
    file: 'test/cli/completion.test.ts',
    tests: ['makes bash complete'],
    reason: 'there is no bash',
  },
  {
    file: 'test/cli/map/kept.test.ts',
    tests: ['replaces the file that a link leads to', 'makes the file that a link leads to'],
    reason: 'wine has no symbolic links to files',
  },
  {
    file: 'test/cli/process.test.ts',
    tests: ['is quiet when its reader goes away'],
    reason: 'under wine the error of a pipe without a reader is another one',
  },
  {
    file: 'test/cli/prompt.test.ts',
    reason: 'it makes a pseudo-terminal by a program of Linux',
  },
  {
    file: 'test/cli/repl/repl-commands.test.ts',
    tests: ['.mem shows pools, blocks, spans and totals'],
    reason: systemV,
  },
  {
    file: 'test/docs/code-blocks.test.ts',
    reason: 'it runs TypeScript by a loader, and commands by a shell, which are not there',
  },
  {
    file: 'test/docs/error-codes.test.ts',
    tests: ['are spelt alike and documented, all of them'],
    reason: 'it reads sources as they are written, and here stands what was compiled of them',
  },
  {
    file: 'test/docs/rooms.test.ts',
    reason: 'it reads the imports of types, and here stands what was compiled',
  },
  {
    file: 'test/engine/inspect/listings.test.ts',
    tests: ['of function.sse2 are as they were', 'of kernel.avx2 are as they were'],
    reason: systemV,
  },
  {
    file: 'test/engine/memory.test.ts',
    tests: ['is never writable and executable at once', 'is given back inside of release'],
    reason: noProc,
  },
  {
    file: 'test/examples/examples.test.ts',
    tests: ['01-embed'],
    reason: systemV,
  },
  {
    file: 'test/examples/server.test.ts',
    reason: noConnection,
  },
  {
    file: 'test/fuzz/runaways.test.ts',
    tests: ['in a worker with a stack of 1 MB: wasm'],
    reason: "V8's own stack ends first there, and does not say in which function",
  },
  {
    file: 'test/inspect/command.test.ts',
    tests: ['shows the engines of the script'],
    reason: noConnection,
  },
  {
    file: 'test/inspect/engine.test.ts',
    reason: noConnection,
  },
  {
    file: 'test/jit/filetests/filetests.test.ts',
    reason: systemV,
  },
  {
    file: 'test/lang/parser.test.ts',
    tests: ['limits holds in a worker with a small stack'],
    reason: 'the worker loads TypeScript by a loader, which is not there',
  },
  {
    file: 'test/native/fast-calls.test.ts',
    tests: ['"after all" hook'],
    reason: 'on Windows a library that is loaded cannot be removed',
  },
  {
    file: 'test/native/build.test.ts',
    reason: 'it builds the addon as Linux does',
  },
  {
    file: 'test/soak/soak.test.ts',
    tests: ['sees the mappings that it counts'],
    reason: noProc,
  },
  {
    file: 'test/support/simulator/simulator.test.ts',
    tests: ['Legacy encodings, on random registers', 'Vex encodings, on random registers'],
    reason: 'its random code overwrites registers that functions preserve on Windows',
  },
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
