/**
 * Writes the declarations to `dist/types`. The sources import `.ts` files and so do the declarations that TypeScript
 * makes of them; compilers older than ours expect the names that the files have at run time.
 */
import { execFileSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const types = join(root, 'dist', 'types');

execFileSync(
  process.execPath,
  [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json')],
  {
    stdio: 'inherit',
  },
);
for (const name of await readdir(types, { recursive: true })) {
  if (!name.endsWith('.d.ts')) continue;
  const file = join(types, name);
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/((?:from|import) ?\(?'\.{1,2}\/[^']+)\.ts'/g, "$1.js'"));
}
