/**
 * Builds the addon for every system that the package brings one for, into `prebuilds`. `npm run prebuilds`, and `npm pack`.
 *
 * All of them or none: a package that lacks a system would be slow there without anybody noticing.
 */
import { mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildAddon } from './build-addon.ts';
import { CrossCompiler } from './cross-compiler.ts';
import { prebuildTargets } from './targets.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const objects = join(root, 'native', 'build-prebuilds');
const finished = join(root, 'prebuilds');
const unfinished = join(root, 'prebuilds.next');

try {
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished);
  const compiler = new CrossCompiler();
  await Promise.all(
    prebuildTargets.map(async (target) => {
      const output = join(unfinished, target.file);
      await buildAddon(compiler, 'exprjit', target, join(objects, target.triple), output);
      console.log(`prebuilds/${target.file}: ${statSync(output).size} bytes`);
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
