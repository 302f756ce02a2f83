import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addons, compilerFlags, includeFolders, sourceFolder } from '../../native/recipe.mjs';
import { compileCppLibrary, cppLibraryLinkFlags } from './cpp-library.ts';
import type { CrossCompiler } from './cross-compiler.ts';
import { nodeApiImports } from './node-api-imports.ts';
import type { PrebuildTarget } from './targets.ts';

const native = fileURLToPath(new URL('../../native/', import.meta.url));

/**
 * Builds an addon of native/recipe.mjs for another system, C++ library inside and without symbols, and writes it to `output`. What
 * lies between goes into `folder`, which is made anew.
 */
export async function buildAddon(
  compiler: CrossCompiler,
  name: string,
  target: PrebuildTarget,
  folder: string,
  output: string,
): Promise<void> {
  const { triple, platform, format } = target;
  rmSync(folder, { recursive: true, force: true });
  const addon = addons(platform).find((candidate) => candidate.name === name);
  if (addon === undefined) throw new Error(`native/recipe.mjs has no addon ${name}`);
  // By function, of which the linker takes what is reached.
  const systemFlags = ['-target', triple, '-g0', '-ffunction-sections', '-fdata-sections'];
  const compileFlags = [
    // Small, since what is fast is made by the compiler and not compiled here.
    ...[...systemFlags, ...compilerFlags, '-Os'],
    ...[...includeFolders, sourceFolder].flatMap((path) => ['-isystem', path]),
    ...formatFlags[format].compile,
  ];
  const demangle = join(native, 'prebuild', 'demangle.cc');
  const [own, library] = await Promise.all([
    compiler.compileAsOne([demangle, ...inOrder(addon.sources)], compileFlags, join(folder, 'addon')),
    compileCppLibrary(compiler, target, [...systemFlags, '-fPIC'], join(folder, 'library')),
  ]);
  const objects = [own, ...library];
  if (format === 'coff') objects.push(await compileImports(compiler, [own], compileFlags, folder));
  // Linkers put libraries for import beside what they make.
  const linked = join(folder, `${name}.node`);
  await compiler.link(
    objects,
    ['-target', triple, '-shared', '-s', '-Os', ...cppLibraryLinkFlags(target), ...formatFlags[format].link],
    linked,
  );
  mkdirSync(dirname(output), { recursive: true });
  copyFileSync(linked, output);
}

/**
 * What faces JavaScript comes last, since its functions have names such as `release`, which what they call must not see in a source of
 * all.
 */
function inOrder(sources: readonly string[]): string[] {
  const isDoor = (path: string): boolean => basename(path).startsWith('addon');
  return [...sources.filter((path) => !isDoor(path)), ...sources.filter(isDoor)];
}

const formatFlags = {
  elf: {
    compile: ['-fPIC'],
    // What the C++ library inside would do at the end of the process stays in memory until then, also when the last worker that
    // had the addon has ended; and so does what optimised code calls.
    link: [`-Wl,--version-script=${join(native, 'prebuild', 'exports.map')}`, '-Wl,-z,nodelete'],
  },
  // Windows 10. Functions of Node-API are imported, not exported.
  coff: { compile: ['-D_WIN32_WINNT=0x0A00', '-DBUILDING_NODE_EXTENSION'], link: [] },
  'mach-o': {
    compile: ['-fPIC', '-isystem', join(native, 'prebuild', 'darwin')],
    // What is neither exported nor reached goes.
    link: ['-Wl,-undefined,dynamic_lookup', '-Wl,-dead_strip'],
  },
} as const;

async function compileImports(
  compiler: CrossCompiler,
  objects: readonly string[],
  flags: readonly string[],
  folder: string,
): Promise<string> {
  const contents = objects.map((file) => readFileSync(file));
  const generated = join(folder, 'imports');
  mkdirSync(generated);
  writeFileSync(join(generated, 'node_api_functions.inc'), nodeApiImports(contents, flags));
  const source = join(native, 'prebuild', 'node_api_imports.cc');
  const [object] = await compiler.compile([source], [...flags, '-I', generated], generated);
  if (object === undefined) throw new Error('nothing was compiled');
  return object;
}
