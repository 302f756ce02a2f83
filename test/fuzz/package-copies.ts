/** The package evaluated several times in one thread, as test runners and hot reload do it. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { packageRoot } from '../../src/support/package-root.ts';

export type Package = typeof import('../../src/index.ts');

/** So many evaluations of the modules, none of which shares anything with another but the addon. */
export async function packageCopies(count: number): Promise<Package[]> {
  // Inside the package, so that the loader of the addon finds its way; bundled, so that a query means all of it.
  const root = packageRoot(import.meta.url);
  const output = join(root, 'node_modules', '.cache', 'exprjit-test', `copies-${process.pid}.mjs`);
  buildSync({
    entryPoints: [join(root, 'src', 'index.ts')],
    outfile: output,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
  });
  try {
    return await Promise.all(
      Array.from(
        { length: count },
        (_, copy) => import(`${pathToFileURL(output).href}?copy=${copy}`) as Promise<Package>,
      ),
    );
  } finally {
    rmSync(output, { force: true });
  }
}
