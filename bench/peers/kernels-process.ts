import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { invariant } from '../../src/support/invariant.ts';
import type { PreparedKernel } from './kernels-peer.ts';

/**
 * A peer in a process of its own, which answers each line with a line:
 * `prepare <workload> <length>` with `ok`, `measure <iterations>` with nanoseconds,
 * and `probe` with the first elements of each output.
 */
export class KernelProcess {
  readonly #process: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  readonly #lines: Interface;

  constructor(command: string, args: readonly string[]) {
    this.#process = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const { stdout } = this.#process;
    invariant(stdout !== null, 'standard output is a pipe');
    this.#lines = createInterface({ input: stdout });
    this.#answers = this.#lines[Symbol.asyncIterator]();
  }

  tell(line: string): void {
    this.#process.stdin?.write(`${line}\n`);
  }

  async ask(question: string): Promise<string> {
    this.tell(question);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error(`${this.#process.spawnfile} ended at "${question}"`);
    return value;
  }

  /** The workload by its place among all; the process keeps one prepared at a time, so it is prepared when measured. */
  prepare(workload: number, length: number): PreparedKernel {
    const prepared = `prepare ${workload} ${length}`;
    return {
      measure: async (iterations) => {
        await this.ask(prepared);
        return Number(await this.ask(`measure ${iterations}`));
      },
      probe: async () => {
        await this.ask(prepared);
        return (await this.ask('probe')).split(' ').map(Number);
      },
    };
  }

  async close(): Promise<void> {
    this.#process.stdin?.end();
    if (this.#process.exitCode === null) await once(this.#process, 'exit');
  }
}
