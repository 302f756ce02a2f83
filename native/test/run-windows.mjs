/**
 * Cross-compiles the C++ unit tests for Windows with mingw-w64 and runs them under wine. `npm run test:native:windows`.
 *
 * Installs both with apt where they are missing, which needs root and Debian or a child of it. Where wine
 * cannot run, the cross-compiled programs are kept in native/test/build and the exit code is that of the
 * compilation, since then only that was tested.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compilerFlags, isInstalled, outputFolder, run, sourceFolder, testFolder } from './toolchain.mjs';

const compiler = 'x86_64-w64-mingw32-g++-posix';
const programs = [
  { name: 'virt_mem_test', sources: ['virt_mem_win32.cc', 'virt_mem_probe.cc'] },
  {
    name: 'mapping_registry_test',
    sources: ['mapping_registry.cc', 'protection_key.cc', 'virt_mem_win32.cc', 'virt_mem_probe.cc'],
  },
  { name: 'system_test', sources: ['cpu.cc', 'stack_limit.cc'] },
];

function install(command, ...packages) {
  if (isInstalled(command)) return true;
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return (
    run('apt-get', ['update', '-q'], { env: environment }) &&
    run('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...packages], { env: environment }) &&
    isInstalled(command)
  );
}

function crossCompile({ name, sources }) {
  const inputs = [join(testFolder, `${name}.cc`), ...sources.map((source) => join(sourceFolder, source))];
  const output = join(outputFolder, `${name}.exe`);
  return run(compiler, [
    ...compilerFlags,
    '-O2',
    '-static',
    '-D_WIN32_WINNT=0x0A00',
    '-o',
    output,
    ...inputs,
  ]);
}

/** A wine prefix of its own, so that nothing of the user's is read or changed. */
function withWine(body) {
  const prefix = mkdtempSync(join(tmpdir(), 'exprjit-wine-'));
  const env = { ...process.env, WINEPREFIX: prefix, WINEDEBUG: '-all', DISPLAY: '' };
  try {
    const started = spawnSync('wine', ['cmd', '/c', 'exit'], { env, encoding: 'utf8', timeout: 180_000 });
    if (started.status !== 0) {
      console.log(`wine cannot run here (${started.error?.message ?? `exit code ${started.status}`}):`);
      console.log(started.stderr.trim());
      return true;
    }
    return body(env);
  } finally {
    spawnSync('wineserver', ['-k'], { env });
    rmSync(prefix, { recursive: true, force: true, maxRetries: 5 });
  }
}

function main() {
  if (!install(compiler, 'g++-mingw-w64-x86-64-posix')) {
    console.log(`${compiler} is missing and could not be installed`);
    return false;
  }
  if (!programs.every(crossCompile)) return false;
  if (!install('wine', 'wine', 'wine64')) {
    console.log('wine is missing and could not be installed: cross-compiled only');
    return true;
  }
  return withWine((env) =>
    programs.map(({ name }) => run('wine', [join(outputFolder, `${name}.exe`)], { env })).every(Boolean),
  );
}

process.exitCode = main() ? 0 : 1;
