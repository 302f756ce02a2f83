import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { JitCode } from './jit-code.ts';
import type { JitRuntime } from './jit-runtime.ts';

/** Where Linux's `perf` looks for the names of code that is in no file. */
export function perfMapFile(pid: number = process.pid): string {
  return join('/tmp', `perf-${pid}.map`);
}

/**
 * Lets `perf report` name the runtime's code: appends a line of `address size name` for each symbol of what is added.
 * The format knows no removal; where addresses are used again, later lines count. Returns a function that ends this.
 */
export function writePerfMap(runtime: JitRuntime, file: string = perfMapFile()): () => void {
  const descriptor = openSync(file, 'a');
  const stop = runtime.onAdd((code) => writeSync(descriptor, perfMapLines(code)));
  return () => {
    stop();
    closeSync(descriptor);
  };
}

/** A symbol reaches to the next one, the last to the end of the code. */
export function perfMapLines(code: JitCode): string {
  const start: number = code.address;
  const end = start + code.size;
  const symbols = [...code.symbols].sort(([, left], [, right]) => left - right);
  if (symbols.length === 0) return `${start.toString(16)} ${code.size.toString(16)} jit\n`;
  return symbols
    .map(([name, address], index) => {
      const next: number = symbols[index + 1]?.[1] ?? end;
      return `${address.toString(16)} ${(next - address).toString(16)} ${name}\n`;
    })
    .join('');
}
