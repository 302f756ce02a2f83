#!/usr/bin/env node
import { writeSync } from 'node:fs';
import { loadStart } from './load-start.ts';

// A script, no module, in the package: Node has to load its loader of modules first for those.
const args = process.argv.slice(2);
if (!isAnswered()) void runCommand();

/** Most formulas are, before anything that compiles them is loaded. */
function isAnswered(): boolean {
  const [command, ...rest] = args;
  const answer = loadStart(command === 'eval')?.answerAtStart(rest);
  if (answer === undefined) return false;
  try {
    // Not by `process.stdout`, which takes as long to make as the answer.
    writeSync(1, answer);
    return true;
  } catch {
    // The command knows what to say.
    return false;
  }
}

async function runCommand(): Promise<void> {
  // A reader that has seen enough (`| head`) is no failure of ours, and neither is a disk that is full.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    process.stderr.write(`exprjit: ${error.message}\n`);
    process.exit(1);
  });
  // Where messages cannot be written, the exit code still tells.
  process.stderr.on('error', () => {});
  const { runCommandLine } = await import('./command-line.ts');
  // Not process.exit(): what is still on its way to a pipe would be lost.
  process.exitCode = await runCommandLine(args, process);
}
