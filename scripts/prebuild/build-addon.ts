import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CrossCompiler } from './cross-compiler.ts';
import { gypTarget } from './gyp-target.ts';
import { nodeApiHeaders } from './node-api-headers.ts';
import { nodeApiImports } from './node-api-imports.ts';
import type { PrebuildTarget } from './targets.ts';

const native = fileURLToPath(new URL('../../native/', import.meta.url));
const { include_dir: nodeAddonApi } = createRequire(import.meta.url)('node-addon-api') as {
  include_dir: string;
};

/**
 * Builds a target of native/binding.gyp for another system, C++ library inside and without symbols, and writes it to `output`. What
 * lies between goes into `folder`, which is made anew.
 */
export async function buildAddon(
  compiler: CrossCompiler,
  name: string,
  { triple, os, format }: PrebuildTarget,
  folder: string,
  output: string,
): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  const { sources, defines, flags } = gypTarget(name, os);
  const compileFlags = [
    ...['-target', triple, '-g0', ...flags],
    ...[...defines, `NODE_GYP_MODULE_NAME=${name}`, 'BUILDING_NODE_EXTENSION'].map((define) => `-D${define}`),
    ...[nodeApiHeaders.include_dir, nodeAddonApi, join(native, 'src')].flatMap((path) => ['-isystem', path]),
    ...formatFlags[format].compile,
  ];
  const objects = await compiler.compile(sources, compileFlags, folder);
  if (format === 'coff') objects.push(await compileImports(compiler, objects, defines, compileFlags, folder));
  // Linkers put libraries for import beside what they make.
  const linked = join(folder, `${name}.node`);
  await compiler.link(objects, ['-target', triple, '-shared', '-s', ...formatFlags[format].link], linked);
  mkdirSync(dirname(output), { recursive: true });
  copyFileSync(linked, output);
}

const formatFlags = {
  elf: {
    compile: ['-fPIC'],
    link: [`-Wl,--version-script=${join(native, 'prebuild', 'exports.map')}`],
  },
  // Windows 10.
  coff: { compile: ['-D_WIN32_WINNT=0x0A00'], link: [] },
  'mach-o': {
    compile: ['-fPIC', '-isystem', join(native, 'prebuild', 'darwin')],
    link: ['-Wl,-undefined,dynamic_lookup'],
  },
} as const;

async function compileImports(
  compiler: CrossCompiler,
  objects: readonly string[],
  defines: readonly string[],
  flags: readonly string[],
  folder: string,
): Promise<string> {
  const contents = objects.map((file) => readFileSync(file));
  const generated = join(folder, 'imports');
  mkdirSync(generated);
  writeFileSync(join(generated, 'node_api_functions.inc'), nodeApiImports(contents, defines));
  const source = join(native, 'prebuild', 'node_api_imports.cc');
  const [object] = await compiler.compile([source], [...flags, '-I', generated], generated);
  if (object === undefined) throw new Error('nothing was compiled');
  return object;
}
