#!/usr/bin/env node
import module from 'node:module';
import { runCommandLine } from './command-line.ts';

// From Node 22 on, later starts find the code compiled; what matters is imported after this.
(module as { enableCompileCache?: () => unknown }).enableCompileCache?.();

// A reader that has seen enough (`| head`) is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

// Not process.exit(): what is still on its way to a pipe would be lost.
process.exitCode = await runCommandLine(process.argv.slice(2), process);
