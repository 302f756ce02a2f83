/**
 * Tells Linux's `perf` what code there is, with its bytes, so that `perf report` names it and `perf annotate` shows it.
 *
 * A process writes `jit-<pid>.dump`, and maps a page of it as code, by which `perf record` hears of the file. `perf inject
 * --jit` then makes a file of each record's code, and has samples taken there from the record's time on. So addresses that
 * are used again are no problem, and neither is memory that is mapped twice.
 */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isMainThread, threadId } from 'node:worker_threads';
import { requireAddon } from '../../native/loader.ts';
import type { JitCode } from '../runtime/jit-code.ts';
import type { JitRuntime } from '../runtime/jit-runtime.ts';
import { codeSymbols } from './code-symbols.ts';
import { codeCloseRecord, codeLoadRecord, jitDumpHeader } from './jitdump-record.ts';

/** The files of this thread by folder. They stay open, since there is one for each process and code may come any time. */
const dumps = new Map<string, JitDump>();

/**
 * Notes all code that `runtime` adds from now on in `jit-<pid>.dump` in `folder`, in workers in a folder `thread-<id>` there.
 * Returns a function that ends this.
 *
 * ```sh
 * perf record -k mono -e cpu-clock node server.js
 * perf inject --jit -i perf.data -o perf.jit.data
 * perf report -i perf.jit.data
 * ```
 *
 * @throws the file system's error, and `NativeUnavailableError`; an error with the code `ENOTSUP` on Windows, and `EPERM`
 * where the folder's file system has no executable files.
 */
export function writeJitDump(runtime: JitRuntime, folder: string = process.cwd()): () => void {
  const path = resolve(folder, isMainThread ? '' : `thread-${threadId}`);
  let dump = dumps.get(path);
  if (dump === undefined) {
    dump = new JitDump(path);
    dumps.set(path, dump);
  }
  const { add } = dump;
  return runtime.onAdd((code) => add(code, runtime.read(code)));
}

class JitDump {
  readonly #descriptor: number;
  #count = 0;

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.#descriptor = openSync(join(folder, `jit-${process.pid}.dump`), 'w+');
    try {
      this.#write(jitDumpHeader(process.pid, process.hrtime.bigint()));
      requireAddon().mapProfileMarker(this.#descriptor);
    } catch (error) {
      closeSync(this.#descriptor);
      throw error;
    }
    process.once('exit', () => this.#write(codeCloseRecord(process.hrtime.bigint())));
  }

  /** Notes code whose bytes are `bytes`. */
  readonly add = (code: JitCode, bytes: Uint8Array): void => {
    const timestamp = process.hrtime.bigint();
    for (const symbol of codeSymbols(code)) {
      const start = symbol.address - code.address;
      const part = bytes.subarray(start, start + symbol.size);
      this.#write(codeLoadRecord(symbol, part, ++this.#count, process.pid, timestamp));
    }
  };

  #write(record: Uint8Array): void {
    for (let done = 0; done < record.length; ) {
      done += writeSync(this.#descriptor, record, done);
    }
  }
}
