/**
 * Puts the addon that was built into the package, as `prebuilds/<platform>-<arch>/exprjit.node`, without symbols.
 *
 * It is linked with the C++ library of the system that it is built on and runs on that system and newer ones; linking that
 * library in would ask for a newer C library instead. What does not load is interpreted.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'prebuilds', `${process.platform}-${process.arch}`);
const file = join(folder, 'exprjit.node');

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
copyFileSync(join(root, 'native', 'build', 'Release', 'exprjit.node'), file);
if (process.platform === 'linux') execFileSync('strip', ['--strip-unneeded', file], { stdio: 'inherit' });
console.log(`${relative(root, file)}: ${statSync(file).size} bytes`);
