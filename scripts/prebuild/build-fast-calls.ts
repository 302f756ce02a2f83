import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fastCalls } from '../../native/recipe.mjs';
import type { NodePackage } from '../node-packages.ts';
import type { CrossCompiler } from './cross-compiler.ts';
import type { PrebuildTarget } from './targets.ts';

/**
 * Builds the library for fast calls of a version of Node, and writes it to where it is looked for beside the target's addon. What
 * lies between goes into a folder of its own in `folder`. Returns the file, within `prebuilds`.
 */
export async function buildFastCalls(
  compiler: CrossCompiler,
  { headers }: NodePackage,
  { triple, file }: PrebuildTarget,
  folder: string,
  prebuilds: string,
): Promise<string> {
  const abi = nodeModuleVersion(readFileSync(join(headers, 'node_version.h'), 'utf8'));
  const library = join(dirname(file), fastCalls.fileFor(basename(file, '.node'), abi));
  const own = join(folder, `fast-calls-${abi}`);
  rmSync(own, { recursive: true, force: true });
  const target = ['-target', triple];
  const objects = await compiler.compile(
    [fastCalls.source],
    [...target, '-g0', ...fastCalls.compilerFlags, '-isystem', headers],
    own,
  );
  const linked = join(own, 'library.node');
  // It needs nothing of the C++ library.
  await compiler.link(objects, [...target, '-s', '-nostdlib++', ...fastCalls.linkerFlags], linked);
  const output = join(prebuilds, library);
  mkdirSync(dirname(output), { recursive: true });
  copyFileSync(linked, output);
  return library;
}

/** The version of Node's C++ interface, `process.versions.modules`, by its header. */
function nodeModuleVersion(header: string): string {
  const version = /^#\s*define NODE_MODULE_VERSION (\d+)$/m.exec(header)?.[1];
  if (version === undefined) throw new Error('node_version.h has no NODE_MODULE_VERSION');
  return version;
}
