import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isReadable } from './readable.ts';

/**
 * The folder of the package that the module at `moduleUrl` belongs to: the nearest one upwards with a package.json,
 * since the sources and the bundle lie at different depths.
 */
export function packageRoot(moduleUrl: string): string {
  const start = dirname(fileURLToPath(moduleUrl));
  for (let folder = start; ; folder = dirname(folder)) {
    if (isReadable(join(folder, 'package.json'))) return folder;
    if (folder === dirname(folder)) return start;
  }
}
