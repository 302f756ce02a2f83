/**
 * Builds the addon for this machine, and the one that only tests ask for, into `native/build/Release`. All that it takes is a
 * C++ compiler; CXX, CXXFLAGS and LDFLAGS mean what they mean to make. What has not changed is not built again.
 *
 * Where the Node that runs brings its headers, the library for its fast calls is built, too. Without it calls go by Node-API, so
 * whatever keeps it from being built is no failure.
 *
 * With `--optional`, as at `npm ci`, a compiler that is missing or fails ends in a line that says so and in exit code 0, since
 * exprjit runs without the addon. What was built of other sources is taken away in any case.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  addonHeaders,
  addons,
  compilerFlags,
  fastCalls,
  includeFolders,
  sourceFolder,
} from '../native/recipe.mjs';

const { platform, arch, env, execPath, version, versions } = process;
const root = fileURLToPath(new URL('..', import.meta.url));
const buildFolder = join(root, 'native', 'build');

const forDarwin = platform === 'darwin' ? ['-mmacosx-version-min=11.0'] : [];
const compileFlags = [...compilerFlags, '-fPIC', '-pthread', ...forDarwin, ...words(env.CXXFLAGS)];
const includeFlags = [sourceFolder, ...includeFolders].map((folder) => `-I${folder}`);
const linkFlags = [
  ...(platform === 'darwin' ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared', '-pthread']),
  ...(platform === 'linux' ? ['-Wl,-z,nodelete'] : []),
  ...forDarwin,
  ...words(env.LDFLAGS),
];
const libraries = platform === 'linux' ? ['-lrt'] : [];

function words(text = '') {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** The compiler's command and what it says of itself; undefined if there is none. */
function findCompiler() {
  const named = words(env.CXX);
  for (const command of named.length > 0 ? [named] : [['c++'], ['g++'], ['clang++']]) {
    const { status, stdout } = spawnSync(command[0], [...command.slice(1), '--version'], {
      encoding: 'utf8',
    });
    if (status === 0) return { command, version: stdout.split('\n', 1)[0] };
  }
  return undefined;
}

/** Runs the compiler, whose words go where those of this script go, or nowhere. */
function run({ command: [file, ...args] }, more, words = 'inherit') {
  return new Promise((resolve) => {
    spawn(file, [...args, ...more], { stdio: ['ignore', words, words] })
      .on('error', () => resolve(false))
      .on('close', (status) => resolve(status === 0));
  });
}

function digest(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
}

/** Of all that sources may include, but for what comes with the compiler. */
function headersDigest() {
  const ofPackages = includeFolders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.h'))
      .map((name) => join(folder, name)),
  );
  return digest(...[...addonHeaders(), ...ofPackages].map((file) => readFileSync(file)));
}

/*
 * Beside each file that is built stands the key of what it was built of.
 */

function keyOf(file) {
  return existsSync(file) && existsSync(`${file}.key`) ? readFileSync(`${file}.key`, 'utf8') : '';
}

function remove(file) {
  for (const path of [`${file}.key`, file]) rmSync(path, { force: true });
}

/** Has the compiler make a file, which takes its place when it is whole: a process may run the old one meanwhile. */
async function make(compiler, file, key, args, words) {
  remove(file);
  const next = `${file}.${process.pid}`;
  if (!(await run(compiler, [...args, '-o', next], words))) return false;
  renameSync(next, file);
  writeFileSync(`${file}.key`, key);
  return true;
}

/** Compiles what has no object yet, as many sources at once as there are CPUs; gives those that failed. */
async function compile(compiler, objects) {
  const queue = objects.filter(({ object, key }) => keyOf(object) !== key);
  const failed = [];
  const worker = async () => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      const { source, object, key } = job;
      const args = [...compileFlags, ...includeFlags, '-c', source];
      if (!(await make(compiler, object, key, args))) failed.push(relative(root, source));
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return failed.sort();
}

/** Builds an addon unless there is that of these sources and headers; throws a line for people. Says whether it had anything to do. */
async function build({ name, sources }, headers, compiler) {
  const file = join(buildFolder, 'Release', `${name}.node`);
  const content = digest(
    headers,
    ...linkFlags,
    ...compileFlags,
    ...sources.map((source) => readFileSync(source)),
  );
  const maker = compiler === undefined ? '' : `${compiler.command.join(' ')} ${compiler.version}`;
  const key = `${content} ${maker}`;
  if (keyOf(file).startsWith(key)) return false;
  remove(file);
  if (compiler === undefined) throw new Error(noCompiler());
  const objects = sources.map((source) => ({
    source,
    object: join(buildFolder, 'objects', `${basename(source, '.cc')}.o`),
    key: digest(headers, maker, ...compileFlags, readFileSync(source)),
  }));
  const failed = await compile(compiler, objects);
  if (failed.length > 0) throw new Error(`${compiler.version} does not compile ${failed.join(', ')}`);
  const args = [...linkFlags, ...objects.map(({ object }) => object), ...libraries];
  if (!(await make(compiler, file, key, args)))
    throw new Error(`${compiler.version} does not link ${name}.node`);
  return true;
}

/** Builds the library for fast calls of the Node that runs, if that can be done. Says whether it had anything to do. */
async function buildFastCalls(compiler) {
  const file = join(buildFolder, 'Release', fastCalls.fileFor('exprjit', versions.modules));
  const nodeHeaders = join(dirname(execPath), '..', 'include', 'node');
  const args = [
    ...fastCalls.compilerFlags,
    ...words(env.CXXFLAGS),
    ...['-isystem', nodeHeaders, fastCalls.source],
    ...fastCalls.linkerFlags,
    ...words(env.LDFLAGS),
  ];
  const sources = [fastCalls.source, ...fastCalls.headers].map((path) => readFileSync(path));
  const key = digest(version, ...args, ...sources);
  if (keyOf(file) === key) return false;
  remove(file);
  if (platform !== 'linux' || compiler === undefined || !existsSync(join(nodeHeaders, 'v8.h'))) return false;
  mkdirSync(dirname(file), { recursive: true });
  return make(compiler, file, key, args, 'ignore');
}

function noCompiler() {
  const named = words(env.CXX)[0];
  if (named !== undefined) return `CXX names ${named}, which does not run`;
  const source = platform === 'darwin' ? 'xcode-select --install' : "Debian's package g++";
  return `no C++ compiler (g++ or clang++): ${source} brings one, for npm run build:native`;
}

/** What formulas run on without the addon of a checkout. */
function instead() {
  const prebuilds = `prebuilds/${platform}-${arch}`;
  return existsSync(join(root, prebuilds))
    ? `the addon in ${prebuilds} is used`
    : 'formulas run as WebAssembly';
}

async function main() {
  if (platform === 'win32')
    throw new Error('no addon is built on Windows (npm run prebuilds builds it on Linux)');
  for (const folder of ['Release', 'objects']) mkdirSync(join(buildFolder, folder), { recursive: true });
  const start = performance.now();
  const compiler = findCompiler();
  const headers = headersDigest();
  let built = false;
  for (const addon of addons()) built = (await build(addon, headers, compiler)) || built;
  built = (await buildFastCalls(compiler)) || built;
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  return built ? `addon built in ${seconds} s by ${compiler.version}` : 'addon is up to date';
}

try {
  console.log(`exprjit: ${await main()}`);
} catch (error) {
  console.error(`exprjit: ${error.message}; until then ${instead()} (npm start -- doctor)`);
  process.exitCode = process.argv.includes('--optional') ? 0 : 1;
}
