/**
 * Builds the addon with AddressSanitizer and UndefinedBehaviorSanitizer, and runs the tests of what uses it: mocha for
 * test/native, test/mem and test/engine, or for the files that are named. `npm run test:sanitize`; gcc on Linux.
 *
 * All of it happens in a copy of the checkout, in which the addon stands where the loader looks for it anyway.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const copy = mkdtempSync(join(tmpdir(), 'exprjit-sanitize-'));
const sanitize =
  '-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -g -O1';

function libraryOf(name) {
  return execFileSync('gcc', [`-print-file-name=${name}`], { encoding: 'utf8' }).trim();
}

function run(command, args, env = {}) {
  const { status, signal, error } = spawnSync(command, args, {
    cwd: copy,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  if (error !== undefined) throw error;
  return status === 0 && signal === null;
}

try {
  for (const name of [
    'package.json',
    'tsconfig.json',
    '.mocharc.json',
    'src',
    'test',
    'native/src',
    'native/fast-calls',
    'dist',
    'docs',
  ]) {
    cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  for (const file of [
    'native/recipe.mjs',
    'native/test/layouts.cc',
    'native/test/fast_call_counter.cc',
    'native/test/fast_call_counter.h',
    'scripts/build-native.mjs',
  ]) {
    cpSync(join(root, file), join(copy, file));
  }
  // Linked file by file, since a link to the folder would lead the loader out of the copy.
  execFileSync('cp', ['-al', join(root, 'node_modules'), join(copy, 'node_modules')]);
  const built = run('npm', ['run', '--silent', 'build:native'], { CXXFLAGS: sanitize, LDFLAGS: sanitize });
  const files = process.argv.slice(2);
  const tests =
    files.length > 0 ? files : ['native', 'mem', 'engine'].map((name) => `test/${name}/**/*.test.ts`);
  const passed =
    built &&
    run(process.execPath, ['node_modules/mocha/bin/mocha.js', '--timeout', '600000', ...tests], {
      LD_PRELOAD: `${libraryOf('libasan.so')} ${libraryOf('libubsan.so')}`,
      // Leaks cannot be told from what Node itself keeps to its end; memory without end is asked for on purpose.
      ASAN_OPTIONS: 'detect_leaks=0:allocator_may_return_null=1:detect_stack_use_after_return=0:exitcode=86',
      UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1',
    });
  process.exitCode = passed ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}
