/**
 * Builds the addon for every system that the package brings one for, and the libraries for fast calls of the versions of Node, into
 * `prebuilds`. `npm run prebuilds`, and `npm pack`.
 *
 * All of them or none: a package that lacks a system would be slow there without anybody noticing.
 */
import { mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodePackages } from '../node-packages.ts';
import { buildAddon } from './build-addon.ts';
import { buildFastCalls } from './build-fast-calls.ts';
import { CrossCompiler } from './cross-compiler.ts';
import { prebuildTargets } from './targets.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const objects = join(root, 'native', 'build-prebuilds');
const finished = join(root, 'prebuilds');
const unfinished = join(root, 'prebuilds.next');

function report(file: string): void {
  console.log(`prebuilds/${file}: ${statSync(join(unfinished, file)).size} bytes`);
}

try {
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished);
  const compiler = new CrossCompiler();
  const nodes = nodePackages();
  await Promise.all(
    prebuildTargets.map(async (target) => {
      const folder = join(objects, target.triple);
      await buildAddon(compiler, 'exprjit', target, folder, join(unfinished, target.file));
      report(target.file);
      if (!target.fastCalls) return;
      for (const node of nodes) report(await buildFastCalls(compiler, node, target, folder, unfinished));
    }),
  );
  rmSync(finished, { recursive: true, force: true });
  renameSync(unfinished, finished);
} catch (error) {
  console.error(
    `The addons for all systems cannot be built: ${error instanceof Error ? error.message : error}`,
  );
  rmSync(unfinished, { recursive: true, force: true });
  process.exitCode = 1;
}
