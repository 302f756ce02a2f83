import { rmSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const bundles = new Map<string, URL>();

/**
 * A TypeScript file and all that it imports in one file of JavaScript, bundled at the first call: it starts in a tenth
 * of the time. It lies inside of the package, so that the loader of the addon finds its way.
 */
export function bundle(file: URL): URL {
  const known = bundles.get(file.href);
  if (known !== undefined) return known;
  const name = `${basename(file.pathname, '.ts')}-${process.pid}-${bundles.size}.mjs`;
  const output = new URL(`../../node_modules/.cache/exprjit-test/${name}`, import.meta.url);
  buildSync({
    entryPoints: [fileURLToPath(file)],
    outfile: fileURLToPath(output),
    bundle: true,
    // Finds its program by where it stands itself.
    external: ['esbuild'],
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'inline',
  });
  bundles.set(file.href, output);
  process.once('exit', () => rmSync(output, { force: true }));
  return output;
}
