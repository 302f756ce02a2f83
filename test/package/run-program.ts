import { spawnSync } from 'node:child_process';

export interface ProgramOptions {
  readonly cwd: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program to its end and gives what it printed; throws, with all of that, if it failed. */
export function runProgram(file: string, args: readonly string[], { cwd, env = {} }: ProgramOptions): string {
  const { status, signal, stdout, stderr, error } = spawnSync(file, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    timeout: 100_000,
  });
  if (error !== undefined) throw error;
  if (status !== 0) {
    throw new Error(`${file} ${args.join(' ')} ended with ${status ?? signal}\n${stdout}\n${stderr}`);
  }
  return stdout;
}
