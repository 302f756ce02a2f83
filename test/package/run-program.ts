import { spawnSync } from 'node:child_process';

/** Runs a program to its end and gives what it printed; throws, with all of that, if it failed. */
export function runProgram(file: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(file, args, { cwd, encoding: 'utf8' });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${status}\n${stdout}\n${stderr}`);
  return stdout;
}
