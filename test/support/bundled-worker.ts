import { rmSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { buildSync } from 'esbuild';

const bundles = new Map<string, URL>();

/**
 * A worker that runs a TypeScript file. The file is bundled first, once: under Node 20 the loader of the tests does
 * not reach into workers, and a bundle starts at once however many workers there are.
 */
export function startBundledWorker(file: URL, options: WorkerOptions): Worker {
  return new Worker(bundles.get(file.href) ?? bundle(file), { ...options, execArgv: options.execArgv ?? [] });
}

function bundle(file: URL): URL {
  // Inside the package, so that the loader of the addon finds its way.
  const name = `${basename(file.pathname, '.ts')}-${process.pid}.mjs`;
  const output = new URL(`../../node_modules/.cache/exprjit-test/${name}`, import.meta.url);
  buildSync({
    entryPoints: [fileURLToPath(file)],
    outfile: fileURLToPath(output),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
  });
  bundles.set(file.href, output);
  process.once('exit', () => rmSync(output, { force: true }));
  return output;
}
