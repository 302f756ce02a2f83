import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { JitCode } from '../runtime/jit-code.ts';
import type { JitRuntime } from '../runtime/jit-runtime.ts';
import { codeSymbols } from './code-symbols.ts';

/** Where Linux's `perf` looks for the names of code that is in no file. */
export function perfMapFile(pid: number = process.pid): string {
  return join('/tmp', `perf-${pid}.map`);
}

/**
 * Lets `perf report` name the runtime's code: appends a line of `address size name` for each symbol of what is added.
 * The format knows no removal; where addresses are used again, later lines count. Returns a function that ends this.
 *
 * `perf` only looks there for code in anonymous memory. Memory that is mapped twice, the runtime's default, is not: use
 * {@link writeJitDump}, or a runtime with `JitAllocatorOptions.None`.
 */
export function writePerfMap(runtime: JitRuntime, file: string = perfMapFile()): () => void {
  const descriptor = openSync(file, 'a');
  const stop = runtime.onAdd((code) => writeSync(descriptor, perfMapLines(code)));
  let open = true;
  return () => {
    stop();
    // The second time the descriptor is somebody else's.
    if (open) closeSync(descriptor);
    open = false;
  };
}

/** The lines for one piece of code. */
export function perfMapLines(code: JitCode): string {
  return codeSymbols(code)
    .map(({ name, address, size }) => `${address.toString(16)} ${size.toString(16)} ${name}\n`)
    .join('');
}
