/**
 * `npm test`: all tests in as many processes as there are CPUs, file by file; then those that measure time, which have the
 * machine to themselves. What is given besides goes to mocha. The last lines count all.
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));

/** They hold times against bounds. */
const timed = [
  'test/cli/process.test.ts',
  'test/cli/prompt-keys.test.ts',
  'test/cli/prompt.test.ts',
  'test/engine/busy.test.ts',
  'test/engine/time-bounds.test.ts',
];

/** The longest, begun first, so that no process is alone with one of them in the end. */
const long = [
  'test/differential/random-expressions.test.ts',
  'test/engine/memory.test.ts',
  'test/engine/prototypes.test.ts',
  'test/mem/jit-allocator-workload.test.ts',
  'test/mem/stack-exhaustion.test.ts',
  'test/soak/soak.test.ts',
];

/** Runs mocha, passes its words on, and gives its counts and whether it ended well. */
function mocha(args) {
  const color = process.stdout.isTTY ? ['--color'] : [];
  const child = spawn(
    process.execPath,
    ['node_modules/mocha/bin/mocha.js', ...color, ...args, ...process.argv.slice(2)],
    { cwd: root, stdio: ['inherit', 'pipe', 'inherit'] },
  );
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    process.stdout.write(text);
    output += text;
  });
  return new Promise((resolve) => {
    child.on('close', (status) => {
      const text = stripVTControlCharacters(output);
      const count = (what) => Number(new RegExp(`^ *(\\d+) ${what}\\b`, 'm').exec(text)?.[1] ?? 0);
      resolve({ passed: status === 0, counts: ['passing', 'pending', 'failing'].map((what) => count(what)) });
    });
  });
}

const all = readdirSync(join(root, 'test'), { recursive: true })
  .map((name) => `test/${name}`)
  .filter((name) => name.endsWith('.test.ts'))
  .sort();
for (const name of [...timed, ...long]) {
  if (!all.includes(name)) throw new Error(`test/run.mjs names ${name}, which is not there`);
}
const others = all.filter((name) => !timed.includes(name) && !long.includes(name));
const runs = [
  await mocha(['--parallel', '--jobs', String(availableParallelism()), ...long, ...others]),
  await mocha(timed),
];
for (const [index, what] of ['passing', 'pending', 'failing'].entries()) {
  const count = runs.reduce((sum, { counts }) => sum + counts[index], 0);
  if (count > 0) console.log(`  ${count} ${what} in all`);
}
process.exitCode = runs.every(({ passed }) => passed) ? 0 : 1;
