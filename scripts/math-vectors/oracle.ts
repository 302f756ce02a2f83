import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The program `oracle.c`, see there. */
export interface Oracle {
  /** For pairs x, y by turns: by turns, the nearest double to the true value and what that is beyond it in ulps. */
  truth(name: string, pairs: Float64Array): Float64Array;
  /** For pairs x, y by turns: what the C library gives; undefined if it has no such function. */
  library(name: string, pairs: Float64Array): Float64Array | undefined;
}

const source = fileURLToPath(new URL('oracle.c', import.meta.url));

/**
 * Compiles the oracle, into a folder that goes when the process ends; or says in a sentence why there is none: it needs a C
 * compiler and MPFR 4.2, and nothing is installed here.
 */
export function compileOracle(): Oracle | string {
  const folder = mkdtempSync(join(tmpdir(), 'math-oracle-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const program = join(folder, 'oracle');
  const flags = ['-O2', source, '-o', program, '-lmpfr', '-lgmp', '-lm'];
  const { error, status, stderr } = spawnSync('gcc', flags, { encoding: 'utf8' });
  if (error !== undefined) return `gcc cannot be started (${error.message}).`;
  if (status !== 0) return `gcc cannot compile ${source} with MPFR 4.2 (Debian: libmpfr-dev):\n${stderr}`;

  function ask(mode: string, name: string, pairs: Float64Array): Float64Array {
    const input = Buffer.from(pairs.buffer, pairs.byteOffset, pairs.byteLength);
    const run = spawnSync(program, [mode, name], { input, maxBuffer: pairs.byteLength + 1024 });
    if (run.error !== undefined) throw run.error;
    if (run.status !== 0) throw new Error(`the oracle failed for ${name}: ${run.stderr}`);
    return new Float64Array(Uint8Array.from(run.stdout).buffer);
  }

  return {
    truth: (name, pairs) => ask('truth', name, pairs),
    library: (name, pairs) => {
      const values = ask('library', name, pairs);
      return values.length === 0 ? undefined : values;
    },
  };
}
