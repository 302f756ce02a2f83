/**
 * Bundles the command line once more, as one script, and leaves V8's code cache for it; see `src/cli/cached-bundle.ts`,
 * which runs both. It fits only the Node that builds, so the published package has neither.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Script } from 'node:vm';
import { build } from 'esbuild';

export async function buildCachedBundle(root, output) {
  const file = join(output, 'cli.bundle');
  await build({
    absWorkingDir: root,
    entryPoints: ['src/cli/command-line.ts'],
    outfile: file,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    // A script that is no module has no address of its own, and cannot import.
    define: { 'import.meta.url': 'moduleUrl' },
    supported: { 'dynamic-import': false },
    banner: { js: '(function (require, module, moduleUrl) {' },
    footer: { js: '})' },
    minifySyntax: true,
    minifyWhitespace: true,
    lineLimit: 120,
    legalComments: 'none',
    logLevel: 'warning',
  });
  // A process of its own, without flags: they are part of what V8 compares.
  execFileSync(process.execPath, [fileURLToPath(import.meta.url), file], { stdio: 'inherit' });
}

/** Runs the command line in `file` once and writes what V8 has compiled by then. */
async function writeCodeCache(file, cache) {
  const script = new Script(readFileSync(file, 'utf8'), { filename: file });
  const module = { exports: {} };
  script.runInThisContext()(createRequire(file), module, pathToFileURL(file).href);
  const terminal = { stdin: new PassThrough().end(), stdout: new PassThrough(), stderr: new PassThrough() };
  const { runCommandLine } = module.exports;
  await runCommandLine(['eval', 'let r = 2; f(x) = sin(x) > r ? x^r : max(r, x); f(y)', 'y=3'], terminal);
  await runCommandLine(['eval', '1 + oops'], terminal);
  await runCommandLine([], terminal);
  writeFileSync(cache, script.createCachedData());
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , file] = process.argv;
  await writeCodeCache(file, join(file, '..', `cli-${process.version}-${process.arch}.cache`));
}
