/** What the addon is made of, whichever compiler builds it: sources, headers, and what decides what the code means. */
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const sourceFolder = join(import.meta.dirname, 'src');

/** Node-API itself, and its C++ wrapper: packages, so that no headers of Node have to be there. */
export const includeFolders = [folderOf('node-api-headers', 'include'), folderOf('node-addon-api')];

/** Flags of g++ and clang++. */
export const compilerFlags = [
  '-std=c++17',
  '-O2',
  '-fvisibility=hidden',
  '-Wall',
  '-Wextra',
  '-DNAPI_VERSION=8',
  '-DNODE_ADDON_API_DISABLE_DEPRECATED',
  // An exception that cannot be thrown any more, because the worker is being terminated, is dropped; one of C++
  // (std::bad_alloc) becomes one of JavaScript.
  '-DNODE_ADDON_API_CPP_EXCEPTIONS_ALL',
  '-DNODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
];

/** Paths of the sources: all in `src`, but those whose names say that they are for another system. */
function addonSources(platform = process.platform) {
  const foreign = platform === 'win32' ? /_posix(_\w+)?\.cc$/ : /_win32(_\w+)?\.cc$/;
  return namesIn('.cc')
    .filter((name) => !foreign.test(name))
    .map((name) => join(sourceFolder, name));
}

const testSources = ['layouts.cc', 'fast_call_counter.cc'].map((name) =>
  join(import.meta.dirname, 'test', name),
);

/** The addons that there are, by name: that of the package, and one that only tests ask for. */
export function addons(platform = process.platform) {
  return [
    { name: 'exprjit', sources: addonSources(platform) },
    { name: 'exprjit_test', sources: testSources },
  ];
}

const fastCallFolder = join(import.meta.dirname, 'fast-calls');

/** The library for fast calls. It takes the headers of one version of Node, and is for that one. */
export const fastCalls = {
  source: join(fastCallFolder, 'fast_call_library.cc'),
  headers: [join(fastCallFolder, 'v8_fast_call.h'), join(sourceFolder, 'fast_call_door.h')],
  compilerFlags: [
    ...[
      '-std=c++20',
      '-O2',
      '-fPIC',
      '-fvisibility=hidden',
      '-fno-exceptions',
      '-fno-rtti',
      '-Wall',
      '-Wextra',
    ],
    `-I${sourceFolder}`,
  ],
  /** A function of V8 that is not there is an error of loading; what V8 was given of the library stays. */
  linkerFlags: ['-shared', '-Wl,-z,now', '-Wl,-z,nodelete'],
  /** Where it is looked for beside an addon; `abi` is `process.versions.modules`. */
  fileFor: (addonName, abi) => join('fast-calls', `${addonName}.abi${abi}.node`),
};

/** Paths of the headers that sources share. */
export function addonHeaders() {
  return namesIn('.h').map((name) => join(sourceFolder, name));
}

function namesIn(extension) {
  return readdirSync(sourceFolder)
    .filter((name) => name.endsWith(extension))
    .sort();
}

function folderOf(packageName, ...path) {
  return join(dirname(fileURLToPath(import.meta.resolve(`${packageName}/package.json`))), ...path);
}
