/** What the scripts of this folder share: where things are, and how a step is run. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dirname;

export const sourceFolder = join(here, '..', 'src');
export const testFolder = here;
export const outputFolder = join(here, 'build');
mkdirSync(outputFolder, { recursive: true });

const warnings = ['-Wall', '-Wextra', '-Wshadow', '-Werror'];
export const compilerFlags = ['-std=c++17', '-g', ...warnings];

/** Runs a command with inherited output; true if it succeeded. A command that cannot be started counts as failed. */
export function run(command, args, options = {}) {
  console.log(`$ ${[command, ...args].join(' ')}`);
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', ...options });
  if (error !== undefined) console.error(`${command}: ${error.message}`);
  return status === 0;
}

/** Whether the command can be started at all. */
export function isInstalled(command) {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).error === undefined;
}
