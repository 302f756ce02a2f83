import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

/** The text that {@link loadCachedBundle} runs: a function of what a CommonJS module sees, and its own address. */
type Bundle = (
  require: NodeJS.Require,
  module: { exports: typeof import('./command-line.ts') },
  moduleUrl: string,
) => void;

/**
 * The command line from one file, compiled already: the build leaves V8's code cache for the Node that it ran on. To
 * parse and compile all of it anew takes longer than everything else that a start does. Undefined where there is no
 * cache for this Node, or V8 refuses it.
 */
export function loadCachedBundle(): typeof import('./command-line.ts') | undefined {
  const cache = new URL(`./cli-${process.version}-${process.arch}.cache`, import.meta.url);
  const file = new URL('./cli.bundle', import.meta.url);
  const cachedData = readIfAllowed(cache);
  const source = cachedData && readIfAllowed(file)?.toString('utf8');
  if (source === undefined) return undefined;
  const script = new Script(source, { filename: fileURLToPath(file), cachedData });
  if (script.cachedDataRejected === true) return undefined;
  const module: { exports: Partial<typeof import('./command-line.ts')> } = { exports: {} };
  const run = script.runInThisContext() as Bundle;
  run(createRequire(file), module as Parameters<Bundle>[1], file.href);
  return (module as Parameters<Bundle>[1]).exports;
}

/** Undefined where there is no such file, or Node's permission model forbids to read it. */
function readIfAllowed(file: URL): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
