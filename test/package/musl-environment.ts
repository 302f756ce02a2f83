import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { zigPackage } from '../../scripts/prebuild/cross-compiler.ts';
import { toolCache, toolPackages } from '../../scripts/tool-packages.ts';
import { runProgram } from './run-program.ts';

const loader = '/lib/ld-musl-x86_64.so.1';
const stub = fileURLToPath(new URL('glibc-stub.c', import.meta.url));

/**
 * The environment in which programs for musl run on Debian, whose package `musl` has the C library, but no C++ library for it. Theirs
 * is the system's, and what that wants of glibc comes from a stub under the name of glibc's loader.
 */
export function muslEnvironment(): { readonly LD_LIBRARY_PATH: string } {
  if (!existsSync(loader)) throw new Error(`there is no ${loader}: install the package musl`);
  const folder = toolCache('musl-libraries');
  mkdirSync(folder, { recursive: true });
  for (const name of ['libstdc++.so.6', 'libgcc_s.so.1']) {
    copyFileSync(join('/usr/lib/x86_64-linux-gnu', name), join(folder, name));
  }
  const zig = join(toolPackages('zig', [zigPackage]), '@ryoppippi', 'zig-linux-x64', 'zig');
  const target = ['-target', 'x86_64-linux-musl', '-shared', '-fPIC', '-O1'];
  const cache = toolCache('zig-cache');
  runProgram(zig, ['cc', ...target, '-o', join(folder, 'ld-linux-x86-64.so.2'), stub], {
    cwd: folder,
    env: { ZIG_GLOBAL_CACHE_DIR: cache, ZIG_LOCAL_CACHE_DIR: cache },
  });
  return { LD_LIBRARY_PATH: folder };
}
