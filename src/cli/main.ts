#!/usr/bin/env node
import module from 'node:module';
import { loadCachedBundle } from './cached-bundle.ts';

// A reader that has seen enough (`| head`) is no failure of ours, and neither is a disk that is full.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The second on Windows.
  if (error.code === 'EPIPE' || error.code === 'EOF') process.exit();
  process.stderr.write(`exprjit: ${error.message}\n`);
  process.exit(1);
});
// Where messages cannot be written, the exit code still tells.
process.stderr.on('error', () => {});

async function loadCommandLine() {
  const cached = loadCachedBundle();
  if (cached !== undefined) return cached;
  // From Node 22 on, later starts find compiled what is imported from here on.
  (module as { enableCompileCache?: () => unknown }).enableCompileCache?.();
  return import('./command-line.ts');
}

const { runCommandLine } = await loadCommandLine();
// Not process.exit(): what is still on its way to a pipe would be lost.
process.exitCode = await runCommandLine(process.argv.slice(2), process);
