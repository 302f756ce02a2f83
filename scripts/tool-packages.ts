import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cache = fileURLToPath(new URL('../.cache/', import.meta.url));

/**
 * Packages that bring programs which few need and that weigh tens of megabytes: compilers, other versions of Node. They are
 * no dependencies, but installed where they are asked for first, into `.cache`, and kept.
 *
 * `specifications` are names with versions, as npm takes them. Returns the folder that holds the packages.
 */
export function toolPackages(name: string, specifications: readonly string[]): string {
  const folder = join(cache, name);
  const installed = join(folder, 'node_modules');
  // npm writes package.json anew.
  const manifest = JSON.stringify({ private: true, description: specifications.join(' ') });
  const written = join(folder, 'tools.json');
  if (existsSync(written) && readFileSync(written, 'utf8') === manifest) return installed;
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  writeFileSync(join(unfinished, 'tools.json'), manifest);
  writeFileSync(join(unfinished, 'package.json'), manifest);
  // By force, since some are for other systems than this one.
  const options = [
    '--force',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-package-lock',
    '--loglevel=error',
  ];
  const { status, stderr, error } = spawnSync('npm', ['install', ...options, ...specifications], {
    cwd: unfinished,
    encoding: 'utf8',
  });
  if (status !== 0) {
    rmSync(unfinished, { recursive: true, force: true });
    throw new Error(`npm cannot install ${specifications.join(', ')}:\n${error?.message ?? stderr}`);
  }
  rmSync(folder, { recursive: true, force: true });
  renameSync(unfinished, folder);
  return installed;
}

/** A folder of the cache, for what a tool itself wants to keep. */
export function toolCache(name: string): string {
  return join(cache, name);
}
