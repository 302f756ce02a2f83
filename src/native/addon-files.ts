import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { packageRoot } from '../support/package-root.ts';
import { isReadable, readableNames } from '../support/readable.ts';

/**
 * The files that may hold the addon, in the order in which they are to be tried, for code that lies at `moduleUrl`.
 *
 * They are looked for in the package that the code belongs to; if it was bundled into another one, then also in the
 * exprjit that is installed there. A checkout's own build comes first, then what the package brings. Of those for Linux the one
 * for glibc comes first; an addon for the other C library fails to load, either way round.
 */
export function addonFiles(moduleUrl: string): string[] {
  const roots = new Set([packageRoot(moduleUrl), installedPackage(moduleUrl)]);
  return [...roots].flatMap((root) => (root === undefined ? [] : filesOf(root)));
}

function installedPackage(moduleUrl: string): string | undefined {
  try {
    return dirname(createRequire(moduleUrl).resolve('exprjit/package.json'));
  } catch {
    return undefined;
  }
}

function filesOf(root: string): string[] {
  const built = join(root, 'native', 'build', 'Release', 'exprjit.node');
  const prebuilds = join(root, 'prebuilds', `${process.platform}-${process.arch}`);
  const prebuilt = readableNames(prebuilds)
    .filter((name) => name.endsWith('.node'))
    .sort()
    .map((name) => join(prebuilds, name));
  return isReadable(built) ? [built, ...prebuilt] : prebuilt;
}
