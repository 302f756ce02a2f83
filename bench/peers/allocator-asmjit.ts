import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { invariant } from '../../src/support/invariant.ts';
import type { WorkloadResult } from '../allocator.workload.ts';

/** AsmJit's allocator, in a C++ program that is compiled when the benchmark starts. */
export class AsmjitPeer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'exprjit-bench-'));
  readonly #program = join(this.#folder, 'allocator-asmjit');

  /** Compiles it; says why it can't take part, or nothing. */
  build(): string | undefined {
    const source = fileURLToPath(new URL('allocator-asmjit.cc', import.meta.url));
    const args = ['-O2', '-std=c++17', source, '-o', this.#program, '-lasmjit', '-lrt', '-lpthread'];
    const { status, error, stderr } = spawnSync('c++', args, { encoding: 'utf8' });
    if (error !== undefined) return `no C++ compiler can be run (${error.message})`;
    if (status === 0) return undefined;
    const [reason = 'unknown reason'] = stderr.split('\n').filter((line) => /error|cannot find/.test(line));
    return `it could not be compiled, see bench/peers/README.md (${reason.trim()})`;
  }

  start(live: number, options: number, seed: number): AsmjitProcess {
    return new AsmjitProcess(
      spawn(this.#program, [live, options, seed].map(String), { stdio: ['pipe', 'pipe', 'inherit'] }),
    );
  }

  close(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

/** One workload in a process of its own, so that it stays as warm as ours. */
export class AsmjitProcess {
  readonly #process: ChildProcess;
  readonly #lines: Interface;
  readonly #answers: AsyncIterator<string>;

  constructor(process: ChildProcess) {
    invariant(process.stdout !== null, 'standard output is a pipe');
    this.#process = process;
    this.#lines = createInterface({ input: process.stdout });
    this.#answers = this.#lines[Symbol.asyncIterator]();
  }

  async run(): Promise<WorkloadResult> {
    this.#process.stdin?.write('\n');
    const { value, done } = await this.#answers.next();
    if (done) throw new Error('the AsmJit peer ended before its time');
    return JSON.parse(value) as WorkloadResult;
  }

  async close(): Promise<void> {
    this.#process.stdin?.end();
    if (this.#process.exitCode === null) await once(this.#process, 'exit');
    this.#lines.close();
  }
}
